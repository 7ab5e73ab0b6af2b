// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// A scalar s = −λ·(a + λ·b) that points are multiplied by, where λ is the endomorphism's, with
///
///     a = 2·2ⁿ + Σ ±2ⁱ,   b = 2ⁿ + Σ ±2ⁱ   for 0 ≤ i < n.
///
/// Each sign is a bit of the circuit.
package protocol PointScalar {
    /// n.
    static var digits: Int { get }
    /// The bits of a's signs, the lowest digit first: 1 for +.
    var signs: [Linear] { get }
    /// 1 where a's digit and b's are the same.
    var equal: [Linear] { get }
    /// s.
    var value: Linear { get }
}

extension PointScalar {
    /// What is 1 where two digits are the same: a constraint each.
    static func equal(
        _ builder: CircuitBuilder, _ a: ArraySlice<Linear>, _ b: ArraySlice<Linear>
    ) -> [Linear] {
        zip(a, b).map { Linear.one - $0 - $1 + builder.multiply($0, $1) * Scalar(2) }
    }

    /// s, by the signs of a and b: a sum of bits.
    package static func value(
        _ builder: CircuitBuilder, _ a: ArraySlice<Linear>, _ b: ArraySlice<Linear>
    ) -> Linear {
        // Σ ±2ⁱ = 2·Σ bᵢ·2ⁱ − (2ⁿ − 1)
        let top = builder.powerOfTwo(digits)
        let least = Scalar.one - top
        let whole = builder.weighted(a, shift: 1) + least + (top + top)
        let part = builder.weighted(b, shift: 1) + least + top
        var sum = whole
        sum.add(part, times: Endomorphism.eigenvalue)
        return sum * -Endomorphism.eigenvalue
    }
}
