// SPDX-License-Identifier: Apache-2.0

import Compute
import FiniteFields
import ProofFixtures

/// Values to be transformed, and the check of a transform.
final class TransformInput<F: PrimeField> {
    enum Direction: String {
        /// Coefficients in bit-reversed order to values at the roots of unity.
        case forward = "ntt"
        /// Values at the roots of unity to coefficients in bit-reversed order.
        case inverse = "intt"
    }

    private let log: Int
    private let input: [F]
    private var values: [F]
    /// Where the polynomial of the values is compared with that of the coefficients.
    private let point: F

    init(log: Int, _ session: BenchmarkSession) throws(BenchmarkError) {
        try session.selectForInputs()
        self.log = log
        var stream = SeededStream(seed: session.plan.seed, "\(F.name) values")
        point = F.random(using: &stream)
        input = [F](unsafeUninitializedCapacity: 1 << log) { buffer, count in
            for i in 0..<1 << log { buffer.initializeElement(at: i, to: F.random(using: &stream)) }
            count = 1 << log
        }
        values = input
    }

    /// The workload of `transform`, in place. Runs but the first take what the one before left: the time does
    /// not depend on the values.
    func workload(
        _ direction: Direction, _ transform: @escaping (UnsafeMutableBufferPointer<F>) throws -> Void
    ) -> Workload {
        Workload(
            work: direction.rawValue, logSize: log, unit: .butterflies(input.count / 2 * log),
            inputBytes: input.count * MemoryLayout<F>.stride,
            prepare: { self.values.withUnsafeMutableBufferPointer { _ = $0.update(from: self.input) } },
            run: { () throws(BenchmarkError) in
                do { try self.values.withUnsafeMutableBufferPointer { try transform($0) } } catch {
                    throw BenchmarkError(error)
                }
            },
            isRight: {
                switch direction {
                case .forward: self.agree(coefficients: self.input, values: self.values)
                case .inverse: self.agree(coefficients: self.values, values: self.input)
                }
            })
    }

    /// Whether all `values` are those of the polynomial with the given coefficients, in bit-reversed order.
    ///
    /// At a random y, Σᵢ vᵢyⁱ with vᵢ = Σⱼ cⱼω^(ij) is Σⱼ cⱼ(yⁿ − 1)/(ω^j·y − 1); a single wrong entry
    /// changes the left or the right side, and two of them agree with a probability below n/r.
    private func agree(coefficients: [F], values: [F]) -> Bool {
        let n = coefficients.count
        let root = EvaluationDomain<F>.root(log: log)
        var power = point
        var denominators: [F] = []
        denominators.reserveCapacity(n)
        for _ in 0..<n {
            denominators.append(power - .one)
            power *= root
        }
        F.batchInvert(&denominators)
        var right = F.zero
        for j in 0..<n {
            let reversed = log == 0 ? 0 : Int(UInt(j).bitSwapped >> UInt(UInt.bitWidth - log))
            right += coefficients[reversed] * denominators[j]
        }
        right *= point.power(UInt64(n)) - .one
        let left = values.reversed().reduce(F.zero) { $0 * point + $1 }
        return left == right
    }
}

extension UInt {
    /// The bits in opposite order.
    fileprivate var bitSwapped: UInt {
        var value = UInt64(self).byteSwapped
        value = (value >> 4) & 0x0f0f_0f0f_0f0f_0f0f | (value & 0x0f0f_0f0f_0f0f_0f0f) << 4
        value = (value >> 2) & 0x3333_3333_3333_3333 | (value & 0x3333_3333_3333_3333) << 2
        value = (value >> 1) & 0x5555_5555_5555_5555 | (value & 0x5555_5555_5555_5555) << 1
        return UInt(value)
    }
}
