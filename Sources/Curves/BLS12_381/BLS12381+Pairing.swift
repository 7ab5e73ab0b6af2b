// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
public import FiniteFields

/// The loop runs over |z| for z = −0xd201000000010000.
enum BLS12381Pairing: PairingParameters {
    typealias Tower = BLS12381.Tower
    typealias G1 = BLS12381.G1
    typealias G2 = BLS12381.G2

    static var twist: TwistKind { .multiplied }
    static var loopCount: SignedDigits { BLS12381.parameterBits }
    static var loopCountIsNegative: Bool { true }
    static var hasFrobeniusLines: Bool { false }

    /// (1 − z)/3 in the width with the fewest products in Fp12, its table included: 15; 26, 18 and 16 for 2,
    /// 3 and 5.
    static let thirdOfOneLess = SignedDigits([(BLS12381.parameter + 1) / 3], width: 4)

    /// b' = 4ξ.
    static func timesThreeTwistB(_ a: BLS12381.Fp2) -> BLS12381.Fp2 {
        let t = Tower.timesNonResidue(a.doubled() + a)
        return t.doubled().doubled()
    }

    static func frobenius(_ point: Affine<G2>) -> Affine<G2> { BLS12381.untwistFrobeniusTwist(point) }
}

extension BLS12381: CurveSuite {
    public typealias PreparedG2 = PreparedLines<Tower>

    public static var names: CurveNames {
        CurveNames(
            own: "bls12381", snarkjs: "bls12381", title: "BLS12-381", others: ["bls12-381", "bls12_381"],
            number: 2)
    }

    public static func prepare(_ point: Affine<G2>) -> PreparedG2 {
        PreparedLines(point, for: BLS12381Pairing.self)
    }

    public static func millerLoop(_ pairs: [(Affine<G1>, PreparedG2)]) -> Fp12<Tower> {
        MillerLoop<BLS12381Pairing>.product(pairs)
    }

    /// True for the values of the pairing, the elements of order r and one.
    ///
    /// The order of a cyclotomic f with f^p = f^z divides p − z and p⁴ − p² + 1, which is z⁴ − z² + 1 = r
    /// modulo p − z.
    public static func isPairingValue(_ f: Fp12<Tower>) -> Bool {
        f.isCyclotomic && f.frobenius() == f.cyclotomicPower(parameterBits).conjugate
    }

    /// k such that e(P, Q)^k is what snarkjs takes for the pairing of P and Q.
    ///
    /// The chain without a division by three ends at the cube.
    public static var snarkjsPairingPower: Fr { 3 }

    /// f^((p¹² − 1)/r), exactly that power; zero for zero.
    ///
    /// The hard part is (p⁴ − p² + 1)/r = (1 − z) · (1 − z)/3 · (z + p) · (z² + p² − 1) + 1. The usual chain
    /// leaves out the division by three and ends at the cube; with it one of the five powers takes 15
    /// products in Fp12 instead of 5, some 3 % of a pairing.
    ///
    /// - Reference: Hayashida, Hayasaka and Teruya 2020, "Efficient final exponentiation via cyclotomic
    ///   structure for pairings over families of elliptic curves".
    public static func finalExponentiation(_ f: Fp12<Tower>) -> Fp12<Tower> {
        let absZ = parameterBits
        let g = f.raisedToEasyPart()
        var t = g.cyclotomicPower(BLS12381Pairing.thirdOfOneLess)
        t = t.cyclotomicPower(absZ) * t
        t = t.cyclotomicPower(absZ).conjugate * t.frobenius()
        let tz2 = t.cyclotomicPower(absZ).cyclotomicPower(absZ)
        t = tz2 * t.frobeniusSquared() * t.conjugate
        return t * g
    }
}
