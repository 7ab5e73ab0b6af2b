// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import TestSupport
import Testing

/// The verifier of proofs with commitments, with keys whose secrets are known: what it takes, and what not.
/// That gnark's proofs verify is a test of the formats.
@Suite struct CommittedVerifierTests {
    let parallel = Parallel(threads: 2)

    /// What a key is made of; tests change parts of it.
    struct Parts<Suite: ComputeSuite> {
        var ic: [Affine<Suite.G1>]
        var generator: Affine<Suite.G2>
        var commitments: [CommittedVerifyingKey<Suite>.Commitment]
        var key: CommittedVerifyingKey<Suite>

        init(_ key: CommittedVerifyingKey<Suite>) {
            self.key = key
            (ic, generator, commitments) = (key.ic, key.generator, key.commitments)
        }

        func make() throws(CommittedKeyFault) -> CommittedVerifyingKey<Suite> {
            try CommittedVerifyingKey(
                alpha1: key.alpha1, beta2: key.beta2, gamma2: key.gamma2, delta2: key.delta2, ic: ic,
                generator: generator, commitments: commitments, hash: key.hash)
        }
    }

    private static let shapes: [[[Int]]] = [[[]], [[1, 2]], [[2], [1, 3]], [[], [3, 1], [4, 3, 2]]]

    @Test func soundProofsVerify() throws {
        var generator = SeededGenerator.fresh()
        for curve in CurveID.allCases {
            try withSuite(curve) { try soundProofsVerify($0, &generator) }
        }
    }

