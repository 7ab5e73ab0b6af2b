// SPDX-License-Identifier: Apache-2.0

package import Compute
package import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
package import Groth16

/// A key of a circuit with commitments, for provers and for verifiers, and its history: what a zkey with
/// commitments holds.
package struct CommittedKey<Suite: ComputeSuite>: Sendable {
    /// What makes proofs.
    package var provingKey: CommittedProvingKey<Suite>
    /// What checks them; it shares α, β and δ with the proving key.
    package var verifyingKey: CommittedVerifyingKey<Suite>
    /// The second phase so far.
    package var transcript: CommittedTranscript<Suite>

    /// A key of parts that belong together, which are not checked.
    ///
    /// - Precondition: both keys have as many commitments.
    package init(
        provingKey: CommittedProvingKey<Suite>, verifyingKey: CommittedVerifyingKey<Suite>,
        transcript: CommittedTranscript<Suite>
    ) {
        precondition(provingKey.commitments.count == verifyingKey.commitments.count)
        self.provingKey = provingKey
        self.verifyingKey = verifyingKey
        self.transcript = transcript
    }

    /// What is committed to and hashed, by wires, as the circuit says it.
    package var commitments: [WireCommitment] {
        let publics = provingKey.publicCount
        return zip(provingKey.commitments, verifyingKey.commitments).map { mine, theirs in
            WireCommitment(
                committed: mine.wires.map { UInt32($0) },
                hashed: theirs.hashed.map { index in
                    UInt32(
                        index <= publics
                            ? index : provingKey.commitments[index - publics - 1].challengeWire)
                },
                challenge: UInt32(mine.challengeWire))
        }
    }

    /// What the key or its history gives away, so that anybody can forge proofs.
    package var openSecret: OpenSecret? {
        let history = transcript.contributions
        let isOfBeaconsAlone = !history.isEmpty && history.allSatisfy { $0.delta.kind == 1 }
        return verifyingKey.openSecret ?? (isOfBeaconsAlone ? .onlyBeacons : nil)
    }

    /// What each commitment hashes, as verification keys number it: a challenge has the number behind the
    /// public inputs and the challenges before it.
    package static func hashedIndices(_ commitments: [WireCommitment], publicCount: Int) -> [[Int]] {
        var numbers: [UInt32: Int] = [:]
        for (index, commitment) in commitments.enumerated() {
            numbers[commitment.challenge] = publicCount + 1 + index
        }
        return commitments.map { $0.hashed.map { numbers[$0] ?? Int($0) } }
    }
}

/// A key with commitments on a curve that is known at run time only.
package protocol CommittedKeyOnCurve<Suite>: Sendable {
    associatedtype Suite: ComputeSuite

    /// The key itself.
    var committed: CommittedKey<Suite> { get }
}

extension CommittedKey: CommittedKeyOnCurve {
    package var committed: CommittedKey { self }
}
