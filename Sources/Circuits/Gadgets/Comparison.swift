// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

extension CircuitBuilder {
    /// 1 where x is zero, else 0: three constraints. Two would do for the result to be right, whatever the
    /// prover says is the inverse; the third pins that where there is none, so that every wire has one value.
    public func isZero(_ x: Linear) -> Linear {
        let inverse = deferredInverse(of: x)
        let result = wire(x.value.isZero ? .one : .zero)
        enforce(x, times: inverse, equals: Linear.one - result)
        enforce(x, times: result, equals: .zero)
        enforce(inverse, times: result, equals: .zero)
        return result
    }

    /// 1 where a = b, else 0: three constraints.
    public func isEqual(_ a: Linear, _ b: Linear) -> Linear { isZero(a - b) }

    /// 1 where a < b, else 0, for integers whose difference is in −2^count ≤ a − b < 2^count: count + 1
    /// constraints. No witness satisfies them where the difference is larger.
    public func isLess(_ a: Linear, _ b: Linear, bits count: Int) -> Linear {
        // a − b + 2^count has its top bit set exactly when a ≥ b.
        let all = bits(of: a - b + powerOfTwo(count), count: count + 1)
        return Linear.one - all[count]
    }

    /// Demands a ≤ b for integers with b − a < 2^count: `count` constraints.
    public func enforceAtMost(_ a: Linear, _ b: Linear, bits count: Int) { enforceRange(b - a, bits: count) }

    /// a where the bit is 1, b where it is 0: one constraint.
    ///
    /// - Precondition: the bit is constrained to be one.
    public func select(_ bit: Linear, _ a: Linear, _ b: Linear) -> Linear { multiply(bit, a - b) + b }

    /// Both as they are where the bit is 0, exchanged where it is 1: one constraint.
    public func exchange(_ bit: Linear, _ a: Linear, _ b: Linear) -> (Linear, Linear) {
        let difference = multiply(bit, b - a)
        return (a + difference, b - difference)
    }

    /// a ∧ b for bits: one constraint.
    public func and(_ a: Linear, _ b: Linear) -> Linear { multiply(a, b) }

    /// a ∨ b for bits: one constraint.
    public func or(_ a: Linear, _ b: Linear) -> Linear { a + b - multiply(a, b) }
}
