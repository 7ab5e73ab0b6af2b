// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// Whoever uses Martlet's libraries without its service resolves and builds nothing of a server's packages:
// what needs one says so.
let service: TargetDependencyCondition? = .when(traits: ["Service"])
let client: TargetDependencyCondition? = .when(traits: ["Client"])

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .executable(name: "martlet-gpu-check", targets: ["martlet-gpu-check"]),
        .library(name: "FiniteFields", targets: ["FiniteFields"]),
        .library(name: "Curves", targets: ["Curves", "EllipticCurves"]),
        .library(name: "Compute", targets: ["Compute"]),
        .library(name: "Commitments", targets: ["Commitments", "Polynomials"]),
        .library(name: "Groth16", targets: ["Groth16"]),
        .library(name: "SnarkFormats", targets: ["SnarkFormats"]),
        .library(name: "Circuits", targets: ["Circuits", "ConstraintSystems"]),
        .library(name: "TrustedSetup", targets: ["TrustedSetup"]),
        .library(name: "ProofAggregation", targets: ["ProofAggregation"]),
        .library(name: "VerifierContracts", targets: ["VerifierContracts"]),
        .library(name: "ProvingEngine", targets: ["ProvingEngine", "Failures", "Outcomes"]),
        .library(name: "MartletClient", targets: ["MartletClient", "Coordination", "Outcomes"]),
    ],
    traits: [
        .default(enabledTraits: ["Service"]),
        .trait(name: "Client", description: "MartletClient: NIO and async-http-client"),
        .trait(
            name: "Service", description: "The command and the service: hummingbird, GRDB and what they need",
            enabledTraits: ["Client"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "Failures"),
        // Tools that everybody uses
        .target(name: "Foundations", dependencies: ["Failures"]),
        .target(
            name: "Digests",
            dependencies: ["Failures", "Foundations", .product(name: "Crypto", package: "swift-crypto")]),
        .target(name: "CDynamicLibrary"),
        // Texts
        .target(name: "StrictJSON", dependencies: ["Failures", "Foundations"]),
        .target(name: "Outcomes", dependencies: ["Failures", "Foundations", "StrictJSON"]),

        // Algebra
        .target(name: "CFieldKernels", path: "Kernels/cpu", exclude: ["generate.py"]),
        .target(name: "FiniteFields", dependencies: ["CFieldKernels"]),
        .target(name: "EllipticCurves", dependencies: ["FiniteFields"]),
        .target(name: "Curves", dependencies: ["CFieldKernels", "EllipticCurves", "FiniteFields"]),

        // Computation and proof systems
        .target(
            name: "Compute",
            dependencies: ["CFieldKernels", "Curves", "EllipticCurves", "Failures", "FiniteFields"]),
        .target(name: "COpenCL", dependencies: ["CDynamicLibrary"]),
        .target(
            name: "COpenCLKernels", path: "Kernels/opencl",
            exclude: [
                "check.cl", "curve.cl", "extension.cl", "field.cl", "field_ptx.cl", "generate_ptx.py",
                "msm.cl",
                "ntt.cl", "packed.cl", "peak.cl", "quotient.cl", "scalars.cl",
            ], sources: ["sources.c"]),
        .target(
            name: "OpenCLCompute",
            dependencies: [
                "COpenCL", "COpenCLKernels", "Compute", "Curves", "Digests", "EllipticCurves", "Failures",
                "FiniteFields", "Foundations",
            ]),
        .target(name: "CMemoryFile"),
        .target(name: "FieldHashes", dependencies: ["Curves", "FiniteFields"]),
        .target(name: "ConstraintSystems", dependencies: ["FiniteFields"]),
        .target(
            name: "Groth16",
            dependencies: [
                "CFieldKernels", "Compute", "Curves", "Digests", "EllipticCurves", "Failures", "FieldHashes",
                "FiniteFields",
            ]),
        .target(
            name: "OpenCLGroth16",
            dependencies: [
                "Compute", "Curves", "EllipticCurves", "FiniteFields", "Groth16", "OpenCLCompute",
            ]),
        .target(name: "Polynomials", dependencies: ["Compute", "Failures", "FiniteFields"]),
        .target(
            name: "Commitments",
            dependencies: ["Compute", "Curves", "EllipticCurves", "Failures", "FiniteFields", "Polynomials"]),
        .target(
            name: "Plonk",
            dependencies: [
                "Commitments", "Compute", "ConstraintSystems", "Curves", "Digests", "EllipticCurves",
                "Failures", "FiniteFields",
            ]),
        .target(
            name: "VerifierContracts",
            dependencies: [
                "Curves", "EllipticCurves", "Failures", "FiniteFields", "Foundations", "Groth16",
            ]),

        .target(
            name: "TrustedSetup",
            dependencies: [
                "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "Failures", "FiniteFields",
                "Groth16", .product(name: "Crypto", package: "swift-crypto"),
            ]),

        .target(
            name: "ProofAggregation",
            dependencies: [
                "Compute", "Curves", "EllipticCurves", "Failures", "FiniteFields", "Groth16",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // Proofs from seeds and checks of backends, for tests, benchmarks and martlet-gpu-check
        .target(
            name: "ProofFixtures",
            dependencies: [
                "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "FiniteFields", "Groth16",
                "TrustedSetup",
            ]),

        // Files
        .target(
            name: "SnarkFormats",
            dependencies: [
                "CMemoryFile", "Commitments", "Compute", "ConstraintSystems", "Curves", "EllipticCurves",
                "Failures", "FiniteFields", "Foundations", "Groth16", "Plonk", "ProofAggregation",
                "StrictJSON",
                "TrustedSetup",
            ]),

        // The easy way to proofs: keys, devices, checks
        .target(
            name: "ProvingEngine",
            dependencies: [
                "Compute", "ConstraintSystems", "Curves", "Digests", "Failures", "FiniteFields",
                "Foundations", "Groth16", "OpenCLCompute", "OpenCLGroth16", "Outcomes", "Plonk",
                "SnarkFormats",
                "StrictJSON", "TrustedSetup",
            ]),

        // Circuits, and what is built of them
        .target(
            name: "Circuits",
            dependencies: [
                "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "FieldHashes", "FiniteFields",
            ]),
        .target(name: "EmulatedArithmetic", dependencies: ["Circuits", "Compute", "Curves", "FiniteFields"]),
        .target(
            name: "Recursion",
            dependencies: [
                "Circuits", "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "EmulatedArithmetic",
                "FieldHashes", "FiniteFields", "Groth16",
            ]),
        .target(name: "DifferentialPrivacy"),
        .target(name: "DataExchange", dependencies: ["Failures"]),
        .target(
            name: "SecureAggregation",
            dependencies: [
                "Circuits", "Curves", "EllipticCurves", "EmulatedArithmetic", "Failures", "FiniteFields",
            ]),
        .target(
            name: "FederatedLearning",
            dependencies: [
                "Circuits", "Compute", "Curves", "DataExchange", "DifferentialPrivacy", "EllipticCurves",
                "EmulatedArithmetic", "Failures", "FiniteFields", "Foundations", "Groth16", "Recursion",
                "SecureAggregation", "SnarkFormats", "StrictJSON",
            ]),

        // The service
        .target(
            name: "JobQueue",
            dependencies: [
                "Failures", "Foundations", "Outcomes", "StrictJSON",
            ]),
        .target(
            name: "SpoolWorker",
            dependencies: [
                "Curves", "Digests", "Failures", "Foundations", "JobQueue", "Outcomes", "ProvingEngine",
                "StrictJSON",
                .product(name: "Logging", package: "swift-log", condition: service),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: service),
            ]),
        // The network service
        .target(
            name: "Coordination",
            dependencies: [
                "Failures", "Foundations", "Outcomes", "StrictJSON",
            ]),
        .target(
            name: "CoordinationSQLite",
            dependencies: [
                "Coordination", "Foundations",
                .product(name: "GRDB", package: "GRDB.swift", condition: service),
            ]),
        .target(name: "CCoordinatorPages", exclude: ["openapi.json", "status.html"]),
        .target(name: "CLibPQ", dependencies: ["CDynamicLibrary"]),
        .target(
            name: "CoordinationPostgres",
            dependencies: [
                "CLibPQ", "Coordination", "Failures", "Foundations",
            ]),
        .target(
            name: "Coordinator",
            dependencies: [
                "CCoordinatorPages", "Coordination", "Curves", "Digests", "Failures", "Foundations",
                "Outcomes", "ProvingEngine", "StrictJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: service),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: service),
                .product(name: "Hummingbird", package: "hummingbird", condition: service),
                .product(name: "HummingbirdCore", package: "hummingbird", condition: service),
                .product(name: "HummingbirdTLS", package: "hummingbird", condition: service),
                .product(name: "Logging", package: "swift-log", condition: service),
                .product(name: "NIOCore", package: "swift-nio", condition: service),
                .product(name: "NIOFoundationCompat", package: "swift-nio", condition: service),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: service),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras", condition: service),
                .product(name: "NIOPosix", package: "swift-nio", condition: service),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: service),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: service),
            ]),
        .target(
            name: "MartletClient",
            dependencies: [
                "Compute", "Coordination", "Digests", "Failures", "FiniteFields", "Foundations", "Groth16",
                "Outcomes", "SnarkFormats", "StrictJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: client),
                .product(name: "NIOCore", package: "swift-nio", condition: client),
                .product(name: "NIOFoundationCompat", package: "swift-nio", condition: client),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio", condition: client),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: client),
                .product(name: "NIOPosix", package: "swift-nio", condition: client),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: client),
            ]),
        .target(
            name: "RemoteWorker",
            dependencies: [
                "Coordination", "Digests", "Failures", "Foundations", "MartletClient", "Outcomes",
                "ProvingEngine", "StrictJSON",
                .product(name: "Logging", package: "swift-log", condition: service),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: service),
            ]),

        .target(
            name: "Benchmarking",
            dependencies: [
                "Compute", "Curves", "EllipticCurves", "Failures", "FiniteFields", "Foundations", "Groth16",
                "OpenCLCompute", "OpenCLGroth16", "Outcomes", "ProofFixtures", "ProvingEngine",
                "TrustedSetup",
            ]),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Benchmarking", "Circuits", "Commitments", "Compute", "ConstraintSystems", "Coordination",
                "CoordinationPostgres", "CoordinationSQLite", "Coordinator", "Curves", "DataExchange",
                "Digests",
                "EllipticCurves", "EmulatedArithmetic", "Failures", "FederatedLearning", "FiniteFields",
                "Foundations", "Groth16",
                "JobQueue", "MartletClient", "OpenCLCompute", "Outcomes", "Plonk", "ProofAggregation",
                "ProofFixtures", "ProvingEngine", "Recursion", "RemoteWorker", "SnarkFormats", "SpoolWorker",
                "StrictJSON",
                "TrustedSetup", "VerifierContracts",
                .product(name: "ArgumentParser", package: "swift-argument-parser", condition: service),
                .product(name: "Hummingbird", package: "hummingbird", condition: service),
                .product(name: "HummingbirdCore", package: "hummingbird", condition: service),
                .product(name: "Logging", package: "swift-log", condition: service),
                .product(name: "NIOCore", package: "swift-nio", condition: service),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: service),
                .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: service),
            ]),

        .executableTarget(
            name: "martlet-service-bench",
            dependencies: [
                "Coordination", "CoordinationPostgres", "CoordinationSQLite", "Digests", "Failures",
                "Foundations", "Outcomes", "StrictJSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser", condition: service),
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: service),
                .product(name: "NIOCore", package: "swift-nio", condition: service),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: service),
            ], path: "Benchmarks/Service"),
        .executableTarget(
            name: "martlet-circuit-bench",
            dependencies: ["Circuits", "Compute", "ConstraintSystems", "Curves", "FiniteFields"],
            path: "Benchmarks/Circuits"),
        // What a bare machine with a GPU runs: `make gpu-check`
        .executableTarget(
            name: "martlet-gpu-check",
            dependencies: [
                "Benchmarking", "Compute", "Curves", "EllipticCurves", "Failures", "FiniteFields",
                "Foundations", "Groth16", "OpenCLCompute", "OpenCLGroth16", "ProofFixtures", "ProvingEngine",
                "SnarkFormats", "StrictJSON",
            ],
            path: "Sources/GPUCheck"),

        // The programs in Examples/, which see what users see; Examples/run.sh builds them as users do.
        .executableTarget(
            name: "example-prove", dependencies: ["ProvingEngine"], path: "Examples/Library/Sources/prove",
            packageAccess: false),
        .executableTarget(
            name: "example-groth16", dependencies: ["Compute", "Curves", "Groth16", "SnarkFormats"],
            path: "Examples/Library/Sources/groth16", packageAccess: false),
        .executableTarget(
            name: "example-circuit",
            dependencies: [
                "Circuits", "Compute", "Curves", "FiniteFields", "Groth16", "TrustedSetup",
                "VerifierContracts",
            ],
            path: "Examples/Library/Sources/circuit", packageAccess: false),
        .executableTarget(
            name: "example-kernel", dependencies: ["Compute", "Curves", "EllipticCurves", "FiniteFields"],
            path: "Examples/Library/Sources/kernel", packageAccess: false),
        .executableTarget(
            name: "example-client", dependencies: ["MartletClient"],
            path: "Examples/Service/Sources/client", packageAccess: false),

        // Tests
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .target(name: "SystemTestSupport", path: "Tests/SystemTestSupport"),
        .testTarget(name: "FoundationsTests", dependencies: ["Foundations"]),
        .testTarget(
            name: "StrictJSONTests", dependencies: ["StrictJSON", "SystemTestSupport", "TestSupport"]),
        .target(
            name: "AlgebraTestSupport",
            dependencies: [
                "CFieldKernels", "Compute", "Curves", "EllipticCurves", "FiniteFields", "TestSupport",
            ],
            path: "Tests/AlgebraTestSupport"),
        .target(
            name: "CircuitTestSupport",
            dependencies: [
                "Circuits", "Compute", "ConstraintSystems", "Curves", "FiniteFields", "TestSupport",
            ],
            path: "Tests/CircuitTestSupport"),
        .testTarget(
            name: "FiniteFieldsTests",
            dependencies: ["AlgebraTestSupport", "CFieldKernels", "Curves", "FiniteFields", "TestSupport"]),
        .testTarget(
            name: "EllipticCurvesTests",
            dependencies: ["AlgebraTestSupport", "Curves", "EllipticCurves", "FiniteFields", "TestSupport"]),
        .testTarget(
            name: "CurvesTests",
            dependencies: ["AlgebraTestSupport", "Curves", "EllipticCurves", "FiniteFields", "TestSupport"]),
        .target(
            name: "CLaneTests", dependencies: ["CFieldKernels"], path: "Tests/CLaneTests",
            cSettings: [.headerSearchPath("../../Kernels/cpu")]),
        .testTarget(
            name: "ComputeTests",
            dependencies: [
                "AlgebraTestSupport", "CFieldKernels", "CLaneTests", "Compute", "Curves", "EllipticCurves",
                "FiniteFields", "Groth16", "ProofFixtures", "TestSupport",
            ]),
        .testTarget(
            name: "OpenCLComputeTests",
            dependencies: [
                "AlgebraTestSupport", "Compute", "Curves", "EllipticCurves", "FiniteFields", "Groth16",
                "OpenCLCompute", "OpenCLGroth16", "ProofFixtures", "TestSupport",
            ]),
        .testTarget(
            name: "Groth16Tests",
            dependencies: [
                "Compute", "Curves", "Digests", "EllipticCurves", "FiniteFields", "Groth16", "ProofFixtures",
                "SnarkFormats",
                "TestSupport",
            ]),
        .testTarget(
            name: "PolynomialsTests",
            dependencies: [
                "AlgebraTestSupport", "Compute", "Curves", "FiniteFields", "Polynomials", "TestSupport",
            ]),
        .testTarget(
            name: "CommitmentsTests",
            dependencies: [
                "AlgebraTestSupport", "Commitments", "Compute", "Curves", "EllipticCurves", "FiniteFields",
                "Polynomials", "SnarkFormats", "TestSupport", "TrustedSetup",
            ]),
        .testTarget(
            name: "PlonkTests",
            dependencies: [
                "Commitments", "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "FiniteFields",
                "Plonk", "SnarkFormats", "TestSupport",
            ]),
        .testTarget(
            name: "SnarkFormatsTests",
            dependencies: [
                "SnarkFormats", "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "FiniteFields",
                "Groth16", "TestSupport", "TrustedSetup",
            ]),
        .testTarget(
            name: "ProofAggregationTests",
            dependencies: [
                "Compute", "Curves", "EllipticCurves", "FiniteFields", "Groth16", "ProofAggregation",
                "ProofFixtures", "SnarkFormats", "TestSupport", "TrustedSetup",
            ]),
        .testTarget(
            name: "TrustedSetupTests",
            dependencies: [
                "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "FiniteFields", "Groth16",
                "ProofAggregation", "SnarkFormats", "TestSupport", "TrustedSetup",
            ]),
        .testTarget(
            name: "CircuitsTests",
            dependencies: [
                "CircuitTestSupport", "Circuits", "Compute", "ConstraintSystems", "Curves", "EllipticCurves",
                "FiniteFields", "TestSupport",
            ]),
        .testTarget(name: "DifferentialPrivacyTests", dependencies: ["DifferentialPrivacy", "TestSupport"]),
        .testTarget(name: "DataExchangeTests", dependencies: ["DataExchange", "TestSupport"]),
        .testTarget(
            name: "SecureAggregationTests",
            dependencies: [
                "CircuitTestSupport", "Circuits", "Compute", "ConstraintSystems", "Curves", "EllipticCurves",
                "FieldHashes", "FiniteFields", "SecureAggregation", "TestSupport",
            ]),
        .testTarget(
            name: "EmulatedArithmeticTests",
            dependencies: [
                "Circuits", "Compute", "ConstraintSystems", "Curves", "EmulatedArithmetic", "FiniteFields",
                "TestSupport",
            ]),
        .testTarget(
            name: "RecursionTests",
            dependencies: [
                "Circuits", "Compute", "ConstraintSystems", "Curves", "EllipticCurves", "EmulatedArithmetic",
                "FieldHashes", "FiniteFields", "Groth16", "ProofFixtures", "Recursion", "SnarkFormats",
                "TestSupport",
                "TrustedSetup",
            ]),
        .testTarget(
            name: "FederatedLearningTests",
            dependencies: [
                "CircuitTestSupport", "Circuits", "Compute", "ConstraintSystems", "Curves", "DataExchange",
                "DifferentialPrivacy", "EllipticCurves", "FederatedLearning", "FiniteFields", "Groth16",
                "ProofFixtures", "Recursion", "SecureAggregation", "SnarkFormats", "TestSupport",
                "TrustedSetup",
            ]),
        .testTarget(
            name: "VerifierContractsTests",
            dependencies: [
                "Compute", "Curves", "EllipticCurves", "FiniteFields", "Groth16", "ProofFixtures",
                "SnarkFormats", "SystemTestSupport", "TestSupport", "VerifierContracts", "martlet",
            ]),
        .executableTarget(
            name: "spool-test-helper", dependencies: ["Foundations", "JobQueue", "Outcomes"],
            path: "Tests/JobQueueTestHelper"),
        .testTarget(
            name: "JobQueueTests",
            dependencies: [
                "JobQueue", "Outcomes", "SystemTestSupport", "spool-test-helper",
            ]),
        .testTarget(
            name: "ProvingEngineTests",
            dependencies: [
                "Compute", "Curves", "Failures", "FiniteFields", "Groth16", "OpenCLCompute", "Outcomes",
                "ProvingEngine",
                "SnarkFormats", "SystemTestSupport", "TestSupport",
            ]),
        .testTarget(
            name: "SpoolWorkerTests",
            dependencies: [
                "Curves", "Digests", "Failures", "FiniteFields", "Foundations", "JobQueue", "Outcomes",
                "ProvingEngine", "SpoolWorker", "SystemTestSupport", "TestSupport", "martlet",
                .product(name: "Logging", package: "swift-log", condition: service),
            ]),
        .testTarget(
            name: "BenchmarkingTests",
            dependencies: [
                "Benchmarking", "Compute", "Curves", "Failures", "FiniteFields", "Groth16",
                "ProofFixtures", "SystemTestSupport", "TestSupport", "martlet",
            ]),
        .testTarget(
            name: "CoordinationTests",
            dependencies: [
                "Coordination", "CoordinationPostgres", "CoordinationSQLite", "Outcomes", "SystemTestSupport",
                "TestSupport",
            ]),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "Coordination", "CoordinationSQLite", "Coordinator", "Digests", "Failures", "Foundations",
                "MartletClient", "Outcomes", "ProvingEngine", "RemoteWorker", "StrictJSON",
                "SystemTestSupport", "TestSupport", "martlet",
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: service),
                .product(name: "Hummingbird", package: "hummingbird", condition: service),
                .product(name: "Logging", package: "swift-log", condition: service),
                .product(name: "NIOCore", package: "swift-nio", condition: service),
                .product(name: "NIOFoundationCompat", package: "swift-nio", condition: service),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: service),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: service),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: service),
            ]),
        .testTarget(
            name: "RemoteWorkerTests",
            dependencies: [
                "Coordination", "Digests", "Failures", "Foundations", "MartletClient", "Outcomes",
                "ProvingEngine", "RemoteWorker", "SystemTestSupport", "TestSupport", "example-client",
                "martlet",
            ]),
        .testTarget(name: "ChaosTests", dependencies: ["SystemTestSupport", "TestSupport", "martlet"]),
        .testTarget(
            name: "GPUCheckTests",
            dependencies: ["OpenCLCompute", "SystemTestSupport", "TestSupport", "martlet-gpu-check"]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Compute", "ConstraintSystems", "Curves", "FiniteFields", "Groth16", "OpenCLCompute",
                "ProvingEngine", "SnarkFormats", "SystemTestSupport", "TestSupport", "TrustedSetup",
                "example-circuit", "example-groth16", "example-kernel", "example-prove", "martlet",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzzing: where Tests/Fuzz/run.sh says which archive is libFuzzer, the readers of untrusted bytes are
// instrumented, and there are programs that feed them.
if let libFuzzer = Context.environment["MARTLET_LIBFUZZER"] {
    let readers: Set = [
        "Coordination", "FederatedLearning", "JobQueue", "Outcomes", "ProofAggregation", "ProvingEngine",
        "SnarkFormats", "SpoolWorker", "StrictJSON",
    ]
    for target in package.targets where readers.contains(target.name) {
        target.swiftSettings = [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]
    }
    let linked: [LinkerSetting] = [.unsafeFlags(["-sanitize=address", libFuzzer, "-lstdc++", "-lm"])]
    package.targets += [
        .target(name: "FuzzSupport", path: "Tests/Fuzz/Support"),
        .executableTarget(
            name: "martlet-fuzz-formats",
            dependencies: [
                "Compute", "ConstraintSystems", "Coordination", "Curves", "EllipticCurves", "FiniteFields",
                "FuzzSupport", "Groth16", "JobQueue", "Outcomes", "SnarkFormats", "StrictJSON",
                "TrustedSetup",
            ],
            path: "Tests/Fuzz/Formats", linkerSettings: linked),
        .executableTarget(
            name: "martlet-fuzz-service",
            dependencies: [
                "Circuits", "Compute", "Curves", "EllipticCurves", "FederatedLearning", "FiniteFields",
                "FuzzSupport", "ProofAggregation", "SnarkFormats", "SpoolWorker",
            ],
            path: "Tests/Fuzz/Service", linkerSettings: linked),
    ]
}

// Tests that compute nothing themselves, but ask programs, servers and stores: the optimiser would take
// longer with them than they run.
for target in package.targets
where [
    "ChaosTests", "CommandTests", "CoordinationTests", "CoordinatorTests", "JobQueueTests",
    "RemoteWorkerTests", "SpoolWorkerTests", "StrictJSONTests",
].contains(target.name) {
    target.swiftSettings = [.unsafeFlags(["-Onone"])]
}

// Rules for every target: an import serves its own file and module unless it says otherwise, every member
// comes from a module that its file imports, and existentials are written as such. With MARTLET_STRICT=1, as
// continuous integration has it, our warnings are errors; elsewhere a newer compiler's opinions stop nobody's
// build.
let isStrict = Context.environment["MARTLET_STRICT"] == "1"
for target in package.targets {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
        ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])
}
