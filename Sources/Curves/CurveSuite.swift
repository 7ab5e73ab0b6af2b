// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
public import FiniteFields

/// A pairing-friendly curve with all that a proof system needs of it.
///
/// Conformances are concrete, so that the pairing is compiled for one curve each and generic callers
/// reach it through one call, never one per field element.
public protocol CurveSuite: Sendable {
    /// The field of p elements, over which G1 stands.
    associatedtype Fp: PrimeField
    /// The field of r elements: the scalars of both groups, and what circuits compute with.
    associatedtype Fr: PrimeField
    /// Fp2, Fp6 and Fp12 over Fp.
    associatedtype Tower: TowerParameters where Tower.Fp == Fp
    /// The group on the curve over Fp.
    associatedtype G1: CurveGroup where G1.BaseField == Fp, G1.Scalar == Fr
    /// The group on the curve's sextic twist, over Fp2.
    associatedtype G2: CurveGroup where G2.BaseField == FiniteFields.Fp2<Tower>, G2.Scalar == Fr
    /// The line functions of a fixed G2 point, computed once.
    associatedtype PreparedG2: Sendable

    /// What files, options and people call the curve.
    static var names: CurveNames { get }

    /// Computes the line functions of the Miller loop for `point`, which must be in the subgroup; the
    /// identity is allowed.
    static func prepare(_ point: Affine<G2>) -> PreparedG2

    /// The product of the Miller loops of all pairs, before the final exponentiation; pairs with an identity
    /// count as one.
    static func millerLoop(_ pairs: [(Affine<G1>, PreparedG2)]) -> Fp12<Tower>

    /// f^((p¹² − 1)/r), exactly that power; zero for zero.
    static func finalExponentiation(_ f: Fp12<Tower>) -> Fp12<Tower>

    /// True for the values of the pairing, the elements of order r and one.
    ///
    /// - Reference: Scott 2021, "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly
    ///   curves".
    static func isPairingValue(_ f: Fp12<Tower>) -> Bool

    /// k such that e(P, Q)^k is what snarkjs takes for the pairing of P and Q, in `vk_alphabeta_12` for one.
    ///
    /// Its final exponentiations are the usual short chains, which end at a fixed power of the exact one.
    static var snarkjsPairingPower: Fr { get }
}

extension CurveSuite {
    /// The field of G2's coordinates.
    public typealias Fp2 = FiniteFields.Fp2<Tower>
    /// A point of G1's curve in affine coordinates, Montgomery form.
    public typealias G1Affine = Affine<G1>
    /// A point of G2's curve in affine coordinates, Montgomery form.
    public typealias G2Affine = Affine<G2>

    /// e(P, Q).
    public static func pairing(_ p: Affine<G1>, _ q: Affine<G2>) -> Fp12<Tower> {
        finalExponentiation(millerLoop([(p, prepare(q))]))
    }

    /// e(P, Q) as snarkjs computes it: the same basis, another power.
    public static func snarkjsPairing(_ p: Affine<G1>, _ q: Affine<G2>) -> Fp12<Tower> {
        pairing(p, q).cyclotomicPower(SignedDigits(snarkjsPairingPower.canonical.words, width: 4))
    }

    /// True when Π e(Pᵢ, Qᵢ) = 1; one final exponentiation in all.
    public static func isPairingProductOne(_ pairs: [(Affine<G1>, PreparedG2)]) -> Bool {
        finalExponentiation(millerLoop(pairs)) == .one
    }
}
