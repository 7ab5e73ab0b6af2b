// SPDX-License-Identifier: Apache-2.0

public import ConstraintSystems
public import Curves
public import FiniteFields

/// The field that circuits are over: BN254's scalars, as Poseidon's constants and the EVM's precompiles
/// demand.
public typealias Scalar = BN254.Fr

/// A linear combination of wires plus a constant, together with its value.
///
/// Additions and multiplications by constants are free: they make no constraint. Where a builder records no
/// constraints the terms stay empty, where it makes no witness the value says nothing; so one description
/// serves both (see `CircuitBuilder`).
public struct Linear: Sendable {
    /// Coefficient times wire.
    public typealias Term = R1CS<Scalar>.Term

    /// Coefficient times wire; unordered, a wire may occur more than once. Wire 0, the constant one, is not
    /// among them.
    @usableFromInline var terms: [Term]
    @usableFromInline var constant: Scalar
    /// The value under the witness being made, Montgomery form.
    public var value: Scalar { storedValue }
    @usableFromInline var storedValue: Scalar
    /// The wire that this is, known also where no constraints are recorded; 0 where it is a sum or a
    /// constant.
    @usableFromInline var wire: UInt32 = 0

    @inlinable
    init(terms: [Term], constant: Scalar, value: Scalar) {
        self.terms = terms
        self.constant = constant
        storedValue = value
    }

    /// A constant.
    @inlinable
    public init(_ constant: Scalar) { self.init(terms: [], constant: constant, value: constant) }

    /// The constant zero.
    public static let zero = Linear(Scalar.zero)
    /// The constant one.
    public static let one = Linear(Scalar.one)

    /// The wire that this is, as a builder gave it: `nil` for sums, multiples and constants, even where they
    /// have that wire's value.
    var wireNumber: UInt32? { wire == 0 ? nil : wire }
    /// The wires in it, in any order, some perhaps more than once; none where no constraints are recorded.
    var wires: [UInt32] { terms.map(\.wire) }

    /// The number of terms as they stand, before any are merged.
    public var termCount: Int { terms.count }

    /// Adds `b` to `a`.
    @inlinable
    public static func += (a: inout Linear, b: Linear) {
        if !b.terms.isEmpty { a.terms.append(contentsOf: b.terms) }
        a.wire = 0
        a.constant += b.constant
        a.storedValue += b.storedValue
    }

    /// Subtracts `b` from `a`.
    @inlinable
    public static func -= (a: inout Linear, b: Linear) {
        for term in b.terms { a.terms.append(Term(wire: term.wire, coefficient: -term.coefficient)) }
        a.wire = 0
        a.constant -= b.constant
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
        var product = Linear(b * a.constant)
        product.addTerms(of: a, times: b)
        product.storedValue = a.storedValue * b
        return product
    }

    /// self ← self + a·b.
    @inlinable
    public mutating func add(_ a: Linear, times b: Scalar) {
        addTerms(of: a, times: b)
        wire = 0
        constant += a.constant * b
        storedValue += a.storedValue * b
    }

    @inlinable
    mutating func addTerms(of a: Linear, times b: Scalar) {
        if a.terms.isEmpty { return }
        terms.reserveCapacity(terms.count + a.terms.count)
        for term in a.terms { terms.append(Term(wire: term.wire, coefficient: term.coefficient * b)) }
    }

    /// Merges equal wires and drops zeros.
    mutating func reduce() { Self.reduce(&terms) }

    static func reduce(_ terms: inout [Term]) {
        if terms.count < 2 {
            if let only = terms.first, only.coefficient.isZero { terms.removeAll() }
            return
        }
        if !zip(terms, terms.dropFirst()).allSatisfy({ $0.wire < $1.wire }) {
            terms.sort { $0.wire < $1.wire }
            var kept = 0
            for index in 1..<terms.count {
                if terms[index].wire == terms[kept].wire {
                    terms[kept].coefficient += terms[index].coefficient
                } else {
                    kept += 1
                    terms[kept] = terms[index]
                }
            }
            terms.removeLast(terms.count - kept - 1)
        }
        terms.removeAll { $0.coefficient.isZero }
    }
}

extension Sequence<Linear> {
    /// The sum of all.
    public func sum() -> Linear {
        reduce(into: Linear.zero) { $0 += $1 }
    }
}

extension Scalar {
    /// 2^exponent.
    ///
    /// - Precondition: `exponent` is below 254 (2^253 is below the group order).
    public static func powerOfTwo(_ exponent: Int) -> Scalar {
        precondition((0..<254).contains(exponent))
        var limbs = Limbs.zero
        limbs[exponent / 64] = 1 << UInt64(exponent % 64)
        return Scalar(canonical: limbs)!
    }

    /// A signed integer, negative ones as p − |value|.
    @inlinable
    public init(signed value: Int) {
        let magnitude = Scalar(UInt64(value.magnitude))
        self = value < 0 ? -magnitude : magnitude
    }

    /// The integer between −2^62 and 2^62 that this is, with p − k for −k; `nil` for all other elements.
    public var signed: Int? {
        let limit: UInt64 = 1 << 62
        let own = canonical
        if own[1] == 0 && own[2] == 0 && own[3] == 0 && own[0] < limit { return Int(own[0]) }
        let negative = (-self).canonical
        if negative[1] == 0 && negative[2] == 0 && negative[3] == 0 && negative[0] < limit {
            return -Int(negative[0])
        }
        return nil
    }
}
