// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A program that uses a coordinator: with the trait Client there is an HTTP client and its packages, and no
// server.
let package = Package(
    name: "service-examples",
    dependencies: [.package(name: "martlet", path: "../..", traits: ["Client"])],
    targets: [
        .executableTarget(
            name: "client", dependencies: [.product(name: "MartletClient", package: "martlet")])
    ]
)
