// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
import EllipticCurves
import FiniteFields
package import Groth16

/// A verification key whose secrets are known, so that proofs of anything can be made without a circuit:
/// many, and quickly.
///
/// To a verifier they are like all others.
///
/// - Reference: Groth 2016, §3.2, the simulator.
package struct SimulatedKey<Suite: ComputeSuite> {
    package typealias Fr = Suite.Fr

    package let verifyingKey: VerifyingKey<Suite>
    private let alpha, beta, gamma, delta: Fr
    private let ic: [Fr]
    private let g1 = GeneratorMultiples<Suite.G1>()
    private let g2 = GeneratorMultiples<Suite.G2>()

    /// - Parameters:
    ///   - publicCount: how many public inputs proofs have.
    ///   - unbound: public inputs whose point in the key is the identity.
    package init(
        publicCount: Int, unbound: Set<Int> = [], using generator: inout some RandomNumberGenerator
    ) {
        alpha = .random(using: &generator)
        beta = .random(using: &generator)
        gamma = .random(using: &generator)
        delta = .random(using: &generator)
        var ic: [Fr] = []
        for i in 0...publicCount {
            let value = Fr.random(using: &generator)
            ic.append(unbound.contains(i - 1) ? .zero : value)
        }
        self.ic = ic
        let (g1, g2) = (g1, g2)
        verifyingKey = VerifyingKey(
            alpha1: g1[alpha].affine, beta2: g2[beta].affine, gamma2: g2[gamma].affine,
            delta2: g2[delta].affine, ic: ic.map { g1[$0].affine })
    }

    /// A proof for any public inputs, with A = a·G₁ and B = b·G₂.
    ///
    /// - Precondition: there are as many public inputs as the key wants.
    package func proof(_ publicInputs: [Fr], a: Fr, b: Fr) -> Proof<Suite> {
        precondition(publicInputs.count == ic.count - 1)
        let linear = zip(publicInputs, ic.dropFirst()).reduce(ic[0]) { $0 + $1.0 * $1.1 }
        let c = (a * b - alpha * beta - linear * gamma) * (delta.inverse() ?? .zero)
        return Proof(a: g1[a].affine, b: g2[b].affine, c: g1[c].affine)
    }

    /// A proof for any public inputs.
    package func proof(
        _ publicInputs: [Fr], using generator: inout some RandomNumberGenerator
    ) -> Proof<Suite> {
        let a = Fr.random(using: &generator)
        return proof(publicInputs, a: a, b: .random(using: &generator))
    }
}
