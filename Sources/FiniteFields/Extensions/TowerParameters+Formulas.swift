// SPDX-License-Identifier: Apache-2.0

/// Fp2 with u² = −1.
extension TowerParameters {
    @inlinable @inline(__always)
    public static func timesQ(_ a: Fp) -> Fp { a }

    /// Karatsuba with lazy reduction: three products of integers and two reductions.
    @inlinable @inline(__always)
    public static func multiply(_ a: Fp2<Self>, _ b: Fp2<Self>) -> Fp2<Self> {
        let r = Fp.multiplyComplex((a.c0, a.c1), (b.c0, b.c1))
        return Fp2(r.0, r.1)
    }

    /// (c0 + c1)(c0 − c1) + 2·c0·c1·u: two products in Fp.
    @inlinable @inline(__always)
    public static func square(_ a: Fp2<Self>) -> Fp2<Self> {
        let r = Fp.squareComplex((a.c0, a.c1))
        return Fp2(r.0, r.1)
    }
}

/// The products of a tower by formulas over Fp2.
extension TowerParameters {
    /// Karatsuba over three coefficients: six products in Fp2.
    ///
    /// - Reference: Devegili, Ó hÉigeartaigh, Scott and Dahab 2006, "Multiplication and squaring on
    ///   pairing-friendly fields".
    public static func multiply(_ a: inout Fp6<Self>, by b: Fp6<Self>) {
        let v0 = a.c0 * b.c0
        let v1 = a.c1 * b.c1
        let v2 = a.c2 * b.c2
        let t12 = (a.c1 + a.c2) * (b.c1 + b.c2) - v1 - v2
        let t01 = (a.c0 + a.c1) * (b.c0 + b.c1) - v0 - v1
        let t02 = (a.c0 + a.c2) * (b.c0 + b.c2) - v0 - v2
        a = Fp6(v0 + timesNonResidue(t12), t01 + timesNonResidue(v2), t02 + v1)
    }

    /// Karatsuba: three products in Fp6, 18 in Fp2.
    public static func multiply(_ a: inout Fp12<Self>, by b: Fp12<Self>) {
        let low = a.c0 * b.c0
        let high = a.c1 * b.c1
        let cross = (a.c0 + a.c1) * (b.c0 + b.c1)
        a = Fp12(low + high.timesV(), cross - low - high)
    }

    /// The complex method: two products in Fp6, 12 in Fp2.
    public static func square(_ a: inout Fp12<Self>) {
        let product = a.c0 * a.c1
        let both = (a.c0 + a.c1) * (a.c0 + a.c1.timesV())
        a = Fp12(both - product - product.timesV(), product.doubled())
    }

    /// Nine squarings in Fp2.
    ///
    /// With s = w³ the element is A + B·w + C·w² over Fp4 = Fp2[s]/(s² − ξ), and its square is
    /// (3A² − 2Ā) + (3sC² + 2B̄)·w + (3B² − 2C̄)·w².
    ///
    /// - Reference: Granger and Scott 2010, "Faster squaring in the cyclotomic subgroup of sixth degree
    ///   extensions".
    public static func cyclotomicSquare(_ x: inout Fp12<Self>) {
        let a = squareFp4(x.c0.c0, x.c1.c1)
        let b = squareFp4(x.c1.c0, x.c0.c2)
        let c = squareFp4(x.c0.c1, x.c1.c2)
        let sc = timesNonResidue(c.1)
        x = Fp12(
            Fp6(
                (a.0 - x.c0.c0).doubled() + a.0,
                (b.0 - x.c0.c1).doubled() + b.0,
                (c.0 - x.c0.c2).doubled() + c.0),
            Fp6(
                (sc + x.c1.c0).doubled() + sc,
                (a.1 + x.c1.c1).doubled() + a.1,
                (b.1 + x.c1.c2).doubled() + b.1))
    }

    /// (x + y·s)² = (x² + ξy²) + 2xy·s in three squarings.
    private static func squareFp4(_ x: Fp2<Self>, _ y: Fp2<Self>) -> (Fp2<Self>, Fp2<Self>) {
        let xx = x.squared()
        let yy = y.squared()
        let cross = (x + y).squared() - xx - yy
        return (xx + timesNonResidue(yy), cross)
    }

    /// 13 products in Fp2 instead of 18.
    ///
    /// - Reference: Aranha, Karabina, Longa, Gebotys and López 2011, "Faster explicit formulas for computing
    ///   pairings over ordinary curves" (dense by sparse products).
    public static func multiply(_ a: inout Fp12<Self>, bySparse034 b: Fp6<Self>) {
        let low = a.c0 * b.c0
        let high = a.c1.times(b.c1, b.c2)
        let cross = (a.c0 + a.c1).times(b.c0 + b.c1, b.c2)
        a = Fp12(low + high.timesV(), cross - low - high)
    }

    /// As for 034.
    public static func multiply(_ a: inout Fp12<Self>, bySparse014 b: Fp6<Self>) {
        let low = a.c0.times(b.c0, b.c1)
        let high = a.c1.timesV(b.c2)
        let cross = (a.c0 + a.c1).times(b.c0, b.c1 + b.c2)
        a = Fp12(low + high.timesV(), cross - low - high)
    }
}
