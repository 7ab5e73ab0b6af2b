// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import FiniteFields

extension EmulatedElement {
    /// The leaf that it is, and nothing else.
    var onlyLeaf: Int? {
        terms.count == 1 && terms[0].coefficient == 1 && constant.isZero ? terms[0].leaf : nil
    }
}

/// What is made by which part of a circuit when identities are enforced at τ, and which wire it is: each leaf
/// and each product is made once, where it is needed first in the order of the checks.
///
/// With it every part knows the wires of the parts before it, whether or not they are made.
struct EvaluationPlan<Field: PrimeField> {
    /// The part that makes something, −1 for none, and its last wire.
    struct Place {
        var part: Int32 = -1
        var wire: UInt32 = 0
    }

    private(set) var leaves: [Place]
    private(set) var products: [Place]
    /// τ, τ² … times a leaf that is in more products with constants than it has limbs less one: the wires of
    /// the last.
    private(set) var shifted: [Int: Place] = [:]
    /// In how many products with constants each leaf is a factor by itself.
    private(set) var constantUses: [Int32]
    /// The wires of each part.
    private(set) var sizes: [Int] = []
    /// For each part the numbers between which all of its leaves are, and of its products.
    private(set) var leafRanges: [Range<Int>] = []
    private(set) var productRanges: [Range<Int>] = []

    private let field: EmulatedField<Field>
    private var wire: Int
    /// The most selections in a chain, each of which chooses from the one before: they are evaluated by
    /// recursion, on threads with half a megabyte of stack on some systems.
    static var mostSelectionDepth: Int { 500 }

    /// - Precondition: no chain of selections is longer than `mostSelectionDepth`.
    /// - Parameters:
    ///   - parts: the groups of each.
    ///   - firstWire: the number of the first part's first wire.
    init(_ field: EmulatedField<Field>, _ parts: [ArraySlice<CheckGroup>], firstWire: Int) {
        self.field = field
        wire = firstWire
        leaves = [Place](repeating: Place(), count: field.leaves.count)
        products = [Place](repeating: Place(), count: field.factors.count)
        constantUses = [Int32](repeating: 0, count: field.leaves.count)
        for index in field.factors.indices {
            if let product = constantProduct(index) { constantUses[product.leaf] += 1 }
        }
        limitSelections()
        for (part, groups) in parts.enumerated() {
            let start = wire
            for group in groups { visit(group, Int32(part)) }
            sizes.append(wire - start)
        }
        leafRanges = Self.ranges(leaves, parts.count)
        productRanges = Self.ranges(products, parts.count)
    }

    /// Selections choose from leaves that were made before.
    private func limitSelections() {
        var depths: [Int: Int] = [:]
        for (leaf, made) in field.leaves.enumerated() {
            guard case .selection(_, let a, let b) = made else { continue }
            let inner = [a, b].flatMap(\.terms).reduce(0) { max($0, depths[$1.leaf] ?? 0) }
            if inner >= Self.mostSelectionDepth {
                fatalError(
                    "emulated \(Field.name): select: a chain of more than \(Self.mostSelectionDepth) selections: "
                        + "use `reduced` in between")
            }
            depths[leaf] = inner + 1
        }
    }

    private static func ranges(_ places: [Place], _ parts: Int) -> [Range<Int>] {
        var ranges = [Range<Int>](repeating: 0..<0, count: parts)
        for (index, place) in places.enumerated() where place.part >= 0 {
            let part = Int(place.part)
            ranges[part] = (ranges[part].isEmpty ? index : ranges[part].lowerBound)..<index + 1
        }
        return ranges
    }

    /// The constant and the leaf of a product that has no other factors.
    func constantProduct(_ index: Int) -> (constant: Field, leaf: Int)? {
        let (a, b) = field.factors[index]
        if a.isConstant, let leaf = b.onlyLeaf { return (a.constant, leaf) }
        if b.isConstant, let leaf = a.onlyLeaf { return (b.constant, leaf) }
        return nil
    }

    /// The constant and the leaf of a product that is made of the leaf's multiples by powers of τ.
    func sharedProduct(_ index: Int) -> (constant: Field, leaf: Int)? {
        guard let product = constantProduct(index), constantUses[product.leaf] >= field.shape.count else {
            return nil
        }
        return product
    }

    private mutating func visit(_ group: CheckGroup, _ part: Int32) {
        for index in group.checks {
            visit(field.checks[index].linear, part)
            for term in field.checks[index].terms { visit(product: term.product, part) }
            // ρ·e
            wire += 1
        }
        // C and K by Horner's rule, and (X₀ − τ)·C.
        wire += group.bounds.carryCount + group.bounds.quotientCount - 1
    }

    private mutating func visit(_ element: EmulatedElement<Field>, _ part: Int32) {
        for term in element.terms { visit(leaf: term.leaf, part) }
    }

    private mutating func visit(leaf: Int, _ part: Int32) {
        if leaves[leaf].part >= 0 { return }
        switch field.leaves[leaf] {
        case .chunks: wire += field.shape.count - 1
        case .limbs(let limbs): wire += limbs.count - 1
        case .selection(_, let a, let b):
            visit(b, part)
            visit(a, part)
            wire += 1
        }
        leaves[leaf] = Place(part: part, wire: UInt32(wire - 1))
    }

