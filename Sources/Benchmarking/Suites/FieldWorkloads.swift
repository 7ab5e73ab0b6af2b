// SPDX-License-Identifier: Apache-2.0

import Compute
import FiniteFields
import ProofFixtures

/// A chain of products, each waiting for the one before: the yardstick for everything else.
struct ProductChain<F: PrimeField> {
    let start: F
    let factor: F

    init(_ session: BenchmarkSession) {
        var stream = SeededStream(seed: session.plan.seed, "\(F.name) chain")
        start = F.random(using: &stream)
        factor = F.random(using: &stream)
    }

    func product(length: Int) -> F {
        var value = start
        for _ in 0..<length { value *= factor }
        return value
    }

    /// CPU nanoseconds of one product on `path`: the median of seven chains, some 10 ms in all.
    func nanoseconds(on path: CPUPath) throws(BenchmarkError) -> Double {
        guard path.select() else { throw .option("this processor cannot run '\(path.rawValue)'") }
        let length = 1 << 16
        var samples: [Double] = []
        for _ in 0..<7 {
            let begin = ProcessMeter.cpuSeconds
            let value = product(length: length)
            samples.append((ProcessMeter.cpuSeconds - begin) / Double(length) * 1e9)
            guard value == start * factor.power(UInt64(length)) else {
                throw .wrongResult("\(F.name) product")
            }
        }
        return Summary(samples).median
    }
}

/// Operations in one prime field, one thread; loops are long enough for the clock.
final class FieldWorkloads<F: PrimeField> {
    private let name: String
    private let chain: ProductChain<F>
    private let elements: [F]
    private let factors: [F]
    private var result = F.zero
    private var results: [F]

    /// Independent operands: 16 to 24 KB each way stay in the level-1 cache.
    private static var width: Int { 256 }

    init(name: String, _ session: BenchmarkSession) {
        self.name = name
        chain = ProductChain(session)
        var stream = SeededStream(seed: session.plan.seed, "\(F.name) elements")
        elements = (0..<Self.width).map { _ in F.random(using: &stream) }
        factors = (0..<Self.width).map { _ in F.random(using: &stream) }
        results = elements
    }

    var all: [Workload] { [product, independentProducts, addition, inversion] }

    private var product: Workload {
        let length = 1 << 18
        return workload("mul", length) {
            self.result = self.chain.product(length: length)
        } isRight: {
            self.result == self.chain.start * self.chain.factor.power(UInt64(length))
        }
    }

    /// Products that do not wait for each other, as loops over vectors have them.
    private var independentProducts: Workload {
        let rounds = 1 << 10
        return workload("mul-independent", rounds * Self.width) {
            self.results = self.elements
            self.results.withUnsafeMutableBufferPointer { results in
                self.factors.withUnsafeBufferPointer { factors in
                    for _ in 0..<rounds {
                        for i in 0..<Self.width { results[i] *= factors[i] }
                    }
                }
            }
        } isRight: {
            (0..<Self.width).allSatisfy {
                self.results[$0] == self.elements[$0] * self.factors[$0].power(UInt64(rounds))
            }
        }
    }

    private var addition: Workload {
        let length = 1 << 19
        return workload("add", length) {
            var value = self.chain.start
            let term = self.chain.factor
            for _ in 0..<length { value += term }
            self.result = value
        } isRight: {
            self.result == self.chain.start + self.chain.factor * F(UInt64(length))
        }
    }

    private var inversion: Workload {
        let length = 1 << 12
        return workload("inverse", length) {
            var value = self.chain.start
            for _ in 0..<length { value = (value.inverse() ?? .zero) + self.chain.factor }
            self.result = value
        } isRight: {
            // The recurrence 1/x + c, run as fractions: (p, q) → (q + c·p, p).
            var (numerator, denominator) = (self.chain.start, F.one)
            for _ in 0..<length {
                (numerator, denominator) = (denominator + self.chain.factor * numerator, numerator)
            }
            return self.result * denominator == numerator
        }
    }

    private func workload(
        _ operation: String, _ count: Int, run: @escaping () -> Void, isRight: @escaping () -> Bool
    ) -> Workload {
        Workload(
            work: "\(name)-\(operation)", operations: count, prepare: { self.result = .zero },
            run: { () throws(BenchmarkError) in run() }, isRight: { () throws(BenchmarkError) in isRight() })
    }
}
