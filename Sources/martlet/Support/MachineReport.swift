// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Compute
import Coordination
import CoordinationPostgres
import Failures
import Foundation
import Foundations
import OpenCLCompute

/// What this machine has for Martlet, and what could be added to it: `martlet doctor`.
///
/// Nothing is tested, made or changed for it. Its JSON is described in docs/commands.md.
struct MachineReport: Encodable {
    /// The processor and the kernels in use.
    struct Processor: Encodable {
        var name: String
        /// The path in use, by its name for `MARTLET_CPU`.
        var kernels: String
        /// What that path is.
        var description: String
        /// Why it is this one.
        var reason: String
        /// All paths that this machine can run, by their names.
        var supported: [String]
    }

    /// OpenCL's loader and what it lists.
    struct OpenCL: Encodable {
        var isLoaded: Bool
        /// Why it is not.
        var reason: String?
        var devices: [ListedDevice]
        /// Whether there are devices and all of them are CPUs, as PoCL's are: `--backend auto` leaves those
        /// alone.
        var hasOnlyCPUs: Bool
    }

    /// A device as its driver tells of it; the names are those of `martlet devices --json`.
    struct ListedDevice: Encodable {
        var index: Int
        var name: String
        var platform: String
        var driverVersion: String
        var kind: Device.Kind
        var computeUnits: Int
        /// Bytes.
        var globalMemory: Int
        /// Why Martlet cannot use it, if so.
        var reason: String?
    }

    /// A library that is loaded where it is asked for.
    struct Library: Encodable {
        var isLoaded: Bool
        var reason: String?
    }

    /// Where compiled programs and measured profiles are kept.
    struct Cache: Encodable {
        /// Left out where the environment leaves none.
        var folder: String?
        /// Whether it can be written, or made where it is not there yet.
        var isWritable: Bool
        var reason: String?
    }

    /// Something to do.
    struct Advice: Encodable {
        /// The member that it is about.
        var about: String
        var text: String
    }

    var version = MartletVersion.current
    var platform = MartletVersion.platform
    var system: String
    var processor: Processor
    /// The processors that this process may use: as many threads compute unless told otherwise.
    var threads: Int
    /// Bytes of the machine's memory.
    var memory: UInt64
    var opencl: OpenCL
    var libpq: Library
    var cache: Cache
    /// What is missing and how to get it, or is set other than it should be.
    var advice: [Advice]

    /// Looks at this machine.
    init() {
        let facts = MachineFacts.current
        let (processor, wrong) = Self.processor(facts.processor)
        let (opencl, libpq, cache) = (Self.openCL(), Self.libPQ(), Self.cacheFolder())
        system = facts.system
        threads = facts.cores
        memory = facts.memoryBytes
        self.processor = processor
        self.opencl = opencl
        self.libpq = libpq
        self.cache = cache
        advice = []
        if let text = wrong { advise("processor", text) }
        for text in Self.advice(opencl) { advise("opencl", text) }
        if !libpq.isLoaded {
            advise("libpq", "apt install libpq5, if a coordinator is to keep its jobs in PostgreSQL")
        }
        if !cache.isWritable {
            advise(
                "cache",
                "name a folder that can be written in MARTLET_CACHE: without one, programs for devices are "
                    + "compiled, and devices measured, at each start")
        }
    }

    private mutating func advise(_ about: String, _ text: String) {
        advice.append(Advice(about: about, text: text))
    }

    // MARK: The processor

    /// - Returns: the facts, and what to do where `MARTLET_CPU` should be set otherwise.
    private static func processor(_ name: String) -> (Processor, wrong: String?) {
        let supported = CPUPath.allCases.filter(\.isSupported)
        let used = CPUPath.current
        let (reason, wrong) = choice(of: used, among: supported)
        let processor = Processor(
            name: name, kernels: used.rawValue, description: description(of: used), reason: reason,
            supported: supported.map(\.rawValue))
        return (processor, wrong)
    }

