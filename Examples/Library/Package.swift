// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// What a user's package looks like. `traits: []` leaves out the service: of its packages nothing is resolved
// or built.
let package = Package(
    name: "library-examples",
    dependencies: [.package(name: "martlet", path: "../..", traits: [])],
    targets: [
        .executableTarget(
            name: "prove", dependencies: [.product(name: "ProvingEngine", package: "martlet")]),
        .executableTarget(
            name: "groth16",
            dependencies: [
                .product(name: "Compute", package: "martlet"),
                .product(name: "Curves", package: "martlet"),
                .product(name: "Groth16", package: "martlet"),
                .product(name: "SnarkFormats", package: "martlet"),
            ]),
        .executableTarget(
            name: "circuit",
            dependencies: [
                .product(name: "Circuits", package: "martlet"),
                .product(name: "Compute", package: "martlet"),
                .product(name: "Curves", package: "martlet"),
                .product(name: "FiniteFields", package: "martlet"),
                .product(name: "Groth16", package: "martlet"),
                .product(name: "TrustedSetup", package: "martlet"),
                .product(name: "VerifierContracts", package: "martlet"),
            ]),
        .executableTarget(
            name: "kernel",
            dependencies: [
                .product(name: "Compute", package: "martlet"),
                .product(name: "Curves", package: "martlet"),
                .product(name: "FiniteFields", package: "martlet"),
            ]),
    ]
)
