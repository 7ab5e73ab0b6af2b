// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A dense polynomial over a prime field in coefficient form: Σ coefficients[i]·X^i.
///
/// Coefficients are in Montgomery form, the lowest first, and the last is never zero: polynomials that are
/// equal have equal arrays. Operations run on the calling thread and not in constant time, and the memory of
/// coefficients is not zeroed when it is freed.
///
/// ```swift
/// let f = Polynomial<BN254.Fr>([3, 0, 1])                  // X² + 3
/// let (quotient, value) = f.divided(byRoot: 2)             // X + 2, and f(2) = 7
/// let g = try f.multiplied(by: f, with: NTT(backend))
/// ```
public struct Polynomial<F: PrimeField>: Hashable, Sendable {
    /// The coefficients, the lowest first, without leading zeros; none for the zero polynomial.
    public let coefficients: [F]

    /// The polynomial with these coefficients, the lowest first; zeros at the end are dropped.
    @inlinable
    public init(_ coefficients: [F]) {
        guard let last = coefficients.last, last.isZero else {
            self.coefficients = coefficients
            return
        }
        let count = (coefficients.lastIndex { !$0.isZero } ?? -1) + 1
        self.coefficients = Array(coefficients[..<count])
    }

    /// The polynomial without coefficients.
    @inlinable public static var zero: Self { Self([]) }

    /// The exponent of the highest term; `nil` for zero.
    @inlinable public var degree: Int? { coefficients.isEmpty ? nil : coefficients.count - 1 }

    /// True for the zero polynomial.
    @inlinable public var isZero: Bool { coefficients.isEmpty }

    /// The value at `x`, by Horner's rule.
    ///
    /// - Complexity: one product a coefficient.
    @inlinable
    public func evaluated(at x: F) -> F {
        var value = F.zero
        for coefficient in coefficients.reversed() { value = value * x + coefficient }
        return value
    }

    /// The sum.
    @inlinable
    public static func + (a: Self, b: Self) -> Self {
        var (long, short) = (a.coefficients, b.coefficients)
        if long.count < short.count { swap(&long, &short) }
        for i in short.indices { long[i] += short[i] }
        return Self(long)
    }

    /// The difference.
    @inlinable
    public static func - (a: Self, b: Self) -> Self {
        var result = a.coefficients
        let common = min(result.count, b.coefficients.count)
        for i in 0..<common { result[i] -= b.coefficients[i] }
        for coefficient in b.coefficients[common...] { result.append(-coefficient) }
        return Self(result)
    }

    /// The negative.
    @inlinable
    public static prefix func - (a: Self) -> Self { Self(a.coefficients.map { -$0 }) }

    /// The polynomial with every coefficient times `factor`.
    @inlinable
    public static func * (a: Self, factor: F) -> Self { Self(a.coefficients.map { $0 * factor }) }

    /// The product by its definition: for short factors, and for fields without roots of unity; see
    /// `multiplied(by:with:)`.
    ///
    /// - Complexity: one product for each pair of coefficients.
    @inlinable
    public static func * (a: Self, b: Self) -> Self {
        if a.isZero || b.isZero { return .zero }
        var product = [F](repeating: .zero, count: a.coefficients.count + b.coefficients.count - 1)
        for (i, left) in a.coefficients.enumerated() {
            for (j, right) in b.coefficients.enumerated() { product[i + j] += left * right }
        }
        return Self(product)
    }
}
