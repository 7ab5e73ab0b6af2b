// SPDX-License-Identifier: Apache-2.0

package import Compute
package import FiniteFields
package import Groth16

/// A verification key, with or without commitments.
package enum Groth16VerifyingKey<Suite: ComputeSuite>: Hashable, Sendable {
    case plain(VerifyingKey<Suite>)
    case committed(CommittedVerifyingKey<Suite>)

    /// The number of commitments that proofs have; none for a plain key.
    package var commitmentCount: Int {
        switch self {
        case .plain: 0
        case .committed(let key): key.commitments.count
        }
    }

    /// The number of public inputs, without the constant one.
    package var publicCount: Int {
        switch self {
        case .plain(let key): key.publicCount
        case .committed(let key): key.publicCount
        }
    }

    /// What the key gives away, so that anybody can forge proofs.
    package var openSecret: OpenSecret? {
        switch self {
        case .plain(let key): key.openSecret
        case .committed(let key): key.openSecret
        }
    }
}

/// A proof, with or without commitments.
package enum Groth16Proof<Suite: ComputeSuite>: Hashable, Sendable {
    case plain(Proof<Suite>)
    case committed(CommittedProof<Suite>)

    /// The proof, where it has no commitments.
    package var plain: Proof<Suite>? {
        guard case .plain(let proof) = self else { return nil }
        return proof
    }

    /// The proof, where it has commitments.
    package var committed: CommittedProof<Suite>? {
        guard case .committed(let proof) = self else { return nil }
        return proof
    }

    /// The number of commitments; none in a plain proof.
    package var commitmentCount: Int {
        switch self {
        case .plain: 0
        case .committed(let proof): proof.commitments.count
        }
    }
}

/// What checks proofs of one circuit, with or without commitments.
package enum Groth16Verifier<Suite: ComputeSuite>: Sendable {
    case plain(Verifier<Suite>)
    case committed(CommittedVerifier<Suite>)

    /// Prepares the key's G2 points.
    ///
    /// - Precondition: the key's points are in their subgroups, as all readers ensure.
    package init(_ key: Groth16VerifyingKey<Suite>) {
        self =
            switch key {
            case .plain(let key): .plain(Verifier(key))
            case .committed(let key): .committed(CommittedVerifier(key))
            }
    }

    /// The key that proofs are checked against.
    package var key: Groth16VerifyingKey<Suite> {
        switch self {
        case .plain(let verifier): .plain(verifier.key)
        case .committed(let verifier): .committed(verifier.key)
        }
    }

    /// Checks one proof; one of the other kind has too many commitments, or too few. `publicInputs` are
    /// canonical.
    package func verify(
        _ proof: Groth16Proof<Suite>, publicInputs: [Suite.Fr.Limbs], parallel: Parallel
    ) -> Verdict {
        switch (self, proof) {
        case (.plain(let verifier), .plain(let proof)):
            verifier.verify(proof, publicInputs: publicInputs, parallel: parallel)
        case (.committed(let verifier), .committed(let proof)):
            verifier.verify(proof, publicInputs: publicInputs, parallel: parallel)
        case (.plain, .committed), (.committed, .plain):
            .commitmentCount(expected: key.commitmentCount, found: proof.commitmentCount)
        }
    }
}

/// A verification key on a curve that is known at run time only.
package protocol Groth16VerifyingKeyOnCurve<Suite>: Sendable {
    associatedtype Suite: ComputeSuite

    var verifyingKey: Groth16VerifyingKey<Suite> { get }
}

extension Groth16VerifyingKey: Groth16VerifyingKeyOnCurve {
    package var verifyingKey: Groth16VerifyingKey { self }
}
