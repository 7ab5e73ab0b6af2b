// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// How each record's part of an update is held to a norm of at most C, in exact integers.
///
/// A record's part of the update of layer l is aₗ ⊗ δₗ: its inputs (with the constant that biases are
/// multiplied by) times its errors. Errors are scaled by f/2^k and brought to a fraction such that all
/// updates have the same one, F, at once and towards zero:
///
///     δ'ₗ = sign(δₗ) · ⌊f·|δₗ| / 2^(k + sₗ)⌋,  sₗ = inputFraction(l) + probabilityFraction − F
///
/// With s the largest sₗ, N = Σₗ ‖aₗ‖²·‖δₗ‖²·4^(s − sₗ) and L = C²·4^(k + s), f is the largest integer of
/// 0 … 2^k with f²·N ≤ L. It is one integer for each record, and says nothing that the data do not.
///
/// **Why the norm is at most C.** ‖a ⊗ δ'‖² = Σₗ ‖aₗ‖²·‖δ'ₗ‖², and |δ'| ≤ f·|δ| / 2^(k + sₗ) for each
/// entry, since ⌊x⌋ ≤ x. So it is at most Σₗ ‖aₗ‖²·‖δₗ‖²·f² / 4^(k + sₗ) = f²·N / 4^(k + s) ≤ C². No
/// step of it depends on the record, the weights or the roundings that δ comes from: for every a and δ there
/// is such an f, as 0 is one.
///
/// A record with N ≤ C²·4^s has f = 2^k, and so its errors at the fraction of the update; with others the
/// norm is within a factor of 1/(f + 1) of C, but for what truncation takes. A null record has f = 0.
package struct ClipRule: Hashable, Sendable {
    /// k.
    package static let factorBits = 10

    /// C, in units of an update's entries.
    package let sensitivity: Int
    /// sₗ of each layer.
    let shifts: [Int]
    /// s.
    let largestShift: Int
    /// L.
    let limit: Scalar
    /// L < 2^limitBits.
    let limitBits: Int
    /// (f + 1)²·N − L − 1 < 2^excessBits for the f that there is, where it is below 2^k. With f = 0 it is
    /// below N; else f ≤ f², so that (2f + 1)·N ≤ 3f²·N ≤ 3L.
    let excessBits: Int
    /// The bits of a magnitude of an error times f, for each layer.
    let productBits: [Int]

    /// - Throws: where a number of the task has no room, by its field.
    init(_ task: TaskDescription, _ privacy: TaskDescription.Privacy, _ layers: [LayerPlan]) throws(TaskError)
    {
        let fractions = layers.map(\.inputFraction)
        let (least, most) = (fractions.min() ?? 0, fractions.max() ?? 0)
        let probability = task.arithmetic.probabilityFraction
        // At least one bit of an error before the point, and none behind those that there are.
        guard (most...max(most, least + probability)).contains(privacy.updateFraction),
            privacy.updateFraction <= least + probability
        else {
            throw TaskError(
                field: "privacy.updateFraction",
                reason:
                    "\(privacy.updateFraction) is not from \(most) to \(least + probability), the fractions that an update can have"
            )
        }
        let clip = privacy.clip * Double(sign: .plus, exponent: privacy.updateFraction, significand: 1)
        guard clip >= 1, clip < Double(1 << 30) else {
            throw TaskError(
                field: "privacy.clip",
                reason:
                    "\(privacy.clip) is not between 2^−\(privacy.updateFraction) and 2^\(30 - privacy.updateFraction)"
            )
        }
        sensitivity = Int(clip.rounded(.down))
        shifts = fractions.map { $0 + probability - privacy.updateFraction }
        largestShift = most + probability - privacy.updateFraction
        let fourth = 2 * (Self.factorBits + largestShift)
        limit = Scalar(UInt64(sensitivity)).squared() * Scalar.powerOfTwo(fourth)
        limitBits = Bound.bitLength(sensitivity * sensitivity) + fourth
        // ‖a‖² < 2^(2·bits of an entry)·entries, and so for δ.
        let norms = zip(layers, shifts).map { layer, shift in
            2 * Bound.bitLength(layer.largestInput) + Bound.bitLength(layer.inputs + 1)
                + 2 * Bound.bitLength(layer.largestError) + Bound.bitLength(layer.outputs)
                + 2 * (most + probability - privacy.updateFraction - shift)
        }
        let normBits = (norms.max() ?? 0) + Bound.bitLength(layers.count - 1)
        excessBits = max(normBits, limitBits + 2)
        productBits = layers.map { Bound.bitLength($0.largestError) + Self.factorBits }
        // (2^k)²·N and L stay integers in the field, and so do sums of a few.
        guard max(normBits + 2 * Self.factorBits, limitBits) + 3 < 250 else {
            throw TaskError(
                field: "arithmetic", reason: "the norm of a record may leave the field: use fewer bits")
        }
    }

    /// N of a record, by its row in the inputs and errors of each layer.
    package func squaredNorm(inputs: [Matrix<Int>], errors: [Matrix<Int>], row: Int) -> Scalar {
        func norm(_ matrix: Matrix<Int>) -> Scalar {
            (0..<matrix.columns).reduce(Scalar.zero) { $0 + Scalar(signed: matrix[row, $1]).squared() }
        }
        return shifts.indices.reduce(Scalar.zero) { sum, layer in
            sum + norm(inputs[layer]) * norm(errors[layer])
                * Scalar.powerOfTwo(2 * (largestShift - shifts[layer]))
        }
    }

    /// f of a record with this N.
    package func factor(_ squaredNorm: Scalar) -> Int {
        func fits(_ factor: Int) -> Bool {
            !limit.canonical.isLess(than: (Scalar(UInt64(factor)).squared() * squaredNorm).canonical)
        }
        // The bits of f, from the highest; none of them makes more than 2^k.
        return (0...Self.factorBits).reversed().reduce(0) { factor, bit in
            let larger = factor + 1 << bit
            return larger <= 1 << Self.factorBits && fits(larger) ? larger : factor
        }
    }

    /// δ' of an error.
    package func scaled(_ error: Int, by factor: Int, layer: Int) -> Int {
        let magnitude = (factor * abs(error)) >> (Self.factorBits + shifts[layer])
        return error < 0 ? -magnitude : magnitude
    }
}

