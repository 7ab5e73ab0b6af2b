// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Compute
import Curves

/// What the plugin looks for: registers all benchmarks. Inputs are made only for those that run.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .micro
    registerFieldBenchmarks(BN254.Fp.self, name: "bn254-fp")
    registerFieldBenchmarks(BLS12381.Fp.self, name: "bls12381-fp")
    registerCurveBenchmarks(BN254.self)
    registerCurveBenchmarks(BLS12381.self)
}

extension CPUPath {
    /// The paths that the machine can run of those that a threshold is kept for. The name of a benchmark ends
    /// with its path: a threshold of one is never applied to another, and a machine without IFMA checks what
    /// it has.
    static var withLanes: [CPUPath] { [.avx2, .ifma].filter(\.isSupported) }

    /// For what is computed one by one, not in lanes.
    static var scalar: CPUPath { adx.isSupported ? .adx : .portable }
}
