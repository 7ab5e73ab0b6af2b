import Foundation
import OpenCLCompute
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
