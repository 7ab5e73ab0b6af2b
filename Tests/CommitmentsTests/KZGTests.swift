// SPDX-License-Identifier: Apache-2.0

import Commitments
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Polynomials
import TestSupport
import Testing
import TrustedSetup

/// The laws of a commitment scheme, of whatever scheme.
private func opensAndVerifies<Committer: PolynomialCommitter, Verifier: OpeningVerifier>(
    _ committer: Committer, _ verifier: Verifier, using generator: inout SeededGenerator
) throws where Committer.Scheme == Verifier.Scheme {
    typealias Scalar = Committer.Scheme.Scalar
    var commitments: [Committer.Scheme.Commitment] = []
    var openings: [Opening<Committer.Scheme>] = []
    for count in [0, 1, 2, committer.capacity - 1, committer.capacity] {
        let f = Polynomial((0..<count).map { _ in Scalar.random(using: &generator) })
        let commitment = try committer.commit(f)
        let points = [Scalar.zero, .one, .random(using: &generator)]
        let made = try committer.open(f, at: points)
        #expect(made.map(\.point) == points && made.map(\.value) == points.map { f.evaluated(at: $0) })
        for opening in made {
            #expect(verifier.verify(commitment, opening) == .valid)
            var other = opening
            other.value += .random(using: &generator)
            #expect(verifier.verify(commitment, other) == .equationFails)
            guard count > 1 else { continue }
            other = opening
            other.point += .random(using: &generator)
            #expect(verifier.verify(commitment, other) == .equationFails)
        }
        commitments.append(commitment)
        openings.append(made[2])
    }
    #expect(verifier.verify(commitments, openings) == .valid)
    #expect(verifier.verify([], []) == .valid)
    #expect(verifier.verify(commitments, openings.dropLast()) == .count(commitments: 5, openings: 4))
    #expect(verifier.verify(commitments.dropLast(), openings) == .count(commitments: 4, openings: 5))
    openings.swapAt(3, 4)
    #expect(verifier.verify(commitments, openings) == .equationFails)
    let long = Polynomial((0...committer.capacity).map { _ in Scalar.one })
    let error = CommitmentError.tooManyCoefficients(
        coefficients: committer.capacity + 1, bases: committer.capacity)
    #expect(throws: error) { try committer.commit(long) }
    #expect(throws: error) { try committer.open(long, at: .one) }
    #expect(throws: error) { try committer.open(long, at: [.one, .zero]) }
    #expect(error.message.contains("\(committer.capacity + 1) coefficients"))
    // Zeros at the end are no coefficients.
    #expect(throws: Never.self) {
        try committer.commit(Polynomial(long.coefficients.dropLast() + [.zero, .zero]))
    }
}

/// KZG on both curves, under setups whose secret is known.
@Suite struct KZGTests {
    private let parallel = Parallel(threads: 2)

