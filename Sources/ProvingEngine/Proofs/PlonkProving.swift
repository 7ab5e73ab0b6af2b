// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import Digests
package import Failures
import FiniteFields
package import Foundation
import Foundations
import Outcomes
package import Plonk
import SnarkFormats

/// PLONK proofs with snarkjs' keys, from files, on the CPU: what `martlet prove` does with such a key.
package enum PlonkProving {
    /// Whether a file is a zkey of plonk; what is none, or damaged, is for the other reader.
    package static func takes(_ path: String) -> Bool {
        guard let file = try? MappedFile(path: path), FileKind.evident(file) == .provingKey else {
            return false
        }
        return (try? ZKeyFile(file))?.header.proofSystem == .plonk
    }

    /// Makes a proof and verifies it.
    ///
    /// - Parameters:
    ///   - path: the key.
    ///   - witness: a file, `-` for standard input, or a pipe.
    ///   - observe: called with each phase as it begins.
    /// - Throws: `.badInput` for files that are wrong or of different circuits, `.unsatisfied` for a witness
    ///   that violates a gate.
    package static func prove(
        zkey path: String, witness: String, threads: Int, observe: (PlonkPhase) -> Void
    ) throws(JobFailure) -> ProofOutput {
        do {
            let stopwatch = Stopwatch()
            stopwatch.begin(JobPhase.key.rawValue)
            let zkey = try ZKeyFile(MappedFile(path: path))
            return try withSuite(zkey.header.curve) { suite in
                try prove(suite, zkey, witness, Parallel(threads: threads), stopwatch, observe)
            }
        } catch let error as FormatError {
            throw JobFailure(error)
        } catch let error as PlonkError {
            throw JobFailure(code: error.code, message: "\(error.isOfKey ? path : witness): \(error.message)")
        } catch {
            throw error as? JobFailure ?? JobFailure(code: .internal, message: "\(error)")
        }
    }

    private static func prove<Suite: ComputeSuite>(
        _ suite: Suite.Type, _ zkey: ZKeyFile, _ witnessPath: String, _ parallel: Parallel,
        _ stopwatch: Stopwatch, _ observe: (PlonkPhase) -> Void
    ) throws -> ProofOutput {
        let key = try PlonkZKey.load(zkey, of: suite, threads: parallel.threads)
        let verifier = PlonkVerifier(key.verifyingKey)
        stopwatch.begin(JobPhase.witness.rawValue)
        let limit = 4096 + Suite.Fr.byteCount * key.witnessCount
        let file = try MappedFile(input: witnessPath, limit: limit, access: .onDemand)
        let witness = try WitnessFile(file).values(of: suite, variableCount: key.witnessCount)
        let backend = CPUBackend<Suite>(parallel: parallel)
        var generator = SystemRandomNumberGenerator()
        let proof = try PlonkProver<Suite>(backend: backend, parallel: parallel).prove(
            key: key, verifier: verifier, witness: witness, using: &generator
        ) { phase in
            stopwatch.begin(phase.rawValue)
            observe(phase)
        }
        let publics = (1..<key.publicCount + 1).compactMap { Suite.Fr(canonical: witness[$0]) }
        var output = ProofOutput(
            proofJSON: Data(proof.json.utf8), publicJSON: Data(PublicInputsJSON.text(publics).utf8),
            facts: ProofFacts())
        output.facts.system = ProofSystem.plonk.name
        output.facts.curve = Suite.id.rawValue
        output.facts.circuit = .init(
            variables: key.variableCount, publics: key.publicCount, domainSize: key.verifyingKey.domainSize,
            zkeyBytes: Int64(zkey.file.count))
        output.facts.backend = backend.name
        output.facts.timings = stopwatch.finish()
        output.facts.digests = .init(
            proof: SHA256Digest.hex(of: output.proofJSON), public: SHA256Digest.hex(of: output.publicJSON))
        output.facts.martlet = MartletVersion.current
        output.facts.platform = MartletVersion.platform
        return output
    }

    /// The bytes of `verification_key.json` for the key in a file.
    ///
    /// - Throws: `.badInput` with file, place and reason.
    package static func verificationKeyJSON(zkey path: String) throws(JobFailure) -> Data {
        func json<Suite: ComputeSuite>(_ suite: Suite.Type, _ zkey: ZKeyFile) throws(FormatError) -> Data {
            Data(try PlonkZKey.verifyingKey(of: zkey, suite).json.utf8)
        }
        do throws(FormatError) {
            let zkey = try ZKeyFile(MappedFile(path: path))
            return try withSuite(zkey.header.curve) { (suite) throws(FormatError) in try json(suite, zkey) }
        } catch {
            throw JobFailure(error)
        }
    }
}

extension PlonkError {
    /// Whether the key's file is to blame, and not the witness.
    fileprivate var isOfKey: Bool {
        switch self {
        case .doesNotVerify, .otherKey, .compute: true
        case .witnessLength, .firstWireNotOne, .gate: false
        }
    }
}