    private mutating func visit(product: Int, _ part: Int32) {
        if products[product].part >= 0 { return }
        if let leaf = sharedProduct(product)?.leaf {
            visit(leaf: leaf, part)
            if shifted[leaf] == nil {
                wire += field.shape.count - 1
                shifted[leaf] = Place(part: part, wire: UInt32(wire - 1))
            }
        } else {
            visit(field.factors[product].0, part)
            visit(field.factors[product].1, part)
            wire += 1
        }
        products[product] = Place(part: part, wire: UInt32(wire - 1))
    }
}

/// Elements and products of a field at τ in a part of a circuit: its own are made, those of the parts before
/// it are known by their wires, and their values are computed once more.
final class Evaluation<Field: PrimeField> {
    /// The part's.
    let builder: CircuitBuilder
    private let field: EmulatedField<Field>
    private let plan: EvaluationPlan<Field>
    private let part: Int32
    /// 1, τ, τ² … for the limbs of constants.
    private let powers: [Linear]
    private var leaves: PartTable
    private var products: PartTable
    private var shifted: [Int: [Linear]] = [:]

    init(
        _ field: EmulatedField<Field>, _ plan: EvaluationPlan<Field>, part: Int, _ builder: CircuitBuilder,
        powers: [Linear]
    ) {
        (self.field, self.plan, self.part) = (field, plan, Int32(part))
        (self.builder, self.powers) = (builder, powers)
        leaves = PartTable(plan.leafRanges[part])
        products = PartTable(plan.productRanges[part])
    }

    private var point: Linear { powers[1] }

    /// A wire: of this part, or of one before it.
    private func multiply(_ a: Linear, _ b: Linear, _ place: EvaluationPlan<Field>.Place) -> Linear {
        place.part == part
            ? builder.multiply(a, b) : builder.combination(Int(place.wire), value: a.value * b.value)
    }

    private func horner(_ coefficients: [Linear], _ place: EvaluationPlan<Field>.Place) -> Linear {
        if place.part == part || coefficients.count == 1 { return builder.horner(coefficients, at: point) }
        var value = Scalar.zero
        if field.hasValues {
            for coefficient in coefficients.reversed() { value = value * point.value + coefficient.value }
        }
        return builder.combination(Int(place.wire), value: value)
    }

    /// A constant times a leaf, by the leaf's multiples by powers of τ: no constraint but for these.
    private func multiple(_ constant: Field, _ leaf: Int) -> Linear {
        let own = self.leaf(leaf)
        if shifted[leaf] == nil {
            var (multiples, place) = ([own], plan.shifted[leaf]!)
            place.wire -= UInt32(field.shape.count - 2)
            while multiples.count < field.shape.count {
                multiples.append(multiply(multiples[multiples.count - 1], point, place))
                place.wire += 1
            }
            shifted[leaf] = multiples
        }
        var sum = Linear.zero
        for (limb, power) in zip(field.constantLimbs(constant), shifted[leaf]!) where !limb.isZero {
            sum.add(power, times: limb)
        }
        return sum
    }

    /// Of limbs that are constants: no constraint.
    func constant(_ limbs: [Scalar]) -> Linear {
        var sum = Linear.zero
        for (limb, power) in zip(limbs, powers) where !limb.isZero { sum.add(power, times: limb) }
        return sum
    }

    /// Of an element.
    func value(_ element: EmulatedElement<Field>) -> Linear {
        var sum = element.constant.isZero ? Linear.zero : constant(field.constantLimbs(element.constant))
        for term in element.terms {
            let value = leaf(term.leaf)
            if term.coefficient == 1 {
                sum += value
            } else if term.coefficient == -1 {
                sum -= value
            } else {
                sum.add(value, times: Scalar(signed: term.coefficient))
            }
        }
        return sum
    }

    /// Of a product: one constraint, or none for a constant times a leaf that has many such products.
    func product(_ index: Int) -> Linear {
        if let known = products[index] { return known }
        let made: Linear
        if let (constant, leaf) = plan.sharedProduct(index) {
            made = multiple(constant, leaf)
        } else {
            let (a, b) = field.factors[index]
            made = multiply(value(a), value(b), plan.products[index])
        }
        products[index] = made
        return made
    }

    /// One constraint for each limb but the first, or one for a selection.
    private func leaf(_ index: Int) -> Linear {
        if let known = leaves[index] { return known }
        let place = plan.leaves[index]
        let made: Linear
        switch field.leaves[index] {
        case .chunks(let start): made = horner(field.limbs(ofChunks: (index, start)), place)
        case .limbs(let limbs): made = horner(limbs, place)
        case .selection(let bit, let a, let b):
            let other = value(b)
            made = multiply(bit, value(a) - other, place) + other
        }
        leaves[index] = made
        return made
    }
}

/// What one part has of all leaves, or of all products: its own are close together.
private struct PartTable {
    private var own: [Linear?]
    private let first: Int
    private var others: [Int: Linear] = [:]

    init(_ range: Range<Int>) {
        first = range.lowerBound
        own = [Linear?](repeating: nil, count: range.count)
    }

    subscript(index: Int) -> Linear? {
        get {
            let place = index - first
            return own.indices.contains(place) ? own[place] : others[index]
        }
        set {
            let place = index - first
            if own.indices.contains(place) { own[place] = newValue } else { others[index] = newValue }
        }
    }
}
