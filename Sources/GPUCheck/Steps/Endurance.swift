// SPDX-License-Identifier: Apache-2.0

import Failures
import OpenCLCompute

extension StepRun {
    /// Proofs one after the other, of all circuits in turn: each must verify, and the device's memory come
    /// back.
    func endurance() throws {
        guard let path = options.fixtures,
            case let folders = try CircuitFolder(path, isQuick: isQuick).folders,
            !folders.isEmpty
        else {
            section.omitted.append("proofs in a row: no circuits were given")
            return
        }
        let queue = try openQueue()
        let atStart = queue.allocatedBytes
        var atFirst = 0
        var atEnd = 0
        check("\(options.proofs) proofs in a row verify") {
            let circuits = try folders.map { try CircuitFolder.load($0, queue) }
            // What stays on the device is there after the first of each.
            for circuit in circuits { _ = try circuit.prove() }
            atFirst = queue.allocatedBytes
            let (made, seconds) = try timed { try prove(circuits) }
            atEnd = queue.allocatedBytes
            figure("proofs that verified", Double(made), "proofs")
            figure("rate", Double(made) / max(seconds, 1e-9), "proofs/s")
            return []
        }
        queue.run { $0.evictAll() }
        figure("memory at the start", Double(atStart), "bytes")
        figure("memory after one proof of each", Double(atFirst), "bytes")
        figure("memory after all proofs", Double(atEnd), "bytes")
        figure("memory after all was let go", Double(queue.allocatedBytes), "bytes")
        check("the device's memory comes back") {
            var failures: [String] = []
            if atEnd != atFirst { failures.append("\(atEnd - atFirst) bytes more after the last proof") }
            if queue.allocatedBytes != atStart {
                failures.append("\(queue.allocatedBytes - atStart) bytes remain")
            }
            return failures
        }
    }

    /// - Returns: how many verified, all that there was time for.
    /// - Throws: the first that did not.
    private func prove(_ circuits: [any Circuit]) throws -> Int {
        var made = 0
        while made < options.proofs {
            guard elapsed < options.budget else {
                section.omitted.append("\(options.proofs - made) of \(options.proofs) proofs")
                break
            }
            do { _ = try circuits[made % circuits.count].prove() } catch {
                throw EnduranceError(proof: made + 1, circuit: circuits[made % circuits.count].name, error)
            }
            made += 1
        }
        return made
    }
}

private struct EnduranceError: CodedError {
    let message: String
    var code: FailureCode { .internal }

    init(proof: Int, circuit: String, _ error: any Error) {
        message = "proof \(proof), \(circuit): \(error)"
    }
}
