// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
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
        let g1 = Suite.G1.cpuMultiplyGenerator(by: [alpha] + ic, .allCores)
        let g2 = Suite.G2.cpuMultiplyGenerator(by: [beta, gamma, delta], .allCores)
        verifyingKey = VerifyingKey(
            alpha1: g1[0], beta2: g2[0], gamma2: g2[1], delta2: g2[2], ic: Array(g1.dropFirst()))
    }

    /// A proof for any public inputs, with A = a·G₁ and B = b·G₂.
    ///
    /// - Precondition: there are as many public inputs as the key wants.
    package func proof(_ publicInputs: [Fr], a: Fr, b: Fr) -> Proof<Suite> {
        proofs([(publicInputs, a, b)])[0]
    }

    /// A proof for any public inputs.
    package func proof(
        _ publicInputs: [Fr], using generator: inout some RandomNumberGenerator
    ) -> Proof<Suite> {
        let a = Fr.random(using: &generator)
        return proof(publicInputs, a: a, b: .random(using: &generator))
    }

    /// A proof for each of many public inputs: many at once are made sooner.
    package func proofs(
        _ publicInputs: [[Fr]], using generator: inout some RandomNumberGenerator
    ) -> [Proof<Suite>] {
        proofs(
            publicInputs.map { inputs in
                let a = Fr.random(using: &generator)
                return (inputs, a, .random(using: &generator))
            })
    }

    private func proofs(_ wanted: [(publicInputs: [Fr], a: Fr, b: Fr)]) -> [Proof<Suite>] {
        let overDelta = delta.inverse() ?? .zero
        let c = wanted.map { publicInputs, a, b in
            precondition(publicInputs.count == ic.count - 1)
            let linear = zip(publicInputs, ic.dropFirst()).reduce(ic[0]) { $0 + $1.0 * $1.1 }
            return (a * b - alpha * beta - linear * gamma) * overDelta
        }
        let g1 = Suite.G1.cpuMultiplyGenerator(by: wanted.map(\.a) + c, .allCores)
        let g2 = Suite.G2.cpuMultiplyGenerator(by: wanted.map(\.b), .allCores)
        return wanted.indices.map { Proof(a: g1[$0], b: g2[$0], c: g1[wanted.count + $0]) }
    }
}
