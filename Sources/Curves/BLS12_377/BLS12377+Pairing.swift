// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
public import FiniteFields

/// The loop runs over x = 0x8508c00000000001.
enum BLS12377Pairing: PairingParameters {
    typealias Tower = BLS12377.Tower
    typealias G1 = BLS12377.G1
    typealias G2 = BLS12377.G2

    static var twist: TwistKind { .divided }
    static var loopCount: SignedDigits { BLS12377.parameterBits }
    static var loopCountIsNegative: Bool { false }
    static var hasFrobeniusLines: Bool { false }

    /// (x − 1)/3 in the width with the fewest products in Fp12, its table included: 6, as for plain bits and
    /// width 3; 7 and 8 for 4 and 5.
    static let thirdOfOneLess = SignedDigits([(BLS12377.parameter - 1) / 3], width: 2)

    /// b' = −u/5, so that 3b'·(a0 + a1·u) = 3a1 − 3/5·a0·u.
    static func timesThreeTwistB(_ a: BLS12377.Fp2) -> BLS12377.Fp2 {
        BLS12377.Fp2(a.c1.doubled() + a.c1, a.c0 * threeB)
    }

    private static let threeB = G2.b.c1.doubled() + G2.b.c1

    static func frobenius(_ point: Affine<G2>) -> Affine<G2> { BLS12377.untwistFrobeniusTwist(point) }
}

extension BLS12377: CurveSuite {
    public typealias PreparedG2 = PreparedLines<Tower>

    public static var names: CurveNames {
        CurveNames(
            own: "bls12377", snarkjs: "bls12377", title: "BLS12-377", others: ["bls12-377", "bls12_377"],
            number: 3)
    }

    public static func prepare(_ point: Affine<G2>) -> PreparedG2 {
        PreparedLines(point, for: BLS12377Pairing.self)
    }

    public static func millerLoop(_ pairs: [(Affine<G1>, PreparedG2)]) -> Fp12<Tower> {
        MillerLoop<BLS12377Pairing>.product(pairs)
    }

    /// True for the values of the pairing, the elements of order r and one.
    ///
    /// The order of a cyclotomic f with f^p = f^x divides p − x and p⁴ − p² + 1, which is x⁴ − x² + 1 = r
    /// modulo p − x.
    public static func isPairingValue(_ f: Fp12<Tower>) -> Bool {
        f.isCyclotomic && f.frobenius() == f.cyclotomicPower(parameterBits)
    }

    /// k such that e(P, Q)^k is what snarkjs would take for the pairing of P and Q.
    ///
    /// snarkjs has no such curve; were its chain that of the other BLS12 curve, it would end at the cube as
    /// well.
    public static var snarkjsPairingPower: Fr { 3 }

    /// f^((p¹² − 1)/r), exactly that power; zero for zero.
    ///
    /// The hard part is (p⁴ − p² + 1)/r = (x − 1) · (x − 1)/3 · (x + p) · (x² + p² − 1) + 1, as for
    /// BLS12-381.
    ///
    /// - Reference: Hayashida, Hayasaka and Teruya 2020, "Efficient final exponentiation via cyclotomic
    ///   structure for pairings over families of elliptic curves".
    public static func finalExponentiation(_ f: Fp12<Tower>) -> Fp12<Tower> {
        let x = parameterBits
        let g = f.raisedToEasyPart()
        var t = g.cyclotomicPower(BLS12377Pairing.thirdOfOneLess)
        t = t.cyclotomicPower(x) * t.conjugate
        t = t.cyclotomicPower(x) * t.frobenius()
        let tx2 = t.cyclotomicPower(x).cyclotomicPower(x)
        t = tx2 * t.frobeniusSquared() * t.conjugate
        return t * g
    }
}
