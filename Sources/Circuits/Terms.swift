// SPDX-License-Identifier: Apache-2.0

import Compute
public import ConstraintSystems
import Curves
public import FiniteFields

/// The wires of a linear combination, with their coefficients; wire 0, the constant one, is not among them.
///
/// Two wires with coefficients of 1 or −1 need no memory of their own, and so do combinations of a run that
/// makes values only: of these it is known whether they are a constant, a wire or a sum, and nothing else.
@usableFromInline
struct Terms: Sendable {
    @usableFromInline typealias Term = R1CS<Scalar>.Term

    /// A wire with coefficient 1, or the negative of a wire with coefficient −1; 0 where there is none.
    @usableFromInline var first: Int32
    /// Another one, none without the first; or `valuesOnly`.
    @usableFromInline var second: Int32
    /// All other terms: unordered, a wire may occur more than once.
    @usableFromInline var others: [Term]

    /// The mark in `second` of runs without constraints: `first` is the wire that this is, 0 for sums.
    @inlinable static var valuesOnly: Int32 { .min }

    @inlinable @inline(__always)
    init(first: Int32, second: Int32) {
        self.first = first
        self.second = second
        others = []
    }

    /// A constant's: none.
    @inlinable static var none: Terms { Terms(first: 0, second: 0) }

    /// A wire.
    ///
    /// - Precondition: 0 < wire < 2^31.
    @inlinable @inline(__always)
    init(wire: UInt32, isRecorded: Bool) {
        self.init(first: Int32(wire), second: isRecorded ? 0 : Self.valuesOnly)
    }

    /// True for constants.
    @inlinable @inline(__always)
    var isEmpty: Bool { first == 0 && second == 0 && others.isEmpty }

    /// The wire that this is; `nil` for all else.
    var wire: UInt32? {
        first > 0 && (second == 0 || second == Self.valuesOnly) && others.isEmpty ? UInt32(first) : nil
    }

    /// The number of terms, 0 where they are not known.
    var count: Int {
        second == Self.valuesOnly ? 0 : (first == 0 ? 0 : 1) + (second == 0 ? 0 : 1) + others.count
    }

    /// The wires, some perhaps more than once; none where they are not known.
    var wires: [UInt32] {
        if second == Self.valuesOnly { return [] }
        return [first, second].filter { $0 != 0 }.map(\.magnitude) + others.map(\.wire)
    }

    /// Adds the terms of another combination.
    @inlinable @inline(__always)
    mutating func add(_ other: Terms) {
        if other.isEmpty { return }
        if second == Self.valuesOnly || other.second == Self.valuesOnly {
            if isEmpty { (first, second) = (other.first, other.second) } else { becomeUnknown() }
        } else {
            append(other)
        }
    }

    /// Adds the negatives of another combination's terms.
    @inlinable @inline(__always)
    mutating func subtract(_ other: Terms) {
        if other.isEmpty { return }
        if second == Self.valuesOnly || other.second == Self.valuesOnly {
            becomeUnknown()
        } else {
            appendNegative(of: other)
        }
    }

    /// Adds another combination's terms times a constant.
    @inlinable @inline(__always)
    mutating func add(_ other: Terms, times factor: Scalar) {
        if other.isEmpty { return }
        if second == Self.valuesOnly || other.second == Self.valuesOnly {
            becomeUnknown()
        } else {
            append(other, times: factor)
        }
    }

    /// Becomes what a sum has where no constraints are recorded; there are no others, then.
    @inlinable @inline(__always)
    mutating func becomeUnknown() { (first, second) = (0, Self.valuesOnly) }

    @inlinable
    mutating func append(unit: Int32) {
        if first == 0 {
            first = unit
        } else if second == 0 {
            second = unit
        } else {
            others.append(Term(wire: unit.magnitude, coefficient: unit < 0 ? -.one : .one))
        }
    }

    @usableFromInline
    mutating func append(_ other: Terms) {
        if other.first != 0 { append(unit: other.first) }
        if other.second != 0 { append(unit: other.second) }
        if other.others.isEmpty { return }
        reserve(other.others.count)
        others.append(contentsOf: other.others)
    }

    @usableFromInline
    mutating func appendNegative(of other: Terms) {
        if other.first != 0 { append(unit: -other.first) }
        if other.second != 0 { append(unit: -other.second) }
        if other.others.isEmpty { return }
        reserve(other.others.count)
        for term in other.others { others.append(Term(wire: term.wire, coefficient: -term.coefficient)) }
    }

    @usableFromInline
    mutating func append(_ other: Terms, times factor: Scalar) {
        reserve(other.count)
        append(unit: other.first, times: factor)
        append(unit: other.second, times: factor)
        for term in other.others {
            others.append(Term(wire: term.wire, coefficient: term.coefficient * factor))
        }
    }

    private mutating func append(unit: Int32, times factor: Scalar) {
        if unit == 0 { return }
        others.append(Term(wire: unit.magnitude, coefficient: unit < 0 ? -factor : factor))
    }

    /// Makes room for so many more terms, and for more than that where there will be more.
    mutating func reserve(_ count: Int) {
        if count > 0 && others.count + count > others.capacity {
            others.reserveCapacity(max(4, others.count + count, 2 * others.count))
        }
    }
}
