// SPDX-License-Identifier: Apache-2.0

public import ConstraintSystems
import Curves
public import FiniteFields

/// A linear combination of wires plus a constant, together with its value.
///
/// Additions and multiplications by constants are free: they make no constraint. Where a builder records no
/// constraints the terms stay empty, where it makes no witness the value says nothing; so one description
/// serves both (see `CircuitBuilder`).
public struct Linear: Sendable {
    /// Coefficient times wire.
    public typealias Term = R1CS<Scalar>.Term

    @usableFromInline var terms: Terms
    @usableFromInline var constant: Scalar
    /// The value under the witness being made, Montgomery form.
    public var value: Scalar { storedValue }
    @usableFromInline var storedValue: Scalar

    @inlinable
    init(terms: Terms, constant: Scalar, value: Scalar) {
        self.terms = terms
        self.constant = constant
        storedValue = value
    }

    /// A constant.
    @inlinable
    public init(_ constant: Scalar) { self.init(terms: .none, constant: constant, value: constant) }

    /// The constant zero.
    public static let zero = Linear(Scalar.zero)
    /// The constant one.
    public static let one = Linear(Scalar.one)

    /// The wire that this is, as a builder gave it, whether or not constraints are recorded: `nil` for
    /// constants, and for sums and multiples even where they have that wire's value.
    package var wireNumber: UInt32? { constant.isZero ? terms.wire : nil }

    /// The number of terms as they stand, before any are merged; 0 where no constraints are recorded.
    public var termCount: Int { terms.count }

    /// Makes room for so many more terms.
    mutating func reserve(_ count: Int) { terms.reserve(count) }

    /// Adds `b` to `a`.
    @inlinable
    public static func += (a: inout Linear, b: Linear) {
        a.terms.add(b.terms)
        if !b.constant.isZero { a.constant += b.constant }
        a.storedValue += b.storedValue
    }

    /// Subtracts `b` from `a`.
    @inlinable
    public static func -= (a: inout Linear, b: Linear) {
        a.terms.subtract(b.terms)
        if !b.constant.isZero { a.constant -= b.constant }
        a.storedValue -= b.storedValue
    }

    /// The sum.
    @inlinable
    public static func + (a: Linear, b: Linear) -> Linear {
        var sum = a
        sum += b
        return sum
    }

    /// The difference.
    @inlinable
    public static func - (a: Linear, b: Linear) -> Linear {
        var difference = a
        difference -= b
        return difference
    }

    /// The sum with a constant.
    @inlinable
    public static func + (a: Linear, b: Scalar) -> Linear {
        Linear(terms: a.terms, constant: a.constant + b, value: a.value + b)
    }

    /// The difference from a constant.
    @inlinable
    public static func - (a: Linear, b: Scalar) -> Linear { a + -b }

    /// The negative.
    @inlinable
    public static prefix func - (a: Linear) -> Linear { Linear.zero - a }

    /// The product with a constant.
    @inlinable
    public static func * (a: Linear, b: Scalar) -> Linear {
        var product = Linear(terms: .none, constant: .zero, value: .zero)
        product.add(a, times: b)
        return product
    }

    /// self ← self + a·b.
    @inlinable
    public mutating func add(_ a: Linear, times b: Scalar) {
        terms.add(a.terms, times: b)
        if !a.constant.isZero { constant += a.constant * b }
        // Zeros are frequent: bits, and all wires where no values are made.
        if !a.storedValue.isZero { storedValue += a.storedValue * b }
    }
}

extension Sequence<Linear> {
    /// The sum of all.
    public func sum() -> Linear {
        reduce(into: Linear.zero) { $0 += $1 }
    }
}
