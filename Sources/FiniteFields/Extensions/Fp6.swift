// SPDX-License-Identifier: Apache-2.0

/// c0 + c1·v + c2·v² in Fp2[v]/(v³ − ξ).
///
/// Not a `Field`: nothing takes square roots here.
@frozen
public struct Fp6<Parameters: TowerParameters>: Hashable, Sendable, BitwiseCopyable {
    /// The field Fp2 of the same tower.
    public typealias Fp2 = FiniteFields.Fp2<Parameters>

    /// The coefficients of 1, v and v².
    public var c0, c1, c2: Fp2

    /// The element with the given coefficients of 1, v and v².
    @inlinable @inline(__always)
    public init(_ c0: Fp2, _ c1: Fp2, _ c2: Fp2) {
        self.c0 = c0
        self.c1 = c1
        self.c2 = c2
    }

    /// The neutral element of addition.
    @inlinable public static var zero: Self { Self(.zero, .zero, .zero) }
    /// The neutral element of multiplication.
    @inlinable public static var one: Self { Self(.one, .zero, .zero) }
    /// True for zero alone.
    @inlinable public var isZero: Bool { c0.isZero && c1.isZero && c2.isZero }

    /// The sum.
    @inlinable @inline(__always)
    public static func + (a: Self, b: Self) -> Self { Self(a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2) }

    /// The difference.
    @inlinable @inline(__always)
    public static func - (a: Self, b: Self) -> Self { Self(a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2) }

    /// The negative.
    @inlinable @inline(__always)
    public static prefix func - (a: Self) -> Self { Self(-a.c0, -a.c1, -a.c2) }

    /// The sum with itself.
    @inlinable @inline(__always)
    public func doubled() -> Self { Self(c0.doubled(), c1.doubled(), c2.doubled()) }

    /// v·a: the coefficients move up and ξ = v³ wraps around.
    @inlinable @inline(__always)
    public func timesV() -> Self { Self(Parameters.timesNonResidue(c2), c0, c1) }

    /// The product.
    @inlinable
    public static func * (a: Self, b: Self) -> Self {
        var r = a
        Parameters.multiply(&r, by: b)
        return r
    }

    /// a·k for k in Fp2.
    @inlinable
    public static func * (a: Self, k: Fp2) -> Self { Self(a.c0 * k, a.c1 * k, a.c2 * k) }

    /// The product with itself.
    ///
    /// Three squarings and two products in Fp2.
    ///
    /// - Reference: Chung and Hasan 2007, "Asymmetric squaring formulae", SQR2.
    @inlinable
    public func squared() -> Self {
        let s0 = c0.squared()
        let s1 = (c0 * c1).doubled()
        let s2 = (c0 - c1 + c2).squared()
        let s3 = (c1 * c2).doubled()
        let s4 = c2.squared()
        return Self(
            s0 + Parameters.timesNonResidue(s3),
            s1 + Parameters.timesNonResidue(s4),
            s1 + s2 + s3 - s0 - s4)
    }

    /// self·(b0 + b1·v): five products in Fp2.
    @inlinable
    public func times(_ b0: Fp2, _ b1: Fp2) -> Self {
        let v0 = c0 * b0
        let v1 = c1 * b1
        let t12 = c2 * b1
        let t01 = (c0 + c1) * (b0 + b1) - v0 - v1
        return Self(v0 + Parameters.timesNonResidue(t12), t01, c2 * b0 + v1)
    }

    /// self·b1·v: three products in Fp2.
    @inlinable
    public func timesV(_ b1: Fp2) -> Self {
        Self(Parameters.timesNonResidue(c2 * b1), c0 * b1, c1 * b1)
    }

    /// The multiplicative inverse; `nil` for zero.
    ///
    /// - Reference: Scott 2007, "Implementing cryptographic pairings".
    @inlinable
    public func inverse() -> Self? {
        let t0 = c0.squared() - Parameters.timesNonResidue(c1 * c2)
        let t1 = Parameters.timesNonResidue(c2.squared()) - c0 * c1
        let t2 = c1.squared() - c0 * c2
        let norm = c0 * t0 + Parameters.timesNonResidue(c2 * t1 + c1 * t2)
        guard let n = norm.inverse() else { return nil }
        return Self(t0 * n, t1 * n, t2 * n)
    }

    /// The p-power of this element.
    @inlinable
    public func frobenius() -> Self {
        let gamma = Parameters.frobenius
        return Self(c0.conjugate, c1.conjugate * gamma.gamma2, c2.conjugate * gamma.gamma4)
    }

    /// A uniformly random element.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(.random(using: &generator), .random(using: &generator), .random(using: &generator))
    }
}

extension Fp6 {
    /// Adds `b` to `a`.
    @inlinable public static func += (a: inout Self, b: Self) { a = a + b }
    /// Subtracts `b` from `a`.
    @inlinable public static func -= (a: inout Self, b: Self) { a = a - b }
    /// Multiplies `a` by `b`.
    @inlinable public static func *= (a: inout Self, b: Self) { Parameters.multiply(&a, by: b) }
}
