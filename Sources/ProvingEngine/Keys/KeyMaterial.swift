// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import Failures
import Groth16
import SnarkFormats
import TrustedSetup

/// A key and the verifier of its proofs, on a curve that is known at run time only.
protocol KeyMaterialOnCurve<Suite>: Sendable {
    associatedtype Suite: ComputeSuite

    var material: KeyMaterial<Suite> { get }
}

/// A key and the verifier of its proofs: all that differs between keys with commitments and plain ones.
enum KeyMaterial<Suite: ComputeSuite>: KeyMaterialOnCurve {
    case plain(ProvingKey<Suite>, Verifier<Suite>)
    case committed(CommittedKey<Suite>, CommittedVerifier<Suite>)

    var material: KeyMaterial { self }

    var verifier: Groth16Verifier<Suite> {
        switch self {
        case .plain(_, let verifier): .plain(verifier)
        case .committed(_, let verifier): .committed(verifier)
        }
    }

    /// What a backend needs for a proof's sums, but for those of commitments.
    var tables: Groth16Tables<Suite> {
        switch self {
        case .plain(let key, _): key.tables
        case .committed(let key, _): key.provingKey.tables
        }
    }

    /// What the key gives away, and in a key with commitments its history.
    var openSecret: OpenSecret? {
        switch self {
        case .plain(let key, _): key.verifyingKey.openSecret
        case .committed(let key, _): key.openSecret
        }
    }

    /// Makes a proof and verifies it.
    ///
    /// - Throws: as `Prover` and `CommittedProver`.
    func prove<Backend: Groth16Backend<Suite>>(
        _ witness: SecretScalars<Suite.Fr>, on backend: Backend, _ parallel: Parallel,
        observe: (ProvingPhase) -> Void
    ) throws(ProvingError) -> Groth16Proof<Suite> {
        var generator = SystemRandomNumberGenerator()
        switch self {
        case .plain(let key, let verifier):
            return .plain(
                try Prover(backend: backend, parallel: parallel).prove(
                    key: key, verifier: verifier, witness: witness, using: &generator, observe: observe))
        case .committed(let key, let verifier):
            return .committed(
                try CommittedProver(backend: backend, parallel: parallel).prove(
                    key: key.provingKey, verifier: verifier, witness: witness, using: &generator,
                    observe: observe))
        }
    }

    /// What shows that the key is not a circuit's: a sentence, or `nil`.
    func difference(from system: R1CS<Suite.Fr>, _ parallel: Parallel) -> String? {
        switch self {
        case .plain(let key, _): return key.difference(from: system)
        case .committed(let key, _):
            guard !system.commitments.isEmpty else { return "the circuit has no commitments" }
            guard let setup = CommittedSetup<Suite>(system, parallel: parallel) else {
                return "the circuit is too large for the field"
            }
            do throws(SetupError) {
                try setup.verifyCircuit(of: key)
            } catch {
                return error.message
            }
            return nil
        }
    }
}

extension ZKeyFile {
    /// The key in the file, with multiples of its points and what these take, in bytes.
    ///
    /// - Throws: what the reader for the key's proof system finds wrong.
    func material(
        multiples budget: Int, parallel: Parallel
    ) throws(FormatError) -> (material: any KeyMaterialOnCurve, multiples: Int) {
        func plain<Key: ProvingKeyOnCurve>(_ read: Key) -> (any KeyMaterialOnCurve, Int) {
            let (key, bytes) = read.key.precomputed(budget: budget, parallel: parallel)
            return (KeyMaterial.plain(key, Verifier(key.verifyingKey)), bytes)
        }
        func committed<Key: CommittedKeyOnCurve>(_ read: Key) -> (any KeyMaterialOnCurve, Int) {
            var (key, bytes) = (read.committed, 0)
            (key.provingKey, bytes) = key.provingKey.precomputed(budget: budget, parallel: parallel)
            return (KeyMaterial.committed(key, CommittedVerifier(key.verifyingKey)), bytes)
        }
        guard header.proofSystem == .committedGroth16 else {
            return plain(try Groth16ZKey.load(self, threads: parallel.threads))
        }
        return committed(try CommittedZKey.load(self, threads: parallel.threads))
    }
}
