// SPDX-License-Identifier: Apache-2.0

/// A finite field: prime fields and the extensions built on them.
///
/// Operations never throw and never trap on values of the type; what has no answer is `nil`. Unless a
/// function says otherwise nothing is constant-time: never pass long-lived secrets.
public protocol Field: Hashable, Sendable, BitwiseCopyable {
    /// The neutral element of addition.
    static var zero: Self { get }
    /// The neutral element of multiplication.
    static var one: Self { get }
    /// The number of bytes of the canonical encoding.
    static var byteCount: Int { get }

    /// True for zero alone.
    var isZero: Bool { get }
    /// The sum.
    static func + (a: Self, b: Self) -> Self
    /// The difference.
    static func - (a: Self, b: Self) -> Self
    /// The product.
    static func * (a: Self, b: Self) -> Self
    /// The negative: what gives zero when it is added.
    static prefix func - (a: Self) -> Self
    /// The sum with itself.
    func doubled() -> Self
    /// The product with itself.
    func squared() -> Self

    /// The multiplicative inverse; `nil` for zero.
    func inverse() -> Self?

    /// A square root, either one of the two; `nil` for a non-residue.
    func squareRoot() -> Self?

    /// A uniformly random element.
    static func random(using generator: inout some RandomNumberGenerator) -> Self
}

extension Field {
    /// Adds `b` to `a`.
    @inlinable public static func += (a: inout Self, b: Self) { a = a + b }
    /// Subtracts `b` from `a`.
    @inlinable public static func -= (a: inout Self, b: Self) { a = a - b }
    /// Multiplies `a` by `b`.
    @inlinable public static func *= (a: inout Self, b: Self) { a = a * b }

    /// `self` to the power of the integer whose limbs are given, least significant first.
    ///
    /// - Complexity: one squaring a bit and one product a set bit.
    @inlinable
    public func power(_ exponent: [UInt64]) -> Self {
        var result = Self.one
        var started = false
        for word in exponent.reversed() {
            for bit in stride(from: 63, through: 0, by: -1) {
                if started { result = result.squared() }
                if (word >> UInt64(bit)) & 1 == 1 {
                    result = started ? result * self : self
                    started = true
                }
            }
        }
        return result
    }

    /// `self` to the power of an integer.
    @inlinable
    public func power(_ exponent: UInt64) -> Self { power([exponent]) }

    /// Inverts all elements in place by Montgomery's trick; zeros stay zero.
    ///
    /// - Complexity: three products an element and a single inversion.
    @inlinable
    public static func batchInvert(_ elements: inout [Self]) {
        var prefixes = [Self]()
        prefixes.reserveCapacity(elements.count)
        var product = Self.one
        for element in elements {
            prefixes.append(product)
            if !element.isZero { product *= element }
        }
        guard var inverse = product.inverse() else { return }
        for i in elements.indices.reversed() where !elements[i].isZero {
            let element = elements[i]
            elements[i] = inverse * prefixes[i]
            inverse *= element
        }
    }
}
