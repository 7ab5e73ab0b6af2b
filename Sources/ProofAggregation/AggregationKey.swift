// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves
import FiniteFields
import Groth16

/// What a verifier of aggregate proofs needs of two setups with secrets a and b: a·G1, a·G2, b·G1 and b·G2.
///
/// Nobody may know a or b, and they must have nothing to do with each other: the first powers of two
/// ceremonies.
public struct AggregationVerifyingKey<Suite: CurveSuite>: Hashable, Sendable {
    /// The secret a.
    public var first: Secret
    /// The secret b.
    public var second: Secret

    /// One secret in both groups.
    public struct Secret: Hashable, Sendable {
        /// It times the generator of G1.
        public var g1: Affine<Suite.G1>
        /// It times the generator of G2.
        public var g2: Affine<Suite.G2>

        /// A secret, by what it makes of the generators.
        public init(g1: Affine<Suite.G1>, g2: Affine<Suite.G2>) {
            self.g1 = g1
            self.g2 = g2
        }
    }

    /// The key of two setups' points in G1 and G2, which are checked.
    ///
    /// - Throws: `.unusableKey` where a secret is zero, one or minus one or a root of these, differs between
    ///   the groups, or is, up to the sign, the other one, its square or its inverse.
    public init(first: Secret, second: Secret) throws(AggregationError) {
        self.first = first
        self.second = second
        for (secret, name) in [(first, "first"), (second, "second")] {
            guard secret.g1.isValid, secret.g2.isValid else {
                throw .unusableKey("the \(name) secret's points are not in their groups")
            }
            guard !secret.g1.isIdentity, secret.g1.x != Affine<Suite.G1>.generator.x else {
                throw .unusableKey("the \(name) secret is known")
            }
            let same = Suite.isPairingProductOne([
                (secret.g1, Suite.prepare(.generator)),
                (-Affine<Suite.G1>.generator, Suite.prepare(secret.g2)),
            ])
            guard same else { throw .unusableKey("the \(name) secret is not the same in both groups") }
        }
        guard first.g1 != second.g1, first.g1 != -second.g1 else {
            throw .unusableKey("both secrets are the same: two ceremonies are needed")
        }
        // Of what two secrets and 1 have as products: a value and its inverse have this half in common, and
        // no other value has it, so that signs do not count.
        func product(_ x: Affine<Suite.G1>, _ y: Affine<Suite.G2>) -> Fp6<Suite.Tower> {
            Suite.pairing(x, y).c0
        }
        let one = product(.generator, .generator)
        let squares = [first, second].map { product($0.g1, $0.g2) }
        for (square, name) in zip(squares, ["first", "second"]) where square == one {
            throw .unusableKey("the \(name) secret is known: its square is 1 or -1")
        }
        guard product(first.g1, second.g2) != one else {
            throw .unusableKey(
                "one secret is the inverse of the other, or minus that: two ceremonies are needed")
        }
        guard squares[0] != product(second.g1, .generator), squares[1] != product(first.g1, .generator),
            squares[0] != squares[1]
        else {
            throw .unusableKey(
                "one secret is the square of the other, or both have one square, or minus that: two ceremonies are needed"
            )
        }
    }
}

/// Powers of two secrets: what aggregates proofs.
public struct AggregationKey<Suite: CurveSuite>: Sendable {
    /// The powers of a.
    public var first: Powers
    /// The powers of b.
    public var second: Powers

    /// The powers of one secret s.
    public struct Powers: Sendable {
        /// sⁱ·G1 from i = 0 on.
        public var g1: PointTable<Suite.G1>
        /// sⁱ·G2 from i = 0 on.
        public var g2: PointTable<Suite.G2>

        /// Powers, which are not checked.
        public init(g1: PointTable<Suite.G1>, g2: PointTable<Suite.G2>) {
            self.g1 = g1
            self.g2 = g2
        }
    }

    /// A key of the powers of two secrets.
    public init(first: Powers, second: Powers) {
        self.first = first
        self.second = second
    }

    /// The greatest number of proofs, a power of two: n of them need 2n powers in G1 and n in G2.
    public var capacity: Int {
        let most = min(min(first.g1.count, second.g1.count) / 2, min(first.g2.count, second.g2.count))
        return most < 2 ? 0 : 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
    }

    /// The part of the key that verifiers need.
    ///
    /// - Throws: `.unusableKey` as `AggregationVerifyingKey`.
    public func verifyingKey() throws(AggregationError) -> AggregationVerifyingKey<Suite> {
        guard capacity > 0 else { throw .tooFewPowers(needed: 2, capacity: 0) }
        return try AggregationVerifyingKey(
            first: .init(g1: first.g1[1], g2: first.g2[1]), second: .init(g1: second.g1[1], g2: second.g2[1]))
    }
}
