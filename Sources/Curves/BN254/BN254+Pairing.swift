// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
public import FiniteFields

/// The loop runs over 6z + 2 for z = 4965661367192848881 and ends with the lines to π(Q) and −π²(Q).
enum BN254Pairing: PairingParameters {
    typealias Tower = BN254.Tower
    typealias G1 = BN254.G1
    typealias G2 = BN254.G2

    static var twist: TwistKind { .divided }
    static let loopCount = SignedDigits([0x9d79_7039_be76_3ba8, 1], width: 2)
    static var loopCountIsNegative: Bool { false }
    static var hasFrobeniusLines: Bool { true }

    /// z in the width with the fewest products in Fp12, its table included: 16; 23, 18 and 18 for 2, 3 and 5.
    static let parameter = SignedDigits([4_965_661_367_192_848_881], width: 4)
    static let threeB = BN254.G2.b.doubled() + BN254.G2.b

    static func timesThreeTwistB(_ a: BN254.Fp2) -> BN254.Fp2 { a * threeB }
    static func frobenius(_ point: Affine<G2>) -> Affine<G2> { BN254.untwistFrobeniusTwist(point) }
}

extension BN254: CurveSuite {
    public typealias PreparedG2 = PreparedLines<Tower>

    public static var names: CurveNames {
        CurveNames(
            own: "bn254", snarkjs: "bn128", title: "BN254", others: ["altbn128", "alt_bn128", "alt-bn128"],
            number: 1)
    }

    public static func prepare(_ point: Affine<G2>) -> PreparedG2 {
        PreparedLines(point, for: BN254Pairing.self)
    }

    public static func millerLoop(_ pairs: [(Affine<G1>, PreparedG2)]) -> Fp12<Tower> {
        MillerLoop<BN254Pairing>.product(pairs)
    }

    /// True for the values of the pairing, the elements of order r and one.
    ///
    /// The order of a cyclotomic f with f^p = f^(6z²) divides p − 6z² = p + 1 − t = r.
    public static func isPairingValue(_ f: Fp12<Tower>) -> Bool {
        guard f.isCyclotomic else { return false }
        let z = BN254Pairing.parameter
        let power = f.cyclotomicPower(z).cyclotomicPower(z)
        return f.frobenius() == (power.cyclotomicSquared() * power).cyclotomicSquared()
    }

    /// k such that e(P, Q)^k is what snarkjs takes for the pairing of P and Q.
    ///
    /// 2z(6z² + 3z + 1), which the chain of Fuentes-Castañeda, Knapp and Rodríguez-Henríquez 2011 multiplies
    /// in.
    public static var snarkjsPairingPower: Fr {
        let z = Fr(4_965_661_367_192_848_881)
        return z.doubled() * (Fr(6) * z * z + Fr(3) * z + .one)
    }

    /// f^((p¹² − 1)/r), exactly that power; zero for zero.
    ///
    /// The hard part is (p⁴ − p² + 1)/r = p³ + (6z² + 1)p² + (1 − 12z − 18z² − 36z³)p − (2 + 18z + 30z² +
    /// 36z³).
    ///
    /// - Reference: Scott, Benger, Charlemagne, Dominguez Perez and Kachisa 2009, "On the final
    ///   exponentiation for calculating pairings on ordinary elliptic curves".
    public static func finalExponentiation(_ f: Fp12<Tower>) -> Fp12<Tower> {
        let z = BN254Pairing.parameter
        let g = f.raisedToEasyPart()
        let gz = g.cyclotomicPower(z)
        let gz2 = gz.cyclotomicPower(z)
        let gz3 = gz2.cyclotomicPower(z)
        let gp2 = g.frobeniusSquared()
        let y0 = g.frobenius() * gp2 * gp2.frobenius()
        let y1 = g.conjugate
        let y2 = gz2.frobeniusSquared()
        let y3 = gz.frobenius().conjugate
        let y4 = (gz * gz2.frobenius()).conjugate
        let y5 = gz2.conjugate
        let y6 = (gz3 * gz3.frobenius()).conjugate
        // y0 · y1² · y2⁶ · y3¹² · y4¹⁸ · y5³⁰ · y6³⁶ by the paper's addition chain.
        var t0 = y6.cyclotomicSquared() * y4 * y5
        var t1 = t0 * y3 * y5
        t0 *= y2
        t1 = (t1.cyclotomicSquared() * t0).cyclotomicSquared()
        t0 = t1 * y1
        t1 *= y0
        return t0.cyclotomicSquared() * t1
    }
}
