// SPDX-License-Identifier: Apache-2.0

package import FiniteFields

// Not within the generic types, so that arrays of them are handled without these types' metadata.

/// A multiple of a leaf in an element.
struct LeafTerm: Sendable {
    let leaf: Int
    var coefficient: Int
}

/// A multiple of a product in a quadratic.
struct ProductTerm: Sendable {
    let product: Int
    var coefficient: Int

    /// The terms with each product once, in ascending order.
    static func merged(_ terms: [ProductTerm]) -> [ProductTerm] {
        if terms.count < 2 { return terms }
        var sorted = terms
        sorted.sort { $0.product < $1.product }
        var merged: [ProductTerm] = []
        merged.reserveCapacity(sorted.count)
        var current = sorted[0]
        for term in sorted.dropFirst() {
            if term.product == current.product {
                current.coefficient += term.coefficient
            } else {
                if current.coefficient != 0 { merged.append(current) }
                current = term
            }
        }
        if current.coefficient != 0 { merged.append(current) }
        return merged
    }

    /// The terms of a difference.
    static func difference(_ a: [ProductTerm], _ b: [ProductTerm]) -> [ProductTerm] {
        var terms = a
        terms.reserveCapacity(a.count + b.count)
        for term in b { terms.append(ProductTerm(product: term.product, coefficient: -term.coefficient)) }
        return terms
    }
}

/// An element of an emulated field in a circuit: Σ cᵢ·leafᵢ + constant, modulo the field's prime, with its
/// value.
///
/// A leaf is a polynomial whose coefficients are limbs (`LimbShape`). Sums, differences and small multiples
/// are free: they make no wire. What grows is the weight, which `EmulatedField` watches. Elements of
/// different circuits, or of different `EmulatedField`s, must not meet: leaves are known by their number.
package struct EmulatedElement<Field: PrimeField>: Sendable {
    typealias Term = LeafTerm

    /// In ascending order of leaves, each once, none with the coefficient 0.
    let terms: [Term]
    let constant: Field
    /// No limb exceeds, in absolute value, the weight times the largest limb of a leaf: Σ|cᵢ|, and one more
    /// for a constant. `Int.max` where that is no number any more.
    package let weight: Int
    /// What it is under the witness being made.
    package let value: Field

    init(terms: [Term], constant: Field, value: Field) {
        self.terms = terms
        self.constant = constant
        self.value = value
        weight = terms.reduce(constant.isZero ? 0 : 1) { Self.sum($0, Self.magnitude($1.coefficient)) }
    }

    init(leaf: Int, value: Field, weight: Int) {
        terms = [Term(leaf: leaf, coefficient: 1)]
        constant = .zero
        self.value = value
        self.weight = weight
    }

    init(terms: [Term], constant: Field, value: Field, weight: Int) {
        self.terms = terms
        self.constant = constant
        self.value = value
        self.weight = weight
    }

    /// A constant.
    package init(_ constant: Field) { self.init(terms: [], constant: constant, value: constant) }

    /// A small constant.
    package init(_ constant: UInt64) { self.init(Field(constant)) }

    /// The constant zero.
    package static var zero: EmulatedElement { EmulatedElement(Field.zero) }
    /// The constant one.
    package static var one: EmulatedElement { EmulatedElement(Field.one) }

    /// Whether it is a constant.
    package var isConstant: Bool { terms.isEmpty }

    /// The sum.
    package static func + (a: EmulatedElement, b: EmulatedElement) -> EmulatedElement {
        if b.terms.isEmpty && b.constant.isZero { return a }
        if a.terms.isEmpty && a.constant.isZero { return b }
        var terms: [Term] = []
        terms.reserveCapacity(a.terms.count + b.terms.count)
        var overflows = false
        var (i, j) = (0, 0)
        while i < a.terms.count || j < b.terms.count {
            if j == b.terms.count || (i < a.terms.count && a.terms[i].leaf < b.terms[j].leaf) {
                terms.append(a.terms[i])
                i += 1
            } else if i == a.terms.count || b.terms[j].leaf < a.terms[i].leaf {
                terms.append(b.terms[j])
                j += 1
            } else {
                let (sum, overflow) = a.terms[i].coefficient.addingReportingOverflow(b.terms[j].coefficient)
                if overflow { overflows = true }
                if sum != 0 { terms.append(Term(leaf: a.terms[i].leaf, coefficient: sum)) }
                i += 1
                j += 1
            }
        }
        // Leaves may weigh more than one, so that only the sum of weights is sure.
        let weight = overflows ? Int.max : sum(a.weight, b.weight)
        return EmulatedElement(
            terms: terms, constant: a.constant + b.constant, value: a.value + b.value, weight: weight)
    }

    /// The difference.
    package static func - (a: EmulatedElement, b: EmulatedElement) -> EmulatedElement { a + b * -1 }

    /// The negative.
    package static prefix func - (a: EmulatedElement) -> EmulatedElement { a * -1 }

    /// A small multiple.
    package static func * (a: EmulatedElement, factor: Int) -> EmulatedElement {
        if factor == 0 { return .zero }
        let scaled = product(a.weight, magnitude(factor))
        let multiple = Field(UInt64(factor.magnitude))
        let signed = factor < 0 ? -multiple : multiple
        return EmulatedElement(
            terms: scaled == .max
                ? a.terms : a.terms.map { Term(leaf: $0.leaf, coefficient: $0.coefficient * factor) },
            constant: a.constant * signed, value: a.value * signed, weight: scaled)
    }

    static func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }

    static func product(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow || a == .max || b == .max ? .max : product
    }

    static func magnitude(_ a: Int) -> Int { a == .min ? .max : abs(a) }
}

