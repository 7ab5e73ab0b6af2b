// SPDX-License-Identifier: Apache-2.0

package import Compute
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

/// A verification key on a curve that is known at run time only.
package protocol Groth16VerifyingKeyOnCurve<Suite>: Sendable {
    associatedtype Suite: ComputeSuite

    var verifyingKey: Groth16VerifyingKey<Suite> { get }
}

extension Groth16VerifyingKey: Groth16VerifyingKeyOnCurve {
    package var verifyingKey: Groth16VerifyingKey { self }
}
