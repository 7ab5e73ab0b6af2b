// SPDX-License-Identifier: Apache-2.0

// Measures a kernel as it is chosen for this processor: a sum of scalar multiples in G1, and a transform.
//
//     swift run -c release kernel [LOG-OF-SIZE]

import Compute
import Curves
import EllipticCurves
import FiniteFields

let log = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 14
let count = 1 << log
var generator = SystemRandomNumberGenerator()
let backend = CPUBackend<BN254>(parallel: .allCores)

/// The fastest of three runs.
func fastest(_ name: String, _ body: () throws -> Void) rethrows {
    let times = try (0..<3).map { _ in try ContinuousClock().measure(body) }
    print("\(name) of 2^\(log) on \(backend.name), \(backend.parallel.threads) threads: \(times.min()!)")
}

// G, 2G, 3G … and random scalars, as integers below the group order.
let bases: PointTable<BN254.G1> = BN254.G1.cpuMultiplesOfGenerator(count)
let scalars = (0..<count).map { _ in BN254.Fr.random(using: &generator) }
let canonical = scalars.map(\.canonical)
try fastest("MSM") {
    let sum = try canonical.withUnsafeBufferPointer { try backend.msm(bases, $0) }
    guard sum.isOnCurve else { fatalError("the sum is not on the curve") }
}

// Evaluations at the powers of a root of unity to coefficients, and back.
var values = scalars
try values.withUnsafeMutableBufferPointer { values in
    try fastest("NTT and its inverse") {
        try backend.inverseNTT(values)
        try backend.forwardNTT(values, at: .subgroup)
    }
}
guard values == scalars else { fatalError("a transform and its inverse are not the identity") }
