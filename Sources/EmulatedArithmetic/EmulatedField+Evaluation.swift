// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import FiniteFields

/// Elements and products of a field at τ: each leaf and each product is made once.
final class Evaluation<Field: PrimeField> {
    private let field: EmulatedField<Field>
    private let builder: CircuitBuilder
    private let point: Linear
    /// 1, τ, τ² … for the limbs of constants.
    private var powers: [Linear]
    private var leaves: [Linear?]
    private var products: [Linear?]

    init(_ field: EmulatedField<Field>, at point: Linear) {
        self.field = field
        self.point = point
        builder = field.builder
        powers = [.one, point]
        leaves = [Linear?](repeating: nil, count: field.leaves.count)
        products = [Linear?](repeating: nil, count: field.factors.count)
        while powers.count < field.shape.count {
            powers.append(builder.multiply(powers[powers.count - 1], point))
        }
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

    /// Of a product: one constraint.
    func product(_ index: Int) -> Linear {
        if let known = products[index] { return known }
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
