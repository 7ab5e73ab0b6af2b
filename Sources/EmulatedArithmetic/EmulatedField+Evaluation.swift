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

/// Elements and products of a field at τ: each leaf and each product is made once.
final class Evaluation<Field: PrimeField> {
    private let field: EmulatedField<Field>
    private let builder: CircuitBuilder
    private let point: Linear
    /// 1, τ, τ² … for the limbs of constants.
    private var powers: [Linear]
    private var leaves: [Linear?]
    private var products: [Linear?]
    /// In how many products with constants each leaf is a factor by itself.
    private var constantUses: [Int32]
    /// τ, τ² … times a leaf that is in more such products than it has limbs less one.
    private var shifted: [Int: [Linear]] = [:]

    init(_ field: EmulatedField<Field>, at point: Linear) {
        self.field = field
        self.point = point
        builder = field.builder
        powers = [.one, point]
        leaves = [Linear?](repeating: nil, count: field.leaves.count)
        products = [Linear?](repeating: nil, count: field.factors.count)
        constantUses = [Int32](repeating: 0, count: field.leaves.count)
        while powers.count < field.shape.count {
            powers.append(builder.multiply(powers[powers.count - 1], point))
        }
        for index in field.factors.indices {
            if let product = constantProduct(index) { constantUses[product.leaf] += 1 }
        }
    }

    /// The constant and the leaf of a product that has no other factors.
    private func constantProduct(_ index: Int) -> (constant: Field, leaf: Int)? {
        let (a, b) = field.factors[index]
        if a.isConstant, let leaf = b.onlyLeaf { return (a.constant, leaf) }
        if b.isConstant, let leaf = a.onlyLeaf { return (b.constant, leaf) }
        return nil
    }

    /// A constant times a leaf, by the leaf's multiples by powers of τ: no constraint but for these.
    private func multiple(_ constant: Field, _ leaf: Int) -> Linear {
        let own = self.leaf(leaf)
        if shifted[leaf] == nil {
            var multiples = [own]
            while multiples.count < field.shape.count {
                multiples.append(builder.multiply(multiples[multiples.count - 1], point))
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
        if let (constant, leaf) = constantProduct(index), constantUses[leaf] >= field.shape.count {
            let made = multiple(constant, leaf)
            products[index] = made
            return made
        }
        let (a, b) = field.factors[index]
        let made = builder.multiply(value(a), value(b))
        products[index] = made
        return made
    }

    /// One constraint for each limb but the first, or one for a selection.
    private func leaf(_ index: Int) -> Linear {
        if let known = leaves[index] { return known }
        let made: Linear
        switch field.leaves[index] {
        case .chunks(let start):
            made = builder.horner(field.limbs(ofChunks: (index, start)), at: point)
        case .limbs(let limbs):
            made = builder.horner(limbs, at: point)
        case .selection(let bit, let a, let b):
            let other = value(b)
            made = builder.multiply(bit, value(a) - other) + other
        }
        leaves[index] = made
        return made
    }
}
