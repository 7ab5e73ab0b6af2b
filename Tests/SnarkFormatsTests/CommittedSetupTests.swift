// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// Circuits of our own with several commitments: keys, proofs in phases, all forms of the files, and a
/// verifier that shares no code.
@Suite struct CommittedSetupTests {
    enum Wire {
        static let (p, q, a, b, m, n, c, d, s, t, count) = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    }

    /// Public p and q; private a, b, masks m and n, challenges c and d, products:
    ///
    /// a·b = p, m·1 = m, n·1 = n, (a + c)(b + c) = s, c·d = t, (s + d)·t = q.
    ///
    /// Commitment 0 is to a, b and m and hashes p; commitment 1 is to s and n and hashes c and q's neighbour
    /// p.
    struct Circuit<Suite: ComputeSuite> {
        typealias Fr = Suite.Fr

        var key: CommittedProvingKey<Suite>
        var verifyingKey: CommittedVerifyingKey<Suite>
        let prover = CommittedProver(
            backend: CPUBackend<Suite>(parallel: Parallel(threads: 2)), parallel: Parallel(threads: 2))

        static var commitments: [WireCommitment] {
            [
                commitment(to: [Wire.a, Wire.b, Wire.m], challenge: Wire.c, hashed: [Wire.p]),
                commitment(to: [Wire.n, Wire.s], challenge: Wire.d, hashed: [Wire.p, Wire.c]),
            ]
        }

        static var system: R1CS<Fr> {
            var system = R1CS<Fr>(
                wireCount: Wire.count, publicOutputCount: 0, publicInputCount: 2, privateInputCount: 4)
            func add(_ combinations: [Int]...) {
                for wires in combinations {
                    system.append(
                        combination: wires.map { R1CS<Fr>.Term(wire: UInt32($0), coefficient: .one) })
                }
            }
            add([Wire.a], [Wire.b], [Wire.p])
            add([Wire.m], [0], [Wire.m])
            add([Wire.n], [0], [Wire.n])
            add([Wire.a, Wire.c], [Wire.b, Wire.c], [Wire.s])
            add([Wire.c], [Wire.d], [Wire.t])
            add([Wire.s, Wire.d], [Wire.t], [Wire.q])
            for commitment in commitments { system.append(commitment) }
            return system
        }

        init(hash: CommitmentHash, using generator: inout SeededGenerator) throws {
            let setup = try #require(
                CommittedSetup<Suite>(Self.system, parallel: Parallel(threads: 2)))
            (key, verifyingKey) = try setup.development(hash: hash, using: &generator)
        }

        /// In phases: each challenge as soon as what it is a hash of is known.
        func witness(_ a: Fr, _ b: Fr, using generator: inout SeededGenerator) throws -> [Fr] {
            var w = [Fr](repeating: .zero, count: Wire.count)
            (w[0], w[Wire.a], w[Wire.b]) = (.one, a, b)
            w[Wire.m] = .random(using: &generator)
            w[Wire.n] = .random(using: &generator)
            w[Wire.p] = a * b
            func commit(_ number: Int) throws -> Affine<Suite.G1> {
                try prover.commit(
                    key: key, number: number,
                    values: SecretScalars(key.commitments[number].wires.map { w[$0].canonical }))
            }
            // q is no part of what is hashed, and is not known yet.
            w[Wire.c] = verifyingKey.challenge(0, of: try commit(0), known: [w[Wire.p], .zero])
            w[Wire.s] = (a + w[Wire.c]) * (b + w[Wire.c])
            w[Wire.d] = verifyingKey.challenge(
                1, of: try commit(1), known: [w[Wire.p], .zero, w[Wire.c]])
            w[Wire.t] = w[Wire.c] * w[Wire.d]
            w[Wire.q] = (w[Wire.s] + w[Wire.d]) * w[Wire.t]
            return w
        }

