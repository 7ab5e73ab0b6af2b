// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The distribution of the privacy loss log(P(x)/Q(x)), x from P, on multiples of a step: from it follows δ
/// for every ε.
///
/// It is pessimistic: δ is never less than that of this P and this Q, but for the rounding of floating-point
/// numbers, which is some 10^−13: a δ below 10^−11 says nothing.
///
/// - Reference: Doroshenko, Ghazi, Kamath, Kumar and Manurangsi 2022, "Connect the dots: tighter discrete
///   approximations of privacy loss distributions", for the rounding to the grid.
package struct PrivacyLoss: Sendable {
    /// The distance between losses.
    package let step: Double
    /// The first loss, in steps.
    private let lowest: Int
    /// The probabilities of the losses `lowest`, `lowest` + 1 … times `step`.
    private let masses: [Double]
    /// The probability of what Q cannot have made.
    private let infinite: Double

    /// What each tail may have that is not looked at closely: it is added to δ.
    private static let negligible = 1e-15

    /// The loss of noise that is shifted: P is the noise, Q the noise with `shift` added. With the signs
    /// exchanged it is the same, since the noise is symmetric.
    ///
    /// - Precondition: 0 ≤ shift, 0 < step.
    package init(_ noise: UniformSum, shift: Int, step: Double) {
        precondition(shift >= 0 && step > 0)
        let f = noise.probabilities
        // The noise's tails: losses rise to the left, where they become infinite, and fall to the right.
        var (first, last) = (min(shift, f.count), f.count - 1)
        var infinite = f[..<first].reduce(0, +)
        var (left, right) = (0.0, 0.0)
        while first <= last, f[first - shift] == 0 || left + f[first] < Self.negligible {
            left += f[first]
            first += 1
        }
        while last > first, right + f[last] < Self.negligible {
            right += f[last]
            last -= 1
        }
        infinite += left
        guard first <= last else {
            self = .unbounded(step: step)
            return
        }
        let losses = (first...last).map { log(f[$0]) - log(f[$0 - shift]) }
        let lowest = Int((losses.min()! / step).rounded(.down))
        let highest = Int((losses.max()! / step).rounded(.down)) + 1
        var masses = [Double](repeating: 0, count: highest - lowest + 1)
        for (x, loss) in zip(first...last, losses) {
            // Between two multiples of the step, such that P and Q keep their sums.
            let index = Int((loss / step).rounded(.down))
            let over = loss - Double(index) * step
            let upper = min(max(expm1(over) / expm1(step), 0), 1)
            let low = f[x] * (1 - upper) * exp(-over)
            masses[index - lowest] += low
            masses[index - lowest + 1] += f[x] - low
        }
        masses[0] += right
        self.init(step: step, lowest: lowest, masses: masses, infinite: infinite)
    }

    /// Cuts off tails that say nothing: the upper one becomes infinite, the lower one moves up.
    private init(step: Double, lowest: Int, masses: [Double], infinite: Double) {
        var (first, last) = (0, masses.count - 1)
        var (below, above) = (0.0, 0.0)
        while last > first, above + max(masses[last], 0) < Self.negligible {
            above += max(masses[last], 0)
            last -= 1
        }
        while first < last, below + max(masses[first], 0) < Self.negligible {
            below += max(masses[first], 0)
            first += 1
        }
        var kept = masses[first...last].map { max($0, 0) }
        kept[0] += below
        (self.step, self.lowest, self.masses, self.infinite) = (step, lowest + first, kept, infinite + above)
    }

    /// The loss of what Q can never have made.
    private static func unbounded(step: Double) -> PrivacyLoss {
        PrivacyLoss(step: step, lowest: 0, masses: [0], infinite: 1)
    }

    /// The losses that a composition is computed with at most; where there are more, nothing is promised.
    private static let mostLosses = 1 << 24

    /// The loss of all uses together: of each distribution, so many times. Where they are too many to be
    /// computed, δ is 1 for every ε.
    ///
    /// - Precondition: there is one at least, all have one step, and no number is negative.
    package static func composed(_ parts: [(single: PrivacyLoss, uses: Int)]) -> PrivacyLoss {
        let step = parts[0].single.step
        precondition(parts.allSatisfy { $0.single.step == step && $0.uses >= 0 })
        guard parts.allSatisfy({ $0.uses == 0 || $0.single.infinite < 1 }) else {
            return .unbounded(step: step)
        }
        let start = (bound(parts, upper: false) / step).rounded(.down)
        let end = (bound(parts, upper: true) / step).rounded(.up)
        guard abs(start) < 1e15, end - start < Double(mostLosses) else { return .unbounded(step: step) }
        let (low, high) = (Int(start), Int(end))
        // What is outside comes in again at the other end: less than `negligible` each, which is added to δ.
        var size = 1
        while size < high - low + 1 { size *= 2 }
        func place(_ index: Int) -> Int { (index % size + size) % size }
        let transform = FourierTransform(size: size)
        var product = [FourierTransform.Complex](repeating: .init(real: 1, imaginary: 0), count: size)
        var finite = 1.0
        for (single, uses) in parts where uses > 0 {
            var values = [Double](repeating: 0, count: size)
            for (index, mass) in single.masses.enumerated() { values[place(single.lowest + index)] += mass }
            for (index, value) in transform.forward(values).enumerated() {
                product[index] = product[index] * value.power(uses)
            }
            finite *= pow(1 - single.infinite, Double(uses))
        }
        let values = transform.inverse(product)
        let masses = (low..<low + size).map { values[place($0)] }
        return PrivacyLoss(
            step: step, lowest: low, masses: masses, infinite: 1 - finite + 2 * negligible)
    }

    /// A number that all uses together exceed (or stay below) with a probability under `negligible`, by
    /// Chernoff's bound.
    private static func bound(_ parts: [(single: PrivacyLoss, uses: Int)], upper: Bool) -> Double {
        let sign = upper ? 1.0 : -1.0
        let parts = parts.filter { $0.uses > 0 }
        let ends = parts.map { part in
            Double(part.uses) * part.single.step
                * Double(upper ? part.single.lowest + part.single.masses.count - 1 : part.single.lowest)
        }
        let sure = ends.reduce(0, +)
        let bounds = (-8...12).map { exponent in
            let factor = pow(2, Double(exponent) / 2)
            let logarithm = parts.reduce(0) {
                $0 + Double($1.uses) * $1.single.logarithmOfMoment(sign * factor)
            }
            return (logarithm - log(negligible)) / factor
        }
        return upper ? min(sure, bounds.min()!) : max(sure, -bounds.min()!)
    }

    /// log Σ p·e^(factor·loss), without what is infinite.
    private func logarithmOfMoment(_ factor: Double) -> Double {
        let end = factor > 0 ? lowest + masses.count - 1 : lowest
        let largest = factor * Double(end) * step
        var sum = 0.0
        for (index, mass) in masses.enumerated() {
            sum += mass * exp(factor * Double(lowest + index) * step - largest)
        }
        return largest + log(sum)
    }

    /// The least δ for an ε: Σ (P − e^ε·Q) over what P makes likelier by more than that.
    package func delta(epsilon: Double) -> Double {
        var sum = infinite
        for (index, mass) in masses.enumerated() {
            let loss = Double(lowest + index) * step
            if loss > epsilon { sum -= mass * expm1(epsilon - loss) }
        }
        return sum
    }

    /// The least ε ≥ 0 for a δ, to 2^−20 of itself; `nil` where no ε is enough.
    package func epsilon(delta: Double) -> Double? {
        guard infinite <= delta else { return nil }
        var (low, high) = (0.0, max(Double(lowest + masses.count) * step, 0))
        if self.delta(epsilon: 0) <= delta { return 0 }
        while high - low > high / Double(1 << 20) {
            let middle = (low + high) / 2
            if self.delta(epsilon: middle) <= delta { high = middle } else { low = middle }
        }
        return high
    }
}
