// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Compute
import FiniteFields

/// Products and inverses in chains, each waiting for the one before.
func registerFieldBenchmarks<F: PrimeField>(_: F.Type, name: String) {
    let path = CPUPath.scalar
    Benchmark("\(name)-product-\(path.rawValue)", configuration: .microThousand) { benchmark, input in
        let length = 100_000
        benchmark.record(on: path, operations: length) {
            var value = input.start
            for _ in 0..<length { value *= input.factor }
            blackHole(value)
        }
    } setup: {
        Chain<F>()
    }
    Benchmark("\(name)-inverse-\(path.rawValue)", configuration: .microThousand) { benchmark, input in
        let length = 500
        benchmark.record(on: path, operations: length) {
            var value = input.start
            for _ in 0..<length { value = (value.inverse() ?? .zero) + input.factor }
            blackHole(value)
        }
    } setup: {
        Chain<F>()
    }
}

private struct Chain<F: PrimeField> {
    let start: F
    let factor: F

    init() {
        var stream = SeededStream()
        start = F.random(using: &stream)
        factor = F.random(using: &stream)
    }
}
