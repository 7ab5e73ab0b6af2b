// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "FiniteFields", targets: ["FiniteFields"]),
    ],
    targets: [
        .target(name: "CFieldKernels", path: "Kernels/cpu", exclude: ["generate_constants.py"]),
        .target(name: "FiniteFields", dependencies: ["CFieldKernels"]),
        .target(name: "EllipticCurves", dependencies: ["FiniteFields"]),
        .target(name: "Curves", dependencies: ["EllipticCurves", "FiniteFields", "CFieldKernels"]),
        .target(name: "ConstraintSystems", dependencies: ["FiniteFields"]),
        .target(name: "Compute", dependencies: ["Curves", "EllipticCurves", "FiniteFields"]),
        .target(
            name: "Groth16",
            dependencies: ["Compute", "ConstraintSystems", "Curves", "EllipticCurves", "FiniteFields"]),
        .target(name: "TestSupport", path: "Tests/TestSupport"),
    ],
    swiftLanguageModes: [.v6]
)
