// SPDX-License-Identifier: Apache-2.0

import Commitments
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Polynomials
import TestSupport
import TrustedSetup

/// A curve that these tests can make setups for.
typealias TestSuite = ComputeSuite

extension KZG {
    /// 1, x, x², … of the given number.
    static func powers(of x: Suite.Fr, _ count: Int) -> [Suite.Fr] {
        var powers: [Suite.Fr] = []
        var power = Suite.Fr.one
        for _ in 0..<count {
            powers.append(power)
            power *= x
        }
        return powers
    }

    /// A setup whose secret the test knows.
    static func setup(secret tau: Suite.Fr, count: Int, _ parallel: Parallel) throws -> Setup {
        try Setup(
            powers: PointTable(Suite.G1.cpuMultiplyGenerator(by: powers(of: tau, count), parallel)),
            verifyingKey: VerifyingKey(tau2: Suite.G2.cpuMultiplyGenerator(by: [tau], parallel)[0]))
    }

    static func committer(_ setup: Setup, _ parallel: Parallel) -> Committer {
        Committer(setup, backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel)
    }

    /// `count` random coefficients.
    static func polynomial(_ count: Int, using generator: inout SeededGenerator) -> Polynomial<Suite.Fr> {
        Polynomial((0..<count).map { _ in Suite.Fr.random(using: &generator) })
    }
}