    private static func choice(
        of used: CPUPath, among supported: [CPUPath]
    ) -> (reason: String, wrong: String?) {
        do throws(CPUWishError) {
            guard let wish = try CPUPath.wished() else { return ("the best that this processor has", nil) }
            let asked = ProcessInfo.processInfo.environment["MARTLET_CPU"] ?? wish.rawValue
            let reason =
                asked == wish.rawValue
                ? "MARTLET_CPU asks for it"
                : "MARTLET_CPU asks for \(asked), which this processor lacks: its emulation"
            // The paths are in the order of their speed; the emulation is for tests.
            let best = supported.last { $0 != .ifmaEmulated } ?? .portable
            guard used != best else { return (reason, nil) }
            return (
                reason, "unset MARTLET_CPU but for tests: this processor has \(best.rawValue), the faster one"
            )
        } catch {
            let names = supported.map(\.rawValue).joined(separator: ", ")
            return (
                "\(error.message); other commands refuse to begin",
                "unset MARTLET_CPU, or name one of \(names)"
            )
        }
    }

    private static func description(of path: CPUPath) -> String {
        switch path {
        case .portable: "portable C, without lanes"
        case .adx: "mulx, adcx and adox, without lanes"
        case .avx2: "mulx, adcx and adox, with lanes on AVX2 and FMA"
        case .ifma: "mulx, adcx and adox, with lanes on AVX-512 IFMA"
        case .ifmaEmulated: "the lanes of ifma in portable C, for tests"
        }
    }

    // MARK: Devices

    private static func openCL() -> OpenCL {
        do throws(OpenCLError) {
            let devices = try Device.all()
            return OpenCL(
                isLoaded: true, reason: nil,
                devices: devices.map { device in
                    ListedDevice(
                        index: device.index, name: device.name, platform: device.platform,
                        driverVersion: device.driverVersion, kind: device.kind,
                        computeUnits: device.computeUnits, globalMemory: device.globalMemory,
                        reason: device.obstacle)
                }, hasOnlyCPUs: !devices.isEmpty && devices.allSatisfy(\.isCPU))
        } catch {
            return OpenCL(isLoaded: false, reason: error.message, devices: [], hasOnlyCPUs: false)
        }
    }

    /// How to get the drivers of GPUs, in Debian's packages.
    private static let drivers =
        "apt install nvidia-opencl-icd (NVIDIA), intel-opencl-icd (Intel) or mesa-opencl-icd (AMD); docs/gpu.md"

    private static func advice(_ opencl: OpenCL) -> [String] {
        guard opencl.isLoaded else {
            if let named = ProcessInfo.processInfo.environment["MARTLET_OPENCL"], !named.isEmpty {
                return ["unset MARTLET_OPENCL, or name a loader in it: \(named) cannot be loaded"]
            }
            return ["to prove on a GPU, apt install ocl-icd-libopencl1 and its driver: \(drivers)"]
        }
        var advice: [String] = []
        if opencl.devices.isEmpty {
            advice.append("to prove on a GPU, in a container with its device files, \(drivers)")
        } else if opencl.hasOnlyCPUs {
            advice.append(
                "CPUs as devices are for tests, and --backend auto leaves them alone; for a GPU, \(drivers)")
        }
        for device in opencl.devices {
            guard let reason = device.reason else { continue }
            advice.append("device \(device.index) cannot be used: \(reason)")
        }
        return advice
    }

    // MARK: Libraries and folders

    private static func libPQ() -> Library {
        do throws(StoreError) {
            try PostgresDatabase.requireLibrary()
            return Library(isLoaded: true)
        } catch {
            return Library(isLoaded: false, reason: error.message)
        }
    }

    private static func cacheFolder() -> Cache {
        guard let folder = CacheFolder.standard?.absoluteURL.path else {
            return Cache(
                isWritable: false, reason: "neither MARTLET_CACHE nor XDG_CACHE_HOME nor HOME names one")
        }
        let reason = obstacle(to: folder)
        return Cache(folder: folder, isWritable: reason == nil, reason: reason)
    }

    /// Why nothing can be written in a folder, or in the nearest one above it that is there, where it would
    /// be made; `nil` where it can. Nothing is written to find out.
    private static func obstacle(to folder: String) -> String? {
        var path = folder
        // The slash asks for a directory.
        while access(path + "/", W_OK | X_OK) != 0 {
            let code = errno
            guard code == ENOENT, path != "/" else { return "\(path): \(SystemReason.text(code))" }
            path = URL(filePath: path).deletingLastPathComponent().path
        }
        return nil
    }
}
