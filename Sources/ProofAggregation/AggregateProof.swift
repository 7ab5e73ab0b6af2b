// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
public import FiniteFields

/// One proof that a list of Groth16 proofs of one circuit holds, of a size that grows with the logarithm of
/// their number.
///
/// - Reference: Gailly, Maller and Nitulescu 2021, "SnarkPack: Practical SNARK aggregation".
public struct AggregateProof<Suite: CurveSuite>: Hashable, Sendable {
    /// A point of G1, affine, Montgomery form.
    public typealias G1 = Affine<Suite.G1>
    /// A point of G2, affine, Montgomery form.
    public typealias G2 = Affine<Suite.G2>
    /// A value of the pairing: of order r, or one.
    public typealias Target = Fp12<Suite.Tower>

    /// What belongs to the first secret, and to the second.
    public struct Pair<Value: Hashable & Sendable>: Hashable, Sendable {
        /// That of the first secret, and of the second.
        public var first, second: Value

        package init(first: Value, second: Value) {
            (self.first, self.second) = (first, second)
        }
    }

    /// The cross terms of one halving: those that the challenge x multiplies (`left`) and those that 1/x does
    /// (`right`).
    public struct Round: Hashable, Sendable {
        /// The terms of one side.
        public struct Side: Hashable, Sendable {
            /// To the commitments to A and B, and to C.
            public var ab, c: Pair<Target>
            /// To the product of the pairings.
            public var product: Target
            /// To the sum of the C.
            public var sum: G1

            package init(ab: Pair<Target>, c: Pair<Target>, product: Target, sum: G1) {
                (self.ab, self.c, self.product, self.sum) = (ab, c, product, sum)
            }
        }

        /// What x multiplies, and what 1/x does.
        public var left, right: Side

        package init(left: Side, right: Side) {
            (self.left, self.right) = (left, right)
        }
    }

    /// How many proofs there are.
    public var count: Int
    /// Commitments to all A and B, and to all C.
    public var ab, c: Pair<Target>
    /// Π e(Aᵢ, Bᵢ)^rⁱ.
    public var product: Target
    /// Σ rⁱ·Cᵢ.
    public var sum: G1
    /// The cross terms, a round for each halving.
    public var rounds: [Round]
    /// What is left of A after all rounds.
    public var finalA: G1
    /// What is left of B.
    public var finalB: G2
    /// What is left of C.
    public var finalC: G1
    /// What is left of the commitment keys in the second group, and proofs that these are their
    /// polynomials' values at the secrets.
    public var keyV, openingV: Pair<G2>
    /// The same of the keys in the first group.
    public var keyW, openingW: Pair<G1>

    package init(
        count: Int, ab: Pair<Target>, c: Pair<Target>, product: Target, sum: G1, rounds: [Round],
        finalA: G1, finalB: G2, finalC: G1, keyV: Pair<G2>, openingV: Pair<G2>, keyW: Pair<G1>,
        openingW: Pair<G1>
    ) {
        self.count = count
        (self.ab, self.c, self.product, self.sum) = (ab, c, product, sum)
        self.rounds = rounds
        (self.finalA, self.finalB, self.finalC) = (finalA, finalB, finalC)
        (self.keyV, self.openingV) = (keyV, openingV)
        (self.keyW, self.openingW) = (keyW, openingW)
    }

    /// The number of halvings that `count` proofs take: they are filled up to a power of two, at least two,
    /// by repeating the last.
    public static func roundCount(for count: Int) -> Int {
        count <= 2 ? 1 : Int.bitWidth - (count - 1).leadingZeroBitCount
    }
}