/// What a check demands to be zero: Σ c·a·b + an element. Products are made by `EmulatedField.product`,
/// each costs one constraint however often it is used.
package struct EmulatedQuadratic<Field: PrimeField>: Sendable {
    typealias Term = ProductTerm

    let terms: [Term]
    let linear: EmulatedElement<Field>
    /// Σ|c|·weight(a)·weight(b); `Int.max` where that is no number any more.
    package let weight: Int
    /// What it is under the witness being made.
    package let value: Field

    init(terms: [Term], linear: EmulatedElement<Field>, weight: Int, value: Field) {
        self.terms = terms
        self.linear = linear
        self.weight = weight
        self.value = value
    }

    /// An element.
    package init(_ element: EmulatedElement<Field>) {
        self.init(terms: [], linear: element, weight: 0, value: element.value)
    }

    /// The sum.
    package static func + (a: EmulatedQuadratic, b: EmulatedQuadratic) -> EmulatedQuadratic {
        EmulatedQuadratic(
            terms: a.terms + b.terms, linear: a.linear + b.linear,
            weight: EmulatedElement<Field>.sum(a.weight, b.weight), value: a.value + b.value)
    }

    /// The sum with an element.
    package static func + (a: EmulatedQuadratic, b: EmulatedElement<Field>) -> EmulatedQuadratic {
        EmulatedQuadratic(
            terms: a.terms, linear: a.linear + b, weight: a.weight, value: a.value + b.value)
    }

    /// The difference.
    package static func - (a: EmulatedQuadratic, b: EmulatedQuadratic) -> EmulatedQuadratic {
        // What overflowed is left as it is, and refused.
        if b.weight == .max { return a + b * -1 }
        return EmulatedQuadratic(
            terms: ProductTerm.difference(a.terms, b.terms), linear: a.linear - b.linear,
            weight: EmulatedElement<Field>.sum(a.weight, b.weight), value: a.value - b.value)
    }

    /// The difference from an element.
    package static func - (a: EmulatedQuadratic, b: EmulatedElement<Field>) -> EmulatedQuadratic {
        EmulatedQuadratic(
            terms: a.terms, linear: a.linear - b, weight: a.weight, value: a.value - b.value)
    }

    /// A small multiple.
    package static func * (a: EmulatedQuadratic, factor: Int) -> EmulatedQuadratic {
        let weight = EmulatedElement<Field>.product(
            a.weight, EmulatedElement<Field>.magnitude(factor))
        let multiple = Field(UInt64(factor.magnitude))
        return EmulatedQuadratic(
            terms: weight == .max
                ? a.terms : a.terms.map { Term(product: $0.product, coefficient: $0.coefficient * factor) },
            linear: a.linear * factor, weight: weight,
            value: a.value * (factor < 0 ? -multiple : multiple))
    }
}
