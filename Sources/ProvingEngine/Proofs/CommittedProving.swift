// SPDX-License-Identifier: Apache-2.0

package import Compute
import ConstraintSystems
import Curves
package import Failures
import FiniteFields
package import Foundation
package import Groth16
import SnarkFormats
package import TrustedSetup

/// Proofs with zkeys of circuits with commitments: what `martlet prove` does with such a key. On the CPU.
package enum CommittedProving {
    /// Whether a file is a zkey with commitments.
    package static func isKey(_ path: String) -> Bool {
        guard let file = try? MappedFile(path: path, access: .onDemand) else { return false }
        return (try? ZKeyFile(file))?.header.proofSystem == .committedGroth16
    }

    /// Makes a proof and verifies it.
    ///
    /// - Parameters:
    ///   - zkey: the key.
    ///   - witness: a wtns file with the values of all wires; its challenges must be those of this key.
    ///   - circuit: the r1cs, with which the key is compared, and of which a violated constraint is named.
    /// - Returns: `proof.json` and `public.json`, and what the key gives away.
    /// - Throws: `.badInput` for files that are not what they should be or do not belong together,
    ///   `.unsatisfied` for wires that do not satisfy the constraints.
    package static func prove(
        zkey: String, witness: String, circuit: String?, threads: Int
    ) throws(JobFailure) -> (proof: Data, publicInputs: Data, openSecret: OpenSecret?) {
        let parallel = Parallel(threads: threads)
        do {
            let key = try CommittedZKey.load(ZKeyFile(MappedFile(path: zkey)), threads: threads)
            return try prove(key, zkey, witness, circuit, parallel)
        } catch let error as FormatError {
            throw JobFailure(error)
        } catch let error as ProvingError {
            throw JobFailure(error, about: witness)
        } catch {
            throw error as? JobFailure ?? JobFailure(code: .internal, message: "\(error)")
        }
    }

    /// The verification key of a zkey with commitments in JSON, and what it gives away.
    ///
    /// - Throws: `.badInput` for a file that is none.
    package static func verificationKey(
        zkey: String
    ) throws(JobFailure) -> (json: Data, openSecret: OpenSecret?) {
        func result<Key: Groth16VerifyingKeyOnCurve>(
            _ key: Key, _ file: ZKeyFile
        ) throws(FormatError) -> (json: Data, openSecret: OpenSecret?) {
            var secret = key.verifyingKey.openSecret
            if secret == nil, try CommittedZKey.isOfBeaconsAlone(file) { secret = .onlyBeacons }
            return (Data(key.verifyingKey.json.utf8), secret)
        }
        do throws(FormatError) {
            let file = try ZKeyFile(MappedFile(path: zkey))
            return try result(CommittedZKey.verifyingKey(of: file), file)
        } catch {
            throw JobFailure(error)
        }
    }

    /// What a key or its history gives away.
    package static func openSecret<Suite: ComputeSuite>(of key: CommittedKey<Suite>) -> OpenSecret? {
        let history = key.transcript.contributions
        let isOfBeaconsAlone = !history.isEmpty && history.allSatisfy { $0.delta.kind == 1 }
        return key.verifyingKey.openSecret ?? (isOfBeaconsAlone ? .onlyBeacons : nil)
    }

    private static func prove<Key: CommittedKeyOnCurve>(
        _ read: Key, _ zkey: String, _ path: String, _ circuit: String?, _ parallel: Parallel
    ) throws -> (proof: Data, publicInputs: Data, openSecret: OpenSecret?) {
        typealias Suite = Key.Suite
        let key = read.committed
        let system = try circuit.map { try self.system($0, of: key, zkey, parallel) }
        // Read as it is needed: witnesses are not mapped.
        let witness = try WitnessFile(MappedFile(path: path, access: .onDemand))
            .values(of: Suite.self, variableCount: key.provingKey.variableCount)
        if let system, let violated = witness.withSpan({ system.firstViolated(by: $0) }) {
            throw JobFailure(
                code: .unsatisfied,
                message: "\(path): the wires violate constraint \(violated) of \(circuit ?? "")")
        }
        let prover = CommittedProver(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel)
        var generator = SystemRandomNumberGenerator()
        let proof = try prover.prove(
            key: key.provingKey, verifier: CommittedVerifier(key.verifyingKey), witness: witness,
            using: &generator)
        let publics = (1..<key.provingKey.publicCount + 1).map {
            Suite.Fr(canonical: witness[$0]) ?? .zero
        }
        return (
            Data(Groth16Proof<Suite>.committed(proof).json.utf8),
            Data(PublicInputsJSON.text(publics).utf8), openSecret(of: key)
        )
    }

    /// The circuit of an r1cs, which must be the key's: its sizes, its matrices A and B, and its lists of
    /// wires.
    private static func system<Suite: ComputeSuite>(
        _ path: String, of key: CommittedKey<Suite>, _ zkey: String, _ parallel: Parallel
    ) throws -> R1CS<Suite.Fr> {
        func notTheKeys(_ difference: String) -> JobFailure {
            JobFailure(
                code: .badInput, retryable: false,
                message: "\(zkey): the key is not this circuit's (\(path)): \(difference)")
        }
        let any = try AnyR1CS.load(MappedFile(path: path))
        guard let system = any.system(on: Suite.self) else {
            throw notTheKeys("the r1cs is for \(any.curve), the key for \(Suite.id)")
        }
        guard let setup = CommittedSetup<Suite>(system, parallel: parallel) else {
            throw notTheKeys("the circuit has no commitments")
        }
        do throws(SetupError) {
            try setup.verifyCircuit(of: key)
        } catch {
            throw notTheKeys(error.message)
        }
        return system
    }
}