    private func soundProofsVerify<Suite: ComputeSuite>(
        _: Suite.Type, _ generator: inout SeededGenerator
    ) throws {
        let hashes = [.sha256, .keccak256, .keccak256, .sha256, .poseidon] as [CommitmentHash]
        for (hashed, hash) in zip(Self.shapes + [[[2], [1, 3]]], hashes) where hash.serves(Suite.id) {
            let key = try SimulatedCommittedKey<Suite>(
                publicCount: 2, hashed: hashed, hash: hash, using: &generator)
            #expect(key.verifyingKey.publicCount == 2 && key.verifyingKey.openSecret == nil)
            let inputs = (0..<2).map { _ in Suite.Fr.random(using: &generator) }
            let proof = key.proof(inputs, using: &generator)
            let verifier = CommittedVerifier(key.verifyingKey)
            for threads in 1...2 {
                #expect(
                    verifier.verify(
                        proof, publicInputs: inputs.map(\.canonical), parallel: Parallel(threads: threads))
                        == .valid)
            }
        }
    }

    @Test func whatIsNoProofIsRefused() throws {
        var generator = SeededGenerator.fresh()
        try whatIsNoProofIsRefused(BN254.self, &generator)
        try whatIsNoProofIsRefused(BLS12381.self, &generator)
    }

    private func whatIsNoProofIsRefused<Suite: ComputeSuite>(
        _: Suite.Type, _ generator: inout SeededGenerator
    ) throws {
        let key = try SimulatedCommittedKey<Suite>(
            publicCount: 2, hashed: [[1], [3, 2]], hash: .sha256, using: &generator)
        let inputs = (0..<2).map { _ in Suite.Fr.random(using: &generator) }
        let good = key.proof(inputs, using: &generator)
        let verifier = CommittedVerifier(key.verifyingKey)
        func verdict(_ change: (inout CommittedProof<Suite>) -> Void) -> Verdict {
            var proof = good
            change(&proof)
            return verifier.verify(proof, publicInputs: inputs.map(\.canonical), parallel: parallel)
        }
        #expect(verdict { _ in } == .valid)
        #expect(verdict { ($0.a, $0.b) = (-$0.a, -$0.b) } == .valid)
        #expect(verdict { $0.a = -$0.a } == .equationFails)
        #expect(verdict { $0.b = .identity } == .equationFails)
        #expect(verdict { $0.c = -$0.c } == .equationFails)
        #expect(verdict { $0.knowledge = -$0.knowledge } == .knowledgeFails)
        #expect(verdict { $0.knowledge = .identity } == .knowledgeFails)
        for k in 0..<2 {
            #expect(verdict { $0.commitments[k] = -$0.commitments[k] } == .knowledgeFails)
            #expect(verdict { $0.commitments[k] = .identity } == .knowledgeFails)
            #expect(verdict { $0.commitments[k].y += .one } == .invalidPoint("commitments[\(k)]"))
        }
        #expect(verdict { $0.commitments.swapAt(0, 1) } == .knowledgeFails)
        // What A, C and D sum up to stays the same.
        #expect(
            verdict {
                $0.commitments[0] = (Jacobian($0.commitments[0]) + Suite.G1.generator).affine
                $0.commitments[1] = (Jacobian($0.commitments[1]) + -Suite.G1.generator).affine
            } == .knowledgeFails)
        #expect(verdict { $0.knowledge.x += .one } == .invalidPoint("commitment_pok"))
        #expect(verdict { $0.a.x += .one } == .invalidPoint("pi_a"))
        #expect(verdict { $0.b.x += .one } == .invalidPoint("pi_b"))
        #expect(verdict { $0.c.x += .one } == .invalidPoint("pi_c"))
        #expect(verdict { $0.commitments.removeLast() } == .commitmentCount(expected: 2, found: 1))
        #expect(verdict { $0.commitments.append(.identity) } == .commitmentCount(expected: 2, found: 3))
        #expect(verdict { $0.commitments = [] } == .commitmentCount(expected: 2, found: 0))
        for i in 0..<2 {
            var other = inputs.map(\.canonical)
            other[i] = Suite.Fr.random(using: &generator).canonical
            let found = verifier.verify(good, publicInputs: other, parallel: parallel)
            #expect(found == .knowledgeFails || found == .equationFails)
            other[i] = Suite.Fr.modulus
            #expect(
                verifier.verify(good, publicInputs: other, parallel: parallel)
                    == .publicInputOutOfRange(index: i))
        }
        #expect(
            verifier.verify(good, publicInputs: [], parallel: parallel)
                == .publicCount(expected: 2, found: 0))
    }

    /// With one commitment its factor is 1, and what is hashed can only show in the first equation.
    @Test func theChallengeDependsOnAllThatIsHashed() throws {
        var generator = SeededGenerator.fresh()
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: 2, hashed: [[2]], hash: .keccak256, using: &generator)
        let inputs = (0..<2).map { _ in BN254.Fr.random(using: &generator) }
        let good = key.proof(inputs, using: &generator)
        func verdict(_ change: (inout Parts<BN254>) -> Void) throws -> Verdict {
            var parts = Parts(key.verifyingKey)
            change(&parts)
            return CommittedVerifier(try parts.make()).verify(
                good, publicInputs: inputs.map(\.canonical), parallel: parallel)
        }
        #expect(try verdict { _ in } == .valid)
        #expect(try verdict { $0.commitments[0].hashed = [] } == .equationFails)
        #expect(try verdict { $0.commitments[0].hashed = [1] } == .equationFails)
        #expect(try verdict { $0.commitments[0].hashed = [2, 2] } == .equationFails)
        let parts = Parts(key.verifyingKey)
        let other = try CommittedVerifyingKey<BN254>(
            alpha1: parts.key.alpha1, beta2: parts.key.beta2, gamma2: parts.key.gamma2,
            delta2: parts.key.delta2, ic: parts.ic, generator: parts.generator,
            commitments: parts.commitments, hash: .sha256)
        #expect(
            CommittedVerifier(other).verify(good, publicInputs: inputs.map(\.canonical), parallel: parallel)
                == .equationFails)
    }

    /// Points of the curve outside of the subgroup, in D and in the proof of knowledge.
    @Test func pointsOutsideTheSubgroupAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let key = try SimulatedCommittedKey<BLS12381>(
            publicCount: 0, hashed: [[]], hash: .sha256, using: &generator)
        let good = key.proof([], using: &generator)
        var outside = Affine<BLS12381.G1>.identity
        while outside.isIdentity || outside.isValid {
            let x = BLS12381.Fp.random(using: &generator)
            guard let y = (x.squared() * x + BLS12381.G1.b).squareRoot() else { continue }
            outside = Affine(x: x, y: y)
        }
        let verifier = CommittedVerifier(key.verifyingKey)
        var proof = good
        proof.commitments[0] = outside
        #expect(
            verifier.verify(proof, publicInputs: [], parallel: parallel) == .invalidPoint("commitments[0]"))
        proof = good
        proof.knowledge = outside
        #expect(
            verifier.verify(proof, publicInputs: [], parallel: parallel) == .invalidPoint("commitment_pok"))
    }

    /// Keys that prove nothing are none.
    @Test func keysThatLetAnybodyForgeAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: 2, hashed: [[1], [3]], hash: .sha256, using: &generator
        ).verifyingKey
        func fault(_ change: (inout Parts<BN254>) -> Void) -> CommittedKeyFault? {
            var parts = Parts(key)
            change(&parts)
            do throws(CommittedKeyFault) {
                _ = try parts.make()
                return nil
            } catch {
                return error
            }
        }
        #expect(fault { _ in } == nil)
        #expect(fault { $0.commitments = [] } == .noCommitments)
        #expect(fault { $0.ic = Array($0.ic.prefix(2)) } == .pointCount(expected: 3, found: 2))
        #expect(fault { $0.generator = .identity } == .generatorIsIdentity)
        #expect(fault { $0.commitments[0].hashed = [0] } == .hashedIndex(commitment: 0, index: 0, limit: 3))
        #expect(
            fault { $0.commitments[0].hashed = [1, 3] } == .hashedIndex(commitment: 0, index: 3, limit: 3))
        #expect(fault { $0.commitments[1].hashed = [4] } == .hashedIndex(commitment: 1, index: 4, limit: 4))
        #expect(fault { $0.commitments[1].hashed = [-1] } == .hashedIndex(commitment: 1, index: -1, limit: 4))
        // Without public inputs there is nothing to hash.
        let nothing = CommittedKeyFault.hashedIndex(commitment: 0, index: 1, limit: 1)
        #expect(
            fault {
                $0.ic = Array($0.ic.prefix(3))
                $0.commitments[0].hashed = [1]
            } == nothing)
        #expect(nothing.message.contains("nothing is known before its challenge"))
        for k in 0..<2 {
            #expect(fault { $0.commitments[k].negativeSigma = .identity } == .sigmaIsZero(commitment: k))
            #expect(fault { $0.commitments[k].negativeSigma = $0.generator } == .sigmaIsOne(commitment: k))
            #expect(fault { $0.commitments[k].negativeSigma = -$0.generator } == .sigmaIsOne(commitment: k))
        }
        #expect(
            fault { $0.commitments[1].negativeSigma = $0.commitments[0].negativeSigma } == .sameSigma(0, 1))
        #expect(
            fault { $0.commitments[1].negativeSigma = -$0.commitments[0].negativeSigma } == .sameSigma(0, 1))
        var parts = Parts(key)
        parts.ic[4] = .identity
        #expect(
            try parts.make().openSecret
                == .related("challenge 1 is bound by nothing (its IC point is the identity)"))
        parts.ic[1] = .identity
        #expect(try parts.make().openSecret == .unboundInput(1))
        // Inputs of one point, where no challenge is a hash of either; and one that is a challenge's.
        for (hashed, secret) in [([], OpenSecret.inputsOfOnePoint(1, 2)), ([2], nil), ([1], nil)] {
            var parts = Parts(key)
            parts.commitments[0].hashed = hashed
            parts.commitments[1].hashed = [3]
            (parts.ic[2], parts.ic[3]) = (-parts.ic[1], parts.ic[1])
            #expect(try parts.make().openSecret == secret)
        }
    }

    @Test func batchesFindTheirCulprits() throws {
        var generator = SeededGenerator.fresh()
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: 1, hashed: [[1], [2]], hash: .sha256, using: &generator)
        let verifier = CommittedVerifier(key.verifyingKey)
        var items: [(proof: CommittedProof<BN254>, publicInputs: [Limbs4])] = []
        for _ in 0..<19 {
            let input = BN254.Fr.random(using: &generator)
            items.append((key.proof([input], using: &generator), [input.canonical]))
        }
        func verdicts(_ items: [(proof: CommittedProof<BN254>, publicInputs: [Limbs4])]) -> [Verdict] {
            verifier.verifyBatch(items, parallel: parallel, using: &generator)
        }
        #expect(verdicts([]) == [])
        #expect(verdicts(items) == [Verdict](repeating: .valid, count: items.count))
        var spoilt = items
        spoilt[2].proof.c = -spoilt[2].proof.c
        spoilt[3].proof.knowledge = -spoilt[3].proof.knowledge
        spoilt[9].proof.commitments.removeLast()
        spoilt[11].proof.a.x += .one
        // Each one's proof of knowledge in the other.
        spoilt[17].proof.knowledge = items[18].proof.knowledge
        spoilt[18].proof.knowledge = items[17].proof.knowledge
        var expected = [Verdict](repeating: .valid, count: items.count)
        expected[2] = .equationFails
        expected[3] = .knowledgeFails
        expected[9] = .commitmentCount(expected: 2, found: 1)
        expected[11] = .invalidPoint("pi_a")
        (expected[17], expected[18]) = (.knowledgeFails, .knowledgeFails)
        #expect(verdicts(spoilt) == expected)
    }

    /// Faults in the two equations of one proof that cancel where both have one coefficient.
    @Test func theEquationsHaveCoefficientsOfTheirOwn() throws {
        var generator = SeededGenerator.fresh()
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: 1, hashed: [[1]], hash: .sha256, using: &generator)
        let verifier = CommittedVerifier(key.verifyingKey)
        let input = BN254.Fr.random(using: &generator)
        let good = key.proof([input], using: &generator)
        let others = (0..<2).map { _ in (key.proof([input], using: &generator), [input.canonical]) }
        let (one, other) = (try #require(key.delta.inverse()), try #require(key.generator.inverse()))
        for sign in [other, -other] {
            // e(X, δ) and e(Y, G) are each other's inverses for one of the signs.
            var proof = good
            proof.c = (Jacobian(proof.c) + BN254.G1.generator.multiplied(by: one)).affine
            proof.knowledge = (Jacobian(proof.knowledge) + BN254.G1.generator.multiplied(by: sign)).affine
            let found = verifier.verifyBatch(
                [(proof, [input.canonical])] + others, parallel: parallel, using: &generator)
            #expect(found == [.knowledgeFails, .valid, .valid])
        }
    }
}
