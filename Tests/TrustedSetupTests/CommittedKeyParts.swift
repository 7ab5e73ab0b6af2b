// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import TestSupport
import TrustedSetup

/// A circuit with two commitments, and what proves it:
///
/// a·b = p, m·1 = m, n·1 = n, (a + c)(b + c) = s, c·d = t, (s + d)·t = q for public p and q, masks m and n
/// and challenges c and d. Commitment 0 is to a, b and m and hashes p; commitment 1 is to s and n and hashes
/// p and c.
enum CommittedCircuit<Suite: ComputeSuite> {
    typealias Fr = Suite.Fr

    static var commitments: [WireCommitment] {
        [
            WireCommitment(committed: [3, 4, 5], hashed: [1], challenge: 7),
            WireCommitment(committed: [6, 9], hashed: [1, 7], challenge: 8),
        ]
    }

    /// - Parameter scale: the coefficient of a: another one is another circuit with the same wires.
    static func system(
        scale: Fr = .one, _ commitments: [WireCommitment] = Self.commitments
    ) -> R1CS<Fr> {
        var system = R1CS<Fr>(
            wireCount: 11, publicOutputCount: 0, publicInputCount: 2, privateInputCount: 4)
        let rows: [[[UInt32]]] = [
            [[3], [4], [1]], [[5], [0], [5]], [[6], [0], [6]], [[3, 7], [4, 7], [9]], [[7], [8], [10]],
            [[8, 9], [10], [2]],
        ]
        for row in rows {
            for wires in row {
                system.append(
                    combination: wires.map {
                        R1CS<Fr>.Term(wire: $0, coefficient: $0 == 3 ? scale : .one)
                    })
            }
        }
        for commitment in commitments { system.append(commitment) }
        return system
    }

    static func proves(_ key: CommittedKey<Suite>, using generator: inout SeededGenerator) throws -> Bool {
        let parallel = Parallel(threads: 2)
        let prover = CommittedProver(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel)
        var w = (0..<11).map { _ in Fr.random(using: &generator) }
        w[0] = .one
        w[1] = w[3] * w[4]
        func commit(_ number: Int) throws -> Affine<Suite.G1> {
            try prover.commit(
                key: key.provingKey, number: number,
                values: SecretScalars(key.provingKey.commitments[number].wires.map { w[$0].canonical }))
        }
        w[7] = key.verifyingKey.challenge(0, of: try commit(0), known: [w[1], .zero])
        w[9] = (w[3] + w[7]) * (w[4] + w[7])
        w[8] = key.verifyingKey.challenge(1, of: try commit(1), known: [w[1], .zero, w[7]])
        w[10] = w[7] * w[8]
        w[2] = (w[8] + w[9]) * w[10]
        let verifier = CommittedVerifier(key.verifyingKey)
        let proof = try prover.prove(
            key: key.provingKey, verifier: verifier, witness: SecretScalars(w.map(\.canonical)),
            using: &generator)
        return verifier.verify(proof, publicInputs: w[1...2].map(\.canonical), parallel: parallel) == .valid
    }
}

/// All of a key with commitments, each part to be changed.
struct CommittedKeyParts<Suite: ComputeSuite> {
    typealias Scalar = Suite.Fr
    typealias G1 = Affine<Suite.G1>
    typealias G2 = Affine<Suite.G2>

    var alpha1, beta1, delta1: G1
    var beta2, gamma2, delta2, generator: G2
    var ic, a, b1, c, h: [G1]
    var b2: [G2]
    var bases, sigmaBases: [[G1]]
    var negativeSigmas: [G2]
    var commitments: [WireCommitment]
    var coefficients: CoefficientMatrices<Scalar>
    let logDomainSize, publicCount: Int
    let hash: CommitmentHash
    var transcript: CommittedTranscript<Suite>

    init(_ key: CommittedKey<Suite>) {
        func points<Group: CurveGroup>(_ table: PointTable<Group>) -> [Affine<Group>] {
            (0..<table.count).map { table[$0] }
        }
        let (mine, theirs) = (key.provingKey, key.verifyingKey)
        (alpha1, beta1, delta1) = (mine.alpha1, mine.beta1, mine.delta1)
        (beta2, gamma2, delta2, generator) = (
            theirs.beta2, theirs.gamma2, theirs.delta2, theirs.generator
        )
        (ic, a, b1, b2) = (
            theirs.ic, points(mine.witness.a), points(mine.witness.b1), points(mine.witness.b2)
        )
        (c, h) = (points(mine.witness.c), points(mine.h))
        bases = mine.commitments.map { points($0.basis) }
        sigmaBases = mine.commitments.map { points($0.sigmaBasis) }
        negativeSigmas = theirs.commitments.map(\.negativeSigma)
        commitments = key.commitments
        coefficients = mine.coefficients
        (logDomainSize, publicCount) = (mine.logDomainSize, mine.publicCount)
        (hash, transcript) = (theirs.hash, key.transcript)
    }

