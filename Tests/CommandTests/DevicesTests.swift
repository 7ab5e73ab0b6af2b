// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenCLCompute
import ProvingEngine
import SystemTestSupport
import TestSupport
import Testing

/// Whether there is a device to compute on.
enum OpenCLDevices {
    static let arePresent = ((try? Device.all()) ?? []).contains { $0.obstacle == nil }
}

/// `devices`, and what commands do without OpenCL.
@Suite struct DevicesTests {
    @Test(.enabled(if: OpenCLDevices.arePresent, "no OpenCL device here"))
    func devicesAreListedAndTested() throws {
        let table = try MartletCommand.run(["devices", "--no-score"], limit: 600)
        #expect(table.status == 0, "\(table.output)\(table.errors)")
        #expect(table.errors == "", "a piped run is quiet")
        let json = try MartletCommand.run(["devices", "--no-score", "--json"], limit: 600)
        let reports = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(try reports.count == Device.all().count)
        for report in reports {
            #expect(report["passes"] as? Bool == true)
            let name = try #require(report["name"] as? String)
            #expect(table.output.contains(name))
            for fact in ["globalMemory", "maxAllocation", "localMemory", "computeUnits", "maxWorkGroup"] {
                #expect(try #require(report[fact] as? Int) > 0)
            }
        }
    }

    @Test(.enabled(if: OpenCLDevices.arePresent, "no OpenCL device here"))
    func thePlanIsExplained() throws {
        let folder = try TemporaryFolder()
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let outcome = try MartletCommand.run([
            "prove", "--zkey", circuit.appending(path: "circuit_final.zkey").path, "--witness",
            circuit.appending(path: "witness.wtns").path, "--proof", folder.path("proof.json"), "--public",
            folder.path("public.json"), "--backend", "opencl", "--explain",
        ])
        #expect(outcome.status == 0 && outcome.output == "")
        for part in ["windows", "buckets", "transforms", "sum of H", "may compute: opencl:0"] {
            #expect(outcome.errors.contains(part), "\(part): \(outcome.errors)")
        }
    }

    /// `auto` measures once, keeps that, and follows what is kept, whatever is faster here just now.
    ///
    /// In processes of their own: the kernels that the processor's side runs on are part of a profile's name,
    /// and other tests change them in this one.
    @Test(
        .enabled(if: OpenCLDevices.arePresent, "no OpenCL device here"),
        .enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES names no folder"))
    func autoChoosesBySpeed() throws {
        let folder = try TemporaryFolder()
        let cache = folder.url.appending(path: "cache")
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        // The programs may as well come from where other tests left them.
        if let programs = CacheFolder.standard?.appending(path: "opencl") {
            try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                at: cache.appending(path: "opencl"), withDestinationURL: programs)
        }
        let circuit = try #require(Fixtures.directory).appending(path: "groth16-bn128-poseidon30")
        func backend() throws -> String {
            struct Report: Decodable { var backend: String }
            let outcome = try MartletCommand.run(
                [
                    "prove", "--json", "--backend", "auto", "--device", "0", "--threads", "1",
                    "--zkey", circuit.appending(path: "circuit_final.zkey").path,
                    "--witness", circuit.appending(path: "witness.wtns").path,
                    "--proof", folder.path("proof.json"), "--public", folder.path("public.json"),
                ], environment: ["MARTLET_CACHE": cache.path], limit: 600)
            try #require(outcome.status == 0, "\(outcome.errors)")
            return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)).backend
        }
        func expected(by file: URL) throws -> String {
            let profile = try JSONDecoder().decode(DeviceProfile.self, from: Data(contentsOf: file))
            // The circuit's domain.
            return profile.prefersDevice(count: 1 << 13) ? "opencl:0" : "cpu"
        }
        let first = try backend()
        let profiles = cache.appending(path: "profiles")
        let names = try FileManager.default.contentsOfDirectory(atPath: profiles.path)
        #expect(names.count == 1)
        let file = profiles.appending(path: try #require(names.first))
        #expect(try first.hasPrefix(expected(by: file)), "\(first)")

        for (device, cpu, wanted) in [(1.0, 2.0, "opencl:0"), (2, 1, "cpu")] {
            let profile = DeviceProfile(measurements: [.init(logSize: 13, device: device, cpu: cpu)])
            try JSONEncoder().encode(profile).write(to: file)
            #expect(try expected(by: file) == wanted)
            let used = try backend()
            #expect(used.hasPrefix(wanted), "\(used)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: profiles.path) == names)
        }
    }

    /// Without the library `auto` proves on the CPU, and `opencl` says what is missing.
    @Test func aMachineWithoutOpenCL() throws {
        let folder = try TemporaryFolder()
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        func prove(_ backend: String) throws -> MartletCommand.Outcome {
            try MartletCommand.run(
                [
                    "prove", "--zkey", circuit.appending(path: "circuit_final.zkey").path, "--witness",
                    circuit.appending(path: "witness.wtns").path, "--proof", folder.path("proof.json"),
                    "--public", folder.path("public.json"), "--backend", backend,
                ], environment: ["MARTLET_OPENCL": "/no/such/library.so"])
        }
        #expect(try prove("auto").status == 0)
        let refused = try prove("opencl")
        #expect(refused.status == 3)
        #expect(refused.errors.contains("/no/such/library.so"), "\(refused.errors)")
        let devices = try MartletCommand.run(
            ["devices"], environment: ["MARTLET_OPENCL": "/no/such/library.so"])
        #expect(devices.status == 3)
    }
}
