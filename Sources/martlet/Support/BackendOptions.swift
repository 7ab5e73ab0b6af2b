// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Failures
import OpenCLCompute
public import ProvingEngine

extension BackendChoice: ExpressibleByArgument {}

/// Which OpenCL devices a command uses, and how.
struct DeviceArguments: ParsableArguments {
    @Option(help: "What computes.")
    var backend = BackendChoice.auto

    @Option(
        name: .customLong("device"), parsing: .singleValue,
        help: ArgumentHelp(
            "An OpenCL device, by its number in `martlet devices`; may be repeated (default: all that are not CPUs).",
            valueName: "n"))
    var indices: [Int] = []

    @Option(
        help: ArgumentHelp(
            "How much of its memory each device may use, such as 20G (default: nine tenths).",
            valueName: "size"))
    var deviceMemory: ByteSize?

    @Flag(
        help:
            "Keep precomputed multiples of keys' points on devices as far as memory allows: worth it for hundreds of proofs."
    )
    var deviceMultiples = false

    @Option(
        help: ArgumentHelp(
            "Divides each device into parts that serve as devices, if its driver can (default: 1).",
            valueName: "n"))
    var deviceParts: Int?

    @Flag(help: "All devices share each proof's sums by ranges of points, instead of making one proof each.")
    var split = false

    func validate() throws {
        if [.cpu, .cpuPortable].contains(backend), let given = given.first {
            throw ValidationError("\(given) goes with --backend opencl and auto only.")
        }
        guard (1...1024).contains(deviceParts ?? 1) else {
            throw ValidationError("--device-parts must be from 1 to 1024.")
        }
        if let deviceMemory, deviceMemory.bytes < 64 << 20 {
            throw ValidationError("--device-memory must be at least 64M.")
        }
    }

    /// The options that were given and say something of devices.
    var given: [String] {
        let all = [
            ("--device", !indices.isEmpty), ("--device-memory", deviceMemory != nil),
            ("--device-multiples", deviceMultiples), ("--device-parts", deviceParts != nil),
            ("--split", split),
        ]
        return all.filter(\.1).map(\.0)
    }

    private var settings: DeviceSettings {
        DeviceSettings(
            indices: indices.isEmpty ? nil : indices, parts: deviceParts ?? 1, isSplit: split,
            options: DeviceOptions(memoryBudget: deviceMemory?.bytes, keepsMultiples: deviceMultiples))
    }

    /// The same options as arguments for another process.
    var arguments: [String] {
        var result = ["--backend", backend.rawValue]
        if let deviceParts { result += ["--device-parts", "\(deviceParts)"] }
        for index in indices { result += ["--device", "\(index)"] }
        if let deviceMemory { result += ["--device-memory", "\(deviceMemory.bytes)"] }
        if deviceMultiples { result.append("--device-multiples") }
        if split { result.append("--split") }
        return result
    }

    /// - Throws: `JobFailure` for values that cannot be used.
    func makeEngine(
        threads: Int, onIncident: @escaping @Sendable (DeviceIncident) -> Void
    ) throws -> ProvingEngine {
        try ProvingEngine(backend: backend, threads: threads, devices: settings, onIncident: onIncident)
    }
}

/// The options of commands that make one proof.
struct BackendOptions: ParsableArguments {
    @OptionGroup var devices: DeviceArguments

    @OptionGroup var threads: ThreadOption

    /// The options that were given: all of them say how this machine computes.
    var given: [String] {
        (devices.backend == .auto ? [] : ["--backend"]) + devices.given
            + (threads.count == 0 ? [] : ["--threads"])
    }

    /// - Throws: `JobFailure` for values that cannot be used.
    func makeEngine() throws -> ProvingEngine {
        try devices.makeEngine(threads: threads.count) { incident in
            Console.endProgress()
            Console.error("martlet: \(incident)")
        }
    }
}