    func make() throws(CommittedKeyFault) -> CommittedKey<Suite> {
        let indices = CommittedKey<Suite>.hashedIndices(commitments, publicCount: publicCount)
        return CommittedKey(
            provingKey: CommittedProvingKey(
                alpha1: alpha1, beta1: beta1, delta1: delta1, beta2: beta2, delta2: delta2,
                publicCount: publicCount,
                witness: WitnessTables(
                    a: PointTable(a), b1: PointTable(b1), b2: PointTable(b2), c: PointTable(c)),
                h: PointTable(h), coefficients: coefficients, logDomainSize: logDomainSize,
                commitments: commitments.indices.map { k in
                    .init(
                        wires: commitments[k].committed.map { Int($0) },
                        challengeWire: Int(commitments[k].challenge), basis: PointTable(bases[k]),
                        sigmaBasis: PointTable(sigmaBases[k]))
                }),
            verifyingKey: try CommittedVerifyingKey(
                alpha1: alpha1, beta2: beta2, gamma2: gamma2, delta2: delta2, ic: ic, generator: generator,
                commitments: zip(indices, negativeSigmas).map { .init(hashed: $0, negativeSigma: $1) },
                hash: hash),
            transcript: transcript)
    }

    /// Multiplies δ, and divides C and H.
    mutating func scaleDelta(by factor: Scalar) {
        delta1 = delta1.multiplied(by: factor).affine
        scaleDelta2(by: factor)
    }

    /// The same without δ in G1.
    mutating func scaleDelta2(by factor: Scalar) {
        delta2 = delta2.multiplied(by: factor).affine
        let inverse = factor.inverse()!
        c = c.map { $0.multiplied(by: inverse).affine }
        h = h.map { $0.multiplied(by: inverse).affine }
    }

    mutating func scaleSigma(_ k: Int, by factor: Scalar) {
        negativeSigmas[k] = negativeSigmas[k].multiplied(by: factor).affine
        sigmaBases[k] = sigmaBases[k].map { $0.multiplied(by: factor).affine }
    }

    /// What of a contribution is not as it should be.
    struct Forgery {
        var kind: UInt32 = 0
        var parameters: [UInt8] = []
        /// The factors that are shown in G1, and in G2, by secret, where they are others.
        var pairs: [Int: Scalar] = [:]
        var shown: [Int: Scalar] = [:]
        /// Changes the transcript.
        var flips = false
    }

    /// A contribution of known factors, of δ first.
    mutating func contribute(
        _ factors: [Scalar], _ forgery: Forgery = Forgery(), using generator: inout SeededGenerator
    ) {
        scaleDelta(by: factors[0])
        for k in negativeSigmas.indices { scaleSigma(k, by: factors[k + 1]) }
        let pairs = factors.enumerated().map { index, factor in
            let point = G1.random(using: &generator)
            return (g1S: point, g1SX: point.multiplied(by: forgery.pairs[index] ?? factor).affine)
        }
        var digest = transcript.hash(
            before: transcript.contributions.count, kind: forgery.kind, parameters: forgery.parameters,
            pairs: pairs)
        if forgery.flips { digest[60] ^= 1 }
        let shown = factors.enumerated().map { index, factor in
            CommittedTranscript<Suite>.challenge(digest, secret: index)
                .multiplied(by: forgery.shown[index] ?? factor).affine
        }
        transcript.contributions.append(
            CommittedContribution(
                delta: SetupContribution(
                    deltaAfter: delta1, g1S: pairs[0].g1S, g1SX: pairs[0].g1SX, g2SPX: shown[0],
                    transcript: digest, kind: forgery.kind, parameters: forgery.parameters),
                sigmas: negativeSigmas.enumerated().map { k, point in
                    .init(
                        negativeAfter: point, g1S: pairs[k + 1].g1S, g1SX: pairs[k + 1].g1SX,
                        g2SPX: shown[k + 1])
                }))
    }
}
