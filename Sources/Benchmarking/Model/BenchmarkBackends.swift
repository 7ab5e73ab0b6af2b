// SPDX-License-Identifier: Apache-2.0

import Compute
import OpenCLCompute

/// The backends there are.
package enum BenchmarkBackends {
    /// All that this program knows, the fastest CPU path first, and the OpenCL devices that are there.
    package static let all: [any BenchmarkBackend] =
        CPUPath.allCases.reversed().map { CPUBenchmarkBackend($0) } + devices

    private static let devices = ((try? Device.all()) ?? []).map { OpenCLBenchmarkBackend($0) }

    /// Those that this machine can run, without what is for tests: the emulation, and CPUs through OpenCL.
    package static var supported: [any BenchmarkBackend] {
        all.filter { backend in
            backend.isSupported && backend.name != CPUBenchmarkBackend(.ifmaEmulated).name
                && (backend as? OpenCLBenchmarkBackend)?.device.isCPU != true
        }
    }

    /// What computes a proof on the CPU: the path that `MARTLET_CPU` names, or the fastest one.
    private static var cpu: (any BenchmarkBackend)? {
        if let wished = (try? CPUPath.wished()) ?? nil { return CPUBenchmarkBackend(wished) }
        return supported.first { $0.deviceName == nil }
    }

    /// The backends with the given names, in that order, each once; "cpu" is what a proof takes, "opencl" are
    /// all devices.
    ///
    /// - Throws: `.option` for a name that is unknown or that this machine cannot run.
    package static func named(_ names: [String]) throws(BenchmarkError) -> [any BenchmarkBackend] {
        let names = names.flatMap { name in
            switch name {
            case "cpu": [cpu?.name ?? name]
            case "opencl" where !devices.isEmpty: devices.map(\.name)
            default: [name]
            }
        }
        var chosen: [any BenchmarkBackend] = []
        for name in names where !chosen.contains(where: { $0.name == name }) {
            guard let backend = all.first(where: { $0.name == name }) else {
                throw .option(
                    "'\(name)' is not one of cpu, \(all.map(\.name).joined(separator: ", "))\(devices.isEmpty ? "; there is no OpenCL device" : "")"
                )
            }
            guard backend.isSupported else {
                throw .option("this machine cannot run '\(name)'")
            }
            chosen.append(backend)
        }
        return chosen
    }
}
