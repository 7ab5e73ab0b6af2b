// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
import EllipticCurves
import FiniteFields
package import Groth16

/// A verification key with commitments whose secrets are known, so that proofs of anything can be made
/// without a circuit; as `SimulatedKey`.
package struct SimulatedCommittedKey<Suite: ComputeSuite> {
    package typealias Fr = Suite.Fr

    package let verifyingKey: CommittedVerifyingKey<Suite>
    /// The logarithms of what tests move points by.
    package let delta, generator: Fr
    /// The σ of each commitment.
    package let sigmas: [Fr]
    private let alpha, beta, gamma: Fr
    private let ic: [Fr]

    /// - Parameters:
    ///   - publicCount: how many public inputs proofs have.
    ///   - hashed: what each commitment hashes, as `CommittedVerifyingKey.Commitment` has it.
    ///   - sharesGamma: whether G is γ, as in keys from powers of tau.
    /// - Throws: `CommittedKeyFault`.
    package init(
        publicCount: Int, hashed: [[Int]], hash: CommitmentHash, sharesGamma: Bool = false,
        using generator: inout some RandomNumberGenerator
    ) throws(CommittedKeyFault) {
        func random(_ count: Int) -> [Fr] { (0..<count).map { _ in Fr.random(using: &generator) } }
        var secrets = random(5)
        if sharesGamma { secrets[4] = secrets[2] }
        (alpha, beta, gamma, delta) = (secrets[0], secrets[1], secrets[2], secrets[3])
        self.generator = secrets[4]
        ic = random(publicCount + 1 + hashed.count)
        sigmas = random(hashed.count)
        let g1 = Suite.G1.cpuMultiplyGenerator(by: [alpha] + ic, .allCores)
        let g2 = Suite.G2.cpuMultiplyGenerator(
            by: Array(secrets[1...]) + sigmas.map { [g = secrets[4]] in -$0 * g }, .allCores)
        verifyingKey = try CommittedVerifyingKey(
            alpha1: g1[0], beta2: g2[0], gamma2: g2[1], delta2: g2[2], ic: Array(g1.dropFirst()),
            generator: g2[3],
            commitments: zip(hashed, g2.dropFirst(4)).map { .init(hashed: $0, negativeSigma: $1) }, hash: hash
        )
    }

    /// A proof for any public inputs, with random commitments.
    ///
    /// - Precondition: there are as many public inputs as the key wants.
    package func proof(
        _ publicInputs: [Fr], using generator: inout some RandomNumberGenerator
    ) -> CommittedProof<Suite> {
        proof(publicInputs, folding: nil, errors: sigmas.map { _ in .zero }, using: &generator)
    }

    /// A proof of which the equation holds, with commitments that are not what the proof of knowledge opens.
    ///
    /// - Parameters:
    ///   - folding: what the proof of knowledge is folded by; `nil` for the hash of the challenges.
    ///   - errors: the logarithm of each commitment, less that of what is opened.
    /// - Precondition: there are as many public inputs as the key wants, and as many errors as commitments.
    package func proof(
        _ publicInputs: [Fr], folding: Fr?, errors: [Fr], using generator: inout some RandomNumberGenerator
    ) -> CommittedProof<Suite> {
        let scalars = (0..<sigmas.count + 2).map { _ in Fr.random(using: &generator) }
        let (a, b, opened) = (scalars[0], scalars[1], Array(scalars[2...]))
        let committed = zip(opened, errors).map { $0 + $1 }
        let commitments = Suite.G1.cpuMultiplyGenerator(by: committed, .allCores)
        let challenges = verifyingKey.challenges(of: commitments, publicInputs: publicInputs)
        let linear = zip(publicInputs + challenges, ic.dropFirst()).reduce(ic[0]) { $0 + $1.0 * $1.1 }
        let sum = committed.reduce(linear, +)
        let c = (a * b - alpha * beta - sum * gamma) * (delta.inverse() ?? .zero)
        let factor: Fr = folding ?? verifyingKey.hash.foldingFactor(challenges)
        let knowledge = zip(opened, sigmas).reversed().reduce(Fr.zero) { $0 * factor + $1.0 * $1.1 }
        let g1 = Suite.G1.cpuMultiplyGenerator(by: [a, c, knowledge], .allCores)
        let g2 = Suite.G2.cpuMultiplyGenerator(by: [b], .allCores)
        return CommittedProof(
            a: g1[0], b: g2[0], c: g1[1], commitments: commitments, knowledge: g1[2])
    }
}
