// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// How large an update may be: Σ over all entries of (entry / 2^fraction of its layer)², compared in
/// integers.
///
/// The entries of layer l have the fraction inputFraction(l) + probabilityFraction; squares are brought to
/// the largest fraction by powers of four.
package struct NormBound: Sendable {
    /// For each layer the power of two that its entries are multiplied by.
    let shifts: [Int]
    /// The largest sum of squares that passes.
    package let limit: Scalar
    /// limit − sum is below 2^bits.
    let bits: Int

    /// - Throws: where the sums could leave the field, or the bound is none.
    init(_ task: TaskDescription, _ layers: [LayerPlan]) throws(TaskError) {
        let fractions = layers.map { $0.inputFraction + task.arithmetic.probabilityFraction }
        let largest = fractions.max() ?? 0
        shifts = fractions.map { largest - $0 }
        let scaled = (task.normBound * Double(sign: .plus, exponent: largest, significand: 1)).rounded(.down)
        guard scaled >= 1, scaled < Double(1 << 62) else {
            throw TaskError(
                field: "normBound",
                reason: "\(task.normBound) is not between 2^−\(largest) and 2^\(62 - largest)")
        }
        limit = Scalar(UInt64(scaled)).squared()
        bits = limit.canonical.bitLength
        let entries = layers.reduce(0) { $0 + $1.weightCount }
        let widest = zip(layers, shifts).map { 2 * ($0.updateBits - 1 + $1) }.max() ?? 0
        guard widest + Bound.bitLength(entries) < 252 else {
            throw TaskError(
                field: "arithmetic", reason: "the norm of an update may leave the field: use fewer bits")
        }
    }

    /// The sum of squares of an update's layers, as the circuit has it.
    package func squaredNorm(_ layers: [Matrix<Int>]) -> Scalar {
        zip(layers, shifts).reduce(Scalar.zero) { sum, layer in
            layer.0.elements.reduce(sum) { $0 + (Scalar(signed: $1) * Scalar.powerOfTwo(layer.1)).squared() }
        }
    }

    /// Whether an update of these layers passes.
    package func admits(_ layers: [Matrix<Int>]) -> Bool {
        let sum = squaredNorm(layers).canonical
        return !limit.canonical.isLess(than: sum)
    }
}