/// What clipping makes of a pass forward and back.
package struct ClippedTrace: Sendable {
    /// f of each record; 0 for null records.
    package let factors: [Int]
    /// δ', one row a record, for each layer.
    package let errors: [Matrix<Int>]
    /// Aᵀ·Δ'. The record in each row has added to it a vector of a norm of at most C.
    package let update: Update

    /// - Parameter isNull: for each row whether it is none of the data.
    init(_ plan: Plan, _ rule: ClipRule, _ trace: TrainingTrace, isNull: [Bool]) {
        let inputs = zip(trace.inputs, plan.layers).map(TrainingTrace.withBias)
        let factors = isNull.indices.map { row in
            isNull[row]
                ? 0 : rule.factor(rule.squaredNorm(inputs: inputs, errors: trace.errors, row: row))
        }
        let errors = trace.errors.enumerated().map { layer, errors in
            Matrix(rows: errors.rows, columns: errors.columns) { row, column in
                rule.scaled(errors[row, column], by: factors[row], layer: layer)
            }
        }
        self.factors = factors
        self.errors = errors
        update = Update(layers: zip(inputs, errors).map { $0.transposed * $1 })
    }
}

extension CircuitBuilder {
    /// `ClippedTrace.errors`.
    ///
    /// Two comparisons leave one factor for each record: that f²·N ≤ L, and that (f + 1)²·N > L unless f =
    /// 2^k.
    ///
    /// - Parameters:
    ///   - training: whose errors they are.
    ///   - isNull: a bit for each row.
    ///   - rule: the task's.
    func clipped(_ training: TrainingWires, isNull: [Linear], _ rule: ClipRule) -> [Matrix<Linear>] {
        let rows = isNull.indices.map { row in
            clipped(training, row: row, factor: factor(training, row: row, rule), isNull[row], rule)
        }
        return training.errors.indices.map { layer in
            let errors = training.errors[layer].errors
            return Matrix(rows: errors.rows, columns: errors.columns) { rows[$0][layer][$1] }
        }
    }

    /// f of a row, whether it is null or not.
    private func factor(_ training: TrainingWires, row: Int, _ rule: ClipRule) -> Linear {
        func norm(_ matrix: Matrix<Linear>) -> Linear {
            squaredNorm((0..<matrix.columns).map { matrix[row, $0] })
        }
        let norm = rule.shifts.indices.map { layer in
            multiply(norm(training.inputs[layer]), norm(training.errors[layer].errors))
                * powerOfTwo(2 * (rule.largestShift - rule.shifts[layer]))
        }.sum()
        return clipFactor(norm, value: hasValues ? rule.factor(norm.value) : 0, rule)
    }

    /// f of a record with a squared norm N, whether it is null or not: no other has a witness.
    ///
    /// - Parameter value: what the prover says that it is.
    package func clipFactor(_ norm: Linear, value: Int, _ rule: ClipRule) -> Linear {
        // From 0 to 2^k: k bits, none of them set where it is 2^k.
        let isWhole = boolean(value >> ClipRule.factorBits == 1)
        let part = wire(Scalar(signed: value & (1 << ClipRule.factorBits - 1)))
        enforceRange(part, bits: ClipRule.factorBits)
        enforce(isWhole, times: part, equals: .zero)
        let factor = part + isWhole * powerOfTwo(ClipRule.factorBits)

        let scaled = multiply(factor, norm)
        let square = multiply(factor, scaled)
        scope("not too large") { enforceRange(Linear(rule.limit) - square, bits: rule.limitBits) }
        let excess = square + scaled + scaled + norm - Linear(rule.limit) - Scalar.one
        let counted = multiply(Linear.one - isWhole, excess)
        scope("not too small") { enforceRange(counted, bits: rule.excessBits) }
        return factor
    }

    /// δ' of a row, for each layer.
    private func clipped(
        _ training: TrainingWires, row: Int, factor: Linear, _ isNull: Linear, _ rule: ClipRule
    ) -> [[Linear]] {
        let own = multiply(Linear.one - isNull, factor)
        return training.errors.enumerated().map { layer, wires in
            (0..<wires.errors.columns).map { column in
                let sign = wires.signs[row, column]
                let magnitude = multiply(sign, wires.errors[row, column])
                let product = bits(of: multiply(own, magnitude), count: rule.productBits[layer])
                return multiply(sign, weighted(product[(ClipRule.factorBits + rule.shifts[layer])...]))
            }
        }
    }
}