        func prove(_ witness: [Fr], using generator: inout SeededGenerator) throws(ProvingError)
            -> CommittedProof<Suite>
        {
            try prover.prove(
                key: key, verifier: CommittedVerifier(verifyingKey),
                witness: SecretScalars(witness.map(\.canonical)), using: &generator)
        }
    }

    @Test(arguments: CommitmentHash.allCases)
    func twoCommitmentsAreProvedAndVerified(hash: CommitmentHash) throws {
        var generator = SeededGenerator.fresh()
        for curve in CurveID.allCases where hash.serves(curve) {
            try withSuite(curve) { try twoCommitmentsAreProvedAndVerified($0, hash, &generator) }
        }
    }

    private func twoCommitmentsAreProvedAndVerified<Suite: ComputeSuite>(
        _: Suite.Type, _ hash: CommitmentHash, _ generator: inout SeededGenerator
    ) throws {
        let circuit = try Circuit<Suite>(hash: hash, using: &generator)
        #expect(circuit.verifyingKey.openSecret == nil)
        #expect(
            circuit.key.belongs(
                to: circuit.verifyingKey, parallel: Parallel(threads: 2), using: &generator))
        let witness = try circuit.witness(Suite.Fr(3), Suite.Fr(5), using: &generator)
        let values = SecretScalars<Suite.Fr>(witness.map(\.canonical))
        #expect(values.withSpan { Circuit<Suite>.system.firstViolated(by: $0) } == nil)
        let proof = try circuit.prove(witness, using: &generator)
        #expect(proof.commitments.count == 2)
        let publics = Array(witness[1...2])
        // JSON says all of it.
        let key = Groth16VerifyingKey<Suite>.committed(circuit.verifyingKey)
        let json = MappedFile(copying: Array(key.json.utf8), name: "verification_key.json")
        #expect(try Groth16Files.verifyingKey(json) as? Groth16VerifyingKey<Suite> == key)
        let document = MappedFile(copying: Array(Groth16Proof.committed(proof).json.utf8), name: "proof.json")
        #expect(try Groth16Files.proof(document, of: Suite.self) == .committed(proof))
        #expect(try FileSummary(json)["commitments"] == .integer(2))
        #expect(try FileSummary(document)["commitments"] == .integer(2))
        guard Suite.id != .bls12377 else { return }
        for isRaw in [false, true] {
            let vkey = GnarkFiles.bytes(
                of: key, beta1: circuit.key.beta1, delta1: circuit.key.delta1, isRaw: isRaw)
            let file = MappedFile(copying: vkey, name: "vk.bin")
            #expect(try Groth16Files.verifyingKey(file, hash: hash) as? Groth16VerifyingKey<Suite> == key)
            let bytes = GnarkFiles.bytes(of: .committed(proof), isRaw: isRaw)
            #expect(
                try Groth16Files.proof(MappedFile(copying: bytes, name: "proof.bin"), of: Suite.self)
                    == .committed(proof))
            // Each curve and each hash once: it takes seconds.
            guard isRaw == (hash == .keccak256), hash == .sha256 || Suite.id == .bn254 else { continue }
            try IndependentGnark.expectVerifies(
                vkey: vkey, publicInputs: GnarkFiles.bytes(ofPublicInputs: publics), proof: bytes,
                curve: Suite.id, hash: hash)
        }
    }

    /// Whichever wire is wrong, no proof goes out.
    @Test func everyWrongWireIsRefused() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Circuit<BN254>(hash: .sha256, using: &generator)
        let sound = try circuit.witness(7, 11, using: &generator)
        for wire in 0..<sound.count {
            var witness = sound
            witness[wire] = .random(using: &generator)
            let expected: ProvingError =
                switch wire {
                case 0: .firstWireNotOne
                case Wire.p, Wire.a, Wire.b, Wire.m, Wire.c: .challenge(wire: Wire.c, commitment: 0)
                case Wire.n, Wire.s, Wire.d: .challenge(wire: Wire.d, commitment: 1)
                default: .doesNotVerify
                }
            #expect(throws: expected, "wire \(wire)") { try circuit.prove(witness, using: &generator) }
        }
    }

    /// Proofs of a prover who leaves something of the protocol out.
    @Test func forgeriesAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Circuit<BN254>(hash: .sha256, using: &generator)
        let witness = try circuit.witness(3, 5, using: &generator)
        let good = try circuit.prove(witness, using: &generator)
        let inputs = witness[1...2].map(\.canonical)
        let verifier = CommittedVerifier(circuit.verifyingKey)
        func verdict(_ change: (inout CommittedProof<BN254>) -> Void) -> Verdict {
            var proof = good
            change(&proof)
            return verifier.verify(proof, publicInputs: inputs, parallel: Parallel(threads: 2))
        }
        #expect(verdict { _ in } == .valid)
        // Without the proof of knowledge, or with that of the first commitment or the last one alone.
        #expect(verdict { $0.knowledge = .identity } == .knowledgeFails)
        let opened = circuit.key.commitments.map { commitment in
            commitment.wires.map { witness[$0].canonical }.withUnsafeBufferPointer {
                BN254.G1.cpuMSM(commitment.sigmaBasis, $0, Parallel(threads: 1))
            }
        }
        #expect(verdict { $0.knowledge = opened[0] } == .knowledgeFails)
        #expect(verdict { $0.knowledge = opened[1] } == .knowledgeFails)
        #expect(verdict { $0.knowledge = (Jacobian(opened[0]) + opened[1]).affine } == .knowledgeFails)
        // A commitment moved by a public input's point: what knows no logarithm over gamma cannot be opened.
        #expect(
            verdict {
                $0.commitments[0] = (Jacobian($0.commitments[0]) + circuit.verifyingKey.ic[1]).affine
            } == .knowledgeFails)
    }

    /// Lists of wires that make no sound key are no system's, and without any there is no such key.
    @Test func wiresAreInOnePlace() {
        func isRefused(_ change: (inout [WireCommitment]) -> Void) -> Bool {
            var commitments = Circuit<BN254>.commitments
            change(&commitments)
            var system = R1CS<BN254.Fr>(
                wireCount: Wire.count, publicOutputCount: 0, publicInputCount: 2, privateInputCount: 4)
            for commitment in commitments {
                guard system.admits(commitment) else { return true }
                system.append(commitment)
            }
            return CommittedSetup<BN254>(system, parallel: Parallel(threads: 1)) == nil
        }
        func wires(_ wires: [Int]) -> [UInt32] { wires.map { UInt32($0) } }
        #expect(!isRefused { _ in })
        #expect(isRefused { $0 = [] })
        #expect(isRefused { $0[0].committed = wires([Wire.p, Wire.a]) })
        #expect(isRefused { $0[0].committed = wires([Wire.b, Wire.a]) })
        #expect(isRefused { $0[0].committed = wires([Wire.a, Wire.a]) })
        #expect(isRefused { $0[0].committed = wires([Wire.a, Wire.c]) })
        #expect(isRefused { $0[0].committed = wires([Wire.a, Wire.count]) })
        #expect(isRefused { $0[1].committed = wires([Wire.a, Wire.s]) })
        #expect(isRefused { $0[1].committed = wires([Wire.c, Wire.s]) })
        #expect(isRefused { $0[1].challenge = UInt32(Wire.c) })
        #expect(isRefused { $0[1].challenge = UInt32(Wire.a) })
        #expect(isRefused { $0[0].challenge = UInt32(Wire.q) })
        #expect(isRefused { $0[0].hashed = [0] })
        #expect(isRefused { $0[0].hashed = wires([Wire.c]) })
        #expect(isRefused { $0[0].hashed = wires([Wire.d]) })
        #expect(isRefused { $0[1].hashed = wires([Wire.d]) })
        #expect(isRefused { $0[1].hashed = wires([Wire.a]) })
        #expect(isRefused { $0[1].hashed = wires([Wire.c, Wire.p]) })
        #expect(isRefused { $0[1].hashed = wires([Wire.p, Wire.p]) })
    }

    /// A basis that is multiplied by another σ in one point belongs to no key.
    @Test func basesHaveOneSigma() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Circuit<BN254>(hash: .sha256, using: &generator)
        let other = try Circuit<BN254>(hash: .sha256, using: &generator)
        #expect(
            !other.key.belongs(to: circuit.verifyingKey, parallel: Parallel(threads: 1), using: &generator))
        let good = circuit.key
        func belongs(_ change: (inout [Affine<BN254.G1>]) -> Void, sigma: Bool) -> Bool {
            let commitment = good.commitments[1]
            var points = (0..<2).map { sigma ? commitment.sigmaBasis[$0] : commitment.basis[$0] }
            change(&points)
            let changed = CommittedProvingKey<BN254>.Commitment(
                wires: commitment.wires, challengeWire: commitment.challengeWire,
                basis: sigma ? commitment.basis : PointTable(points),
                sigmaBasis: sigma ? PointTable(points) : commitment.sigmaBasis)
            let key = CommittedProvingKey<BN254>(
                alpha1: good.alpha1, beta1: good.beta1, delta1: good.delta1, beta2: good.beta2,
                delta2: good.delta2, publicCount: good.publicCount, witness: good.witness, h: good.h,
                coefficients: good.coefficients, logDomainSize: good.logDomainSize,
                commitments: [good.commitments[0], changed])
            return key.belongs(
                to: circuit.verifyingKey, parallel: Parallel(threads: 1), using: &generator)
        }
        for sigma in [false, true] {
            #expect(belongs({ _ in }, sigma: sigma))
            #expect(!belongs({ $0[1] = -$0[1] }, sigma: sigma))
            #expect(!belongs({ $0.swapAt(0, 1) }, sigma: sigma))
        }
    }
}

private func commitment(to committed: [Int], challenge: Int, hashed: [Int]) -> WireCommitment {
    WireCommitment(
        committed: committed.map { UInt32($0) }, hashed: hashed.map { UInt32($0) },
        challenge: UInt32(challenge))
}
