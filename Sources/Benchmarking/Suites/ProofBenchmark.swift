// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import Failures
import Outcomes
import ProvingEngine

/// Proofs made of files: as a command makes them, and as a worker does that has the key in memory.
enum ProofBenchmark {
    static func run(_ session: BenchmarkSession) throws(BenchmarkError) {
        guard let files = session.plan.files else {
            throw .option("the suite 'prove' needs a proving key and a witness")
        }
        for backend in session.backends {
            let engine: ProvingEngine
            let key: LoadedKey
            do throws(JobFailure) {
                engine = try ProvingEngine(
                    backend: backend.provingChoice, threads: session.plan.threads,
                    devices: backend.provingDevices)
                key = try engine.loadKey(path: files.zkey, multiples: session.plan.keyMultiples)
            } catch {
                throw .failure(error)
            }
            guard session.plan.curves.contains(.suite(key.curve)) else {
                throw .option(
                    "\(files.zkey): the key is for \(key.curve.rawValue), which is not among the curves that were asked for"
                )
            }
            for loads in [true, false] {
                let workload = workload(files, key, engine, loads: loads, device: backend.deviceName)
                try session.measure(workload, .prove, .suite(key.curve), backend)
            }
        }
    }

    private static func workload(
        _ files: BenchmarkPlan.ProofFiles, _ key: LoadedKey, _ engine: ProvingEngine, loads: Bool,
        device: String?
    ) -> Workload {
        let last = LastProof()
        return Workload(
            work: loads ? "groth16-\(files.circuit)" : "groth16-\(files.circuit)-loaded-key",
            logSize: key.domainSize.trailingZeroBitCount, inputBytes: key.fileSize,
            prepare: { last.output = nil },
            run: { () throws(BenchmarkError) in
                do throws(JobFailure) {
                    let key = loads ? try engine.loadKey(path: files.zkey) : key
                    last.output = try engine.prove(key: key, witnessPath: files.witness)
                } catch {
                    throw .failure(error)
                }
            },
            isRight: { () throws(BenchmarkError) in
                guard let output = last.output else { return false }
                // What a device failed at the CPU has done: no figure of the device.
                if let device, output.facts.backend != device { return false }
                do throws(JobFailure) {
                    return try engine.verify(
                        key: key, proofJSON: output.proofJSON, publicJSON: output.publicJSON)
                } catch {
                    throw .failure(error)
                }
            })
    }

    private final class LastProof {
        var output: ProofOutput?
    }
}
