// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

extension CircuitBuilder {
    /// A wire that is 0 or 1: one constraint.
    public func boolean(_ value: @autoclosure () -> Bool) -> Linear {
        let bit = wire(value() ? .one : .zero)
        enforceBoolean(bit)
        return bit
    }

    /// Demands that x is 0 or 1: one constraint.
    public func enforceBoolean(_ x: Linear) { enforce(x, times: x - Scalar.one, equals: .zero) }

    /// The `count` bits of x, least significant first: `count` constraints, and thereby 0 ≤ x < 2^count.
    ///
    /// All bits but the last are wires; the last is what is left of x, and the constraint that it is a bit
    /// ties all of them to x.
    ///
    /// - Precondition: 1 ≤ count ≤ 252, so that no two sets of bits stand for one element.
    public func bits(of x: Linear, count: Int) -> [Linear] {
        precondition((1...252).contains(count))
        let limbs = hasValues ? x.value.canonical : .zero
        var bits: [Linear] = []
        bits.reserveCapacity(count)
        var rest = x
        for index in 0..<(count - 1) {
            let bit = boolean((limbs[index / 64] >> UInt64(index % 64)) & 1 == 1)
            rest.add(bit, times: -powerOfTwo(index))
            bits.append(bit)
        }
        // (x − Σ 2^i·bᵢ) / 2^(count−1)
        let last = rest * inversePowers[count - 1]
        enforceBoolean(last)
        bits.append(last)
        return bits
    }

    /// Demands 0 ≤ x < 2^count: `count` constraints.
    public func enforceRange(_ x: Linear, bits count: Int) { _ = bits(of: x, count: count) }

    /// Demands −2^(count−1) ≤ x < 2^(count−1): `count` constraints.
    public func enforceSignedRange(_ x: Linear, bits count: Int) {
        enforceRange(x + powerOfTwo(count - 1), bits: count)
    }

    /// The 254 bits of the integer below the group order that x is: 254 constraints for the bits, and some
    /// 250 so that no other set of bits passes.
    public func canonicalBits(of x: Linear) -> [Linear] {
        let limbs = hasValues ? x.value.canonical : .zero
        let width = Scalar.bitWidth
        let bits = (0..<width).map { index in boolean((limbs[index / 64] >> UInt64(index % 64)) & 1 == 1) }
        enforceEqual(weighted(bits), x)
        enforceBelowOrder(bits)
        return bits
    }

    /// Demands that bits, least significant first, are an integer below the group order.
    ///
    /// From the top down: as long as all bits equal those of p − 1, a bit may not exceed its fellow there.
    private func enforceBelowOrder(_ bits: [Linear]) {
        let top = Scalar(signed: -1).canonical
        // 1 while all bits above equal those of p − 1.
        var equal = Linear.one
        for index in bits.indices.reversed() {
            if (top[index / 64] >> UInt64(index % 64)) & 1 == 1 {
                equal = multiply(equal, bits[index])
            } else {
                // equal ∧ bit would be larger. A bit of 0 leaves `equal` as it is.
                enforce(equal, times: bits[index], equals: .zero)
            }
        }
    }

    /// Σ 2^(i + shift)·bᵢ: no constraint.
    public func weighted(_ bits: some Sequence<Linear>, shift: Int = 0) -> Linear {
        var sum = Linear.zero
        for (index, bit) in bits.enumerated() { sum.add(bit, times: powerOfTwo(index + shift)) }
        return sum
    }
}
