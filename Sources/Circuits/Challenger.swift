// SPDX-License-Identifier: Apache-2.0

public import Compute
public import FiniteFields

/// Where the challenges of a circuit's commitments come from while its values are made: "commit, hash, go
/// on".
///
/// A prover's challenger makes D, the commitment to the values that it is given, by its key, and hashes it.
public struct Challenger {
    /// What a challenger is asked for.
    public struct Question {
        /// The number of the commitment, from 0.
        public let index: Int
        /// The values of the committed wires, the mask among them: canonical, in ascending order of wires.
        public let committed: SecretScalars<Scalar>
        /// The values of the hashed wires, in ascending order of wires: public inputs, then earlier
        /// challenges.
        public let hashed: [Scalar]
    }

    let challenge: (Question) -> Scalar
    let mask: (Int) -> Scalar

    /// A challenger that asks `challenge` at each commitment.
    ///
    /// - Parameters:
    ///   - mask: the value of the wire that hides the committed values of a commitment, by its number;
    ///     uniformly random where it is not given.
    ///   - challenge: the value of the challenge. What cannot be told by one, such as a device that failed,
    ///     is for the closure to keep and for its owner to ask for after the run.
    public init(mask: ((Int) -> Scalar)? = nil, challenge: @escaping (Question) -> Scalar) {
        self.challenge = challenge
        self.mask =
            mask ?? { _ in
                var generator = SystemRandomNumberGenerator()
                return Scalar.random(using: &generator)
            }
    }

    /// **Insecure**: the challenges are Poseidon's of all values, and the masks are always the same. For
    /// tests, and to look for violated constraints; no key's proof has them.
    public static var standIn: Challenger {
        Challenger(
            mask: { Poseidon.hash(Scalar(UInt64($0)), .one) },
            challenge: { question in
                let committed = question.committed
                let values = (0..<committed.count).compactMap { Scalar(canonical: committed[$0]) }
                return Poseidon.hash(values + question.hashed, domain: UInt64(question.index))
            })
    }
}
