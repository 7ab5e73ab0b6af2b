// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own: who builds or uses Martlet does not get the benchmark package.
let package = Package(
    name: "micro-benchmarks",
    dependencies: [
        .package(name: "martlet", path: "../..", traits: []),
        // Without its traits: they count allocations and reference counting, which are not measured here.
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Compute", package: "martlet"),
                .product(name: "Curves", package: "martlet"),
                .product(name: "FiniteFields", package: "martlet"),
            ],
            path: "Benchmarks/MicroBenchmarks",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ],
    swiftLanguageModes: [.v6]
)
