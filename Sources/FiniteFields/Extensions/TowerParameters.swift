// SPDX-License-Identifier: Apache-2.0

/// The tower Fp2 = Fp[u]/(u² + q), Fp6 = Fp2[v]/(v³ − ξ), Fp12 = Fp6[w]/(w² − v) of a pairing-friendly curve.
///
/// −q must be a non-residue in Fp, and ξ neither a square nor a cube in Fp2. Where p ≡ 3 mod 4, q is 1, and a
/// tower need not say more of it; any other brings `timesQ` and its own products in Fp2.
public protocol TowerParameters: Sendable {
    /// The prime field at the bottom.
    associatedtype Fp: PrimeField

    /// q·a.
    static func timesQ(_ a: Fp) -> Fp
    /// a·b in Fp2.
    static func multiply(_ a: Fp2<Self>, _ b: Fp2<Self>) -> Fp2<Self>
    /// a² in Fp2.
    static func square(_ a: Fp2<Self>) -> Fp2<Self>

    /// ξ·a.
    static func timesNonResidue(_ a: Fp2<Self>) -> Fp2<Self>

    /// ξ^(i(p−1)/6) for i = 1…5; conformers keep `FrobeniusCoefficients()` in a `static let`.
    static var frobenius: FrobeniusCoefficients<Self> { get }

    // The products of the tower. A tower with kernels of its own brings these; the formulas in Swift stand in
    // for the others and are what the kernels are tested against.

    /// a·b in Fp6.
    static func multiply(_ a: inout Fp6<Self>, by b: Fp6<Self>)
    /// a·b in Fp12.
    static func multiply(_ a: inout Fp12<Self>, by b: Fp12<Self>)
    /// a² in Fp12.
    static func square(_ a: inout Fp12<Self>)
    /// a² for an element a of the cyclotomic subgroup; nothing is checked.
    static func cyclotomicSquare(_ a: inout Fp12<Self>)
    /// a·(b.c0 + (b.c1 + b.c2·v)·w).
    static func multiply(_ a: inout Fp12<Self>, bySparse034 b: Fp6<Self>)
    /// a·(b.c0 + b.c1·v + b.c2·v·w).
    static func multiply(_ a: inout Fp12<Self>, bySparse014 b: Fp6<Self>)
}

/// γᵢ = ξ^(i(p−1)/6), the factors that the p-power map puts on the basis wⁱ of Fp12 over Fp2.
public struct FrobeniusCoefficients<Parameters: TowerParameters>: Sendable {
    /// γ₁ to γ₅.
    public let gamma1, gamma2, gamma3, gamma4, gamma5: Fp2<Parameters>

    /// Computes the coefficients from ξ.
    public init() {
        var exponent = Parameters.Fp.modulus
        exponent[0] -= 1
        // (p − 1)/6 by schoolbook division from the top limb.
        var remainder: UInt64 = 0
        for i in stride(from: Parameters.Fp.Limbs.count - 1, through: 0, by: -1) {
            let division = UInt64(6).dividingFullWidth((remainder, exponent[i]))
            exponent[i] = division.quotient
            remainder = division.remainder
        }
        gamma1 = Parameters.timesNonResidue(.one).power(exponent.words)
        gamma2 = gamma1.squared()
        gamma3 = gamma2 * gamma1
        gamma4 = gamma2.squared()
        gamma5 = gamma4 * gamma1
    }
}
