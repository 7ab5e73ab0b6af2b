// SPDX-License-Identifier: Apache-2.0

/// c0 + c1·w in Fp6[w]/(w² − v): the field of pairing values.
///
/// Not a `Field`: nothing takes square roots here.
@frozen
public struct Fp12<Parameters: TowerParameters>: Hashable, Sendable, BitwiseCopyable {
    /// The field Fp2 of the same tower.
    public typealias Fp2 = FiniteFields.Fp2<Parameters>
    /// The field Fp6 of the same tower.
    public typealias Fp6 = FiniteFields.Fp6<Parameters>

    /// The coefficients of 1 and w.
    public var c0, c1: Fp6

    /// The element with the given coefficients of 1 and w.
    @inlinable @inline(__always)
    public init(_ c0: Fp6, _ c1: Fp6) {
        self.c0 = c0
        self.c1 = c1
    }

    /// The neutral element of addition.
    @inlinable public static var zero: Self { Self(.zero, .zero) }
    /// The neutral element of multiplication.
    @inlinable public static var one: Self { Self(.one, .zero) }
    /// True for zero alone.
    @inlinable public var isZero: Bool { c0.isZero && c1.isZero }

    /// The sum.
    @inlinable
    public static func + (a: Self, b: Self) -> Self { Self(a.c0 + b.c0, a.c1 + b.c1) }

    /// The difference.
    @inlinable
    public static func - (a: Self, b: Self) -> Self { Self(a.c0 - b.c0, a.c1 - b.c1) }

    /// The negative.
    @inlinable
    public static prefix func - (a: Self) -> Self { Self(-a.c0, -a.c1) }

    /// The product.
    @inlinable
    public static func * (a: Self, b: Self) -> Self {
        var r = a
        Parameters.multiply(&r, by: b)
        return r
    }

    /// Multiplies `a` by `b`.
    @inlinable public static func *= (a: inout Self, b: Self) { Parameters.multiply(&a, by: b) }

    /// The product with itself.
    @inlinable
    public func squared() -> Self {
        var r = self
        Parameters.square(&r)
        return r
    }

    /// c0 − c1·w, which is the p⁶-power; the inverse where the norm to Fp6 is one, as in the cyclotomic
    /// subgroup.
    @inlinable
    public var conjugate: Self { Self(c0, -c1) }

    /// The multiplicative inverse; `nil` for zero.
    @inlinable
    public func inverse() -> Self? {
        guard let n = (c0.squared() - c1.squared().timesV()).inverse() else { return nil }
        return Self(c0 * n, -(c1 * n))
    }

    /// The p-power of this element.
    @inlinable
    public func frobenius() -> Self {
        let gamma = Parameters.frobenius
        return Self(
            c0.frobenius(),
            Fp6(
                c1.c0.conjugate * gamma.gamma1,
                c1.c1.conjugate * gamma.gamma3,
                c1.c2.conjugate * gamma.gamma5))
    }

    /// The p²-power of this element, whose factors γᵢ^(p+1) lie in Fp.
    @inlinable
    public func frobeniusSquared() -> Self {
        let gamma = Parameters.frobenius
        return Self(
            Fp6(c0.c0, c0.c1 * gamma.gamma2.norm, c0.c2 * gamma.gamma4.norm),
            Fp6(c1.c0 * gamma.gamma1.norm, c1.c1 * gamma.gamma3.norm, c1.c2 * gamma.gamma5.norm))
    }

    /// `self` to the power of the integer whose limbs are given, least significant first; for any element.
    ///
    /// - Complexity: one squaring a bit and one product a set bit.
    @inlinable
    public func power(_ exponent: [UInt64]) -> Self {
        var result = Self.one
        for word in exponent.reversed() {
            for bit in stride(from: 63, through: 0, by: -1) {
                Parameters.square(&result)
                if (word >> UInt64(bit)) & 1 == 1 { result *= self }
            }
        }
        return result
    }

    /// A uniformly random element.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(.random(using: &generator), .random(using: &generator))
    }

    /// The twelve coefficients over Fp: index 6·i + 2·j + k holds that of wⁱ·vʲ·uᵏ.
    public var coefficients: [Parameters.Fp] {
        [c0.c0, c0.c1, c0.c2, c1.c0, c1.c1, c1.c2].flatMap { [$0.c0, $0.c1] }
    }

    /// Takes twelve coefficients in the order of `coefficients`; any other number is a programming error.
    public init(coefficients c: [Parameters.Fp]) {
        precondition(c.count == 12, "Fp12 has twelve coefficients")
        self.init(
            Fp6(Fp2(c[0], c[1]), Fp2(c[2], c[3]), Fp2(c[4], c[5])),
            Fp6(Fp2(c[6], c[7]), Fp2(c[8], c[9]), Fp2(c[10], c[11])))
    }
}
