// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// One proof in the making: what is known after each round, in memory that is zeroed after use.
///
/// The quotient t has 3n + 6 coefficients. Its values are computed at three cosets of the n-th roots of
/// unity, those of ω₄ₙ, ω₄ₙ² and ω₄ₙ³, for which the key has its polynomials' values; of the coset that is
/// left, where the divisor vanishes, nothing is needed: the six highest coefficients follow from the highest
/// ones of the factors of the permutation's product, and three values determine the rest.
final class PlonkRun<Suite: ComputeSuite> {
    typealias F = Suite.Fr
    typealias Vector = SecretVector<F>

    /// Two for each wire, three for z, two for the parts of the quotient.
    static var blindingCount: Int { 11 }

    let key: PlonkProvingKey<Suite>
    let backend: any ComputeBackend<Suite>
    let parallel: Parallel
    let n: Int
    /// ω and ω₄ₙ.
    let omega, omega4: F
    let blinding: Vector

    /// All wires, those of additions included.
    let wires: Vector
    /// The values of a, b and c at the roots of unity, without blinding.
    let values: [Vector]
    /// a, b, c and z: coefficients, the lowest first, with blinding.
    var polynomials: [Vector] = []

    init(
        _ key: PlonkProvingKey<Suite>, _ backend: any ComputeBackend<Suite>, _ parallel: Parallel,
        blinding: [F]
    ) {
        self.key = key
        self.backend = backend
        self.parallel = parallel
        self.blinding = Vector(blinding)
        n = key.verifyingKey.domainSize
        omega = EvaluationDomain<F>.root(log: key.verifyingKey.logDomainSize)
        omega4 = EvaluationDomain<F>.root(log: key.verifyingKey.logDomainSize + 2)
        wires = Vector(count: key.variableCount)
        values = (0..<3).map { [n] _ in Vector(count: n) }
    }
}