    private func laws<Suite: TestSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let tau = Suite.Fr.random(using: &generator)
        let setup = try KZG<Suite>.setup(secret: tau, count: 33, parallel)
        try setup.check(
            on: CPUBackend<Suite>(parallel: parallel), parallel: parallel, using: &generator)
        let committer = KZG<Suite>.committer(setup, parallel)
        try opensAndVerifies(committer, KZG<Suite>.Verifier(setup.verifyingKey), using: &generator)
        // By definition: f(τ)·G1, and ((f(τ) − f(z))/(τ − z))·G1.
        func times(_ scalar: Suite.Fr) -> Suite.G1Affine { Suite.G1.generator.multiplied(by: scalar).affine }
        for count in [0, 1, 5, 33] {
            let f = KZG<Suite>.polynomial(count, using: &generator)
            let g = KZG<Suite>.polynomial(20, using: &generator)
            let commitment = try committer.commit(f)
            #expect(commitment == times(f.evaluated(at: tau)))
            #expect(
                try committer.commit(f + g) == (Jacobian(commitment) + committer.commit(g)).affine)
            let z = Suite.Fr.random(using: &generator)
            let opening = try committer.open(f, at: z)
            let quotient = (f.evaluated(at: tau) - f.evaluated(at: z)) * ((tau - z).inverse() ?? .zero)
            #expect(opening.proof == times(quotient))
            // Openings of sums are sums of openings.
            let other = try committer.open(g, at: z)
            let sum = Opening<KZG<Suite>>(
                point: z, value: opening.value + other.value,
                proof: (Jacobian(opening.proof) + other.proof).affine)
            #expect(
                KZG<Suite>.Verifier(setup.verifyingKey).verify(try committer.commit(f + g), sum) == .valid)
        }
        // Who knows the secret can open at it too, and anything else anywhere: a proof says no more than its
        // setup.
        let f = KZG<Suite>.polynomial(9, using: &generator)
        let atSecret = try committer.open(f, at: tau)
        #expect(
            KZG<Suite>.Verifier(setup.verifyingKey).verify(try committer.commit(f), atSecret) == .valid)
    }

    @Test func lawsOnBN254() throws { try laws(BN254.self) }
    @Test func lawsOnBLS12381() throws { try laws(BLS12381.self) }

    private func refusals<Suite: TestSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let setup = try KZG<Suite>.setup(secret: .random(using: &generator), count: 9, parallel)
        let committer = KZG<Suite>.committer(setup, parallel)
        let verifier = KZG<Suite>.Verifier(setup.verifyingKey)
        let f = KZG<Suite>.polynomial(9, using: &generator)
        let (commitment, opening) = (
            try committer.commit(f), try committer.open(f, at: .random(using: &generator))
        )
        func verdict(
            _ change: (inout Suite.G1Affine, inout Opening<KZG<Suite>>) -> Void
        ) -> OpeningVerdict {
            var (commitment, opening) = (commitment, opening)
            change(&commitment, &opening)
            return verifier.verify(commitment, opening)
        }
        #expect(verdict { _, _ in } == .valid)
        #expect(verdict { commitment, _ in commitment = -commitment } == .equationFails)
        #expect(verdict { commitment, _ in commitment = .identity } == .equationFails)
        #expect(verdict { commitment, _ in commitment = .generator } == .equationFails)
        #expect(verdict { $1.proof = -$1.proof } == .equationFails)
        #expect(verdict { $1.proof = .identity } == .equationFails)
        #expect(verdict { swap(&$0, &$1.proof) } == .equationFails)
        #expect(verdict { $1.value = -$1.value } == .equationFails)
        #expect(verdict { $1.point = -$1.point } == .equationFails)
        #expect(verdict { commitment, _ in commitment.y += .one } == .invalidCommitment)
        #expect(verdict { $1.proof.x += .one } == .invalidProof)
        // Another setup's verifier.
        let other = try KZG<Suite>.setup(secret: .random(using: &generator), count: 9, parallel)
        #expect(KZG<Suite>.Verifier(other.verifyingKey).verify(commitment, opening) == .equationFails)
    }

    @Test func refusalsOnBN254() throws { try refusals(BN254.self) }
    @Test func refusalsOnBLS12381() throws { try refusals(BLS12381.self) }

    /// A point of BLS12-381's curve that is not in G1; its small part stays in a sum, but pairs to one.
    private func outsider(using generator: inout SeededGenerator) throws -> BLS12381.G1Affine {
        while true {
            let x = BLS12381.Fp.random(using: &generator)
            guard let y = (x.squared() * x + BLS12381.G1.b).squareRoot() else { continue }
            let point = BLS12381.G1Affine(x: x, y: y)
            // r times the point is what is left of it outside of G1.
            let rest = Jacobian(point).multiplied(by: BLS12381.Fr.modulus.words).affine
            if !rest.isIdentity { return rest }
        }
    }

    @Test func pointsOutsideTheSubgroupAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let setup = try KZG<BLS12381>.setup(secret: .random(using: &generator), count: 5, parallel)
        let committer = KZG<BLS12381>.committer(setup, parallel)
        let verifier = KZG<BLS12381>.Verifier(setup.verifyingKey)
        let f = KZG<BLS12381>.polynomial(5, using: &generator)
        let commitment = try committer.commit(f)
        var opening = try committer.open(f, at: 3)
        let small = try outsider(using: &generator)
        let shifted = (Jacobian(commitment) + small).affine
        #expect(shifted.isOnCurve)
        #expect(verifier.verify(shifted, opening) == .invalidCommitment)
        #expect(verifier.verify([commitment, shifted], [opening, opening]) == .invalidCommitment)
        opening.proof = (Jacobian(opening.proof) + small).affine
        #expect(verifier.verify(commitment, opening) == .invalidProof)
        // The same among the powers of a setup.
        var powers = (0..<5).map { setup.powers[$0] }
        powers[3] = (Jacobian(powers[3]) + small).affine
        let spoilt = try KZG<BLS12381>.Setup(
            powers: PointTable(powers), verifyingKey: setup.verifyingKey)
        #expect(throws: CommitmentError.unusableSetup("power 3 of tau in G1 is not a point of the group")) {
            try spoilt.check(
                on: CPUBackend<BLS12381>(parallel: parallel), parallel: parallel, using: &generator)
        }
    }
}
