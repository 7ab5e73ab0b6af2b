// SPDX-License-Identifier: Apache-2.0

import Commitments
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Polynomials
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// Setups: what is checked of their points, and what a ceremony's file gives.
@Suite struct SetupTests {
    private let parallel = Parallel(threads: 2)

    private func checks<Suite: TestSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let backend = CPUBackend<Suite>(parallel: parallel)
        let setup = try KZG<Suite>.setup(secret: .random(using: &generator), count: 7, parallel)
        func check(_ change: (inout [Suite.G1Affine]) -> Void) throws {
            var powers = (0..<7).map { setup.powers[$0] }
            change(&powers)
            try KZG<Suite>.Setup(powers: PointTable(powers), verifyingKey: setup.verifyingKey)
                .check(on: backend, parallel: parallel, using: &generator)
        }
        try check { _ in }
        try check { $0 = [$0[0]] }
        let noSequence = CommitmentError.unusableSetup(
            "the points in G1 are no sequence of powers of the tau in G2")
        for index in 1..<7 {
            #expect(throws: noSequence) { try check { $0[index] = -$0[index] } }
            #expect(throws: noSequence) { try check { $0[index] = .identity } }
            #expect(throws: noSequence) {
                try check { $0[index] = (Jacobian($0[index]) + .generator).affine }
            }
            let outside = CommitmentError.unusableSetup(
                "power \(index) of tau in G1 is not a point of the group")
            #expect(throws: outside) { try check { $0[index].x += .one } }
        }
        #expect(throws: noSequence) { try check { $0.remove(at: 3) } }
        #expect(
            throws: CommitmentError.unusableSetup("the powers of tau in G1 do not begin with the generator")
        ) { try check { $0.removeFirst() } }
        #expect(throws: CommitmentError.unusableSetup("there are no powers of tau")) {
            try check { $0 = [] }
        }
        // A secret that everybody can find: a root of unity.
        let weak = try KZG<Suite>.setup(
            secret: EvaluationDomain<Suite.Fr>.root(log: 3), count: 7, parallel)
        #expect(throws: CommitmentError.unusableSetup("tau is known: its power 4 is 1 or -1")) {
            try weak.check(on: backend, parallel: parallel, using: &generator)
        }
        let one = Suite.G2.generator
        for (tau2, reason) in [
            (Suite.G2Affine.identity, "tau is zero"), (one, "tau is 1 or -1"), (-one, "tau is 1 or -1"),
            (Affine(x: one.x, y: one.y + .one), "tau in G2 is not a point of the group"),
        ] {
            #expect(throws: CommitmentError.unusableSetup(reason)) {
                try KZG<Suite>.VerifyingKey(tau2: tau2)
            }
        }
        #expect(try setup.prefix(3).powers.count == 3)
        #expect(throws: CommitmentError.tooFewPowers(needed: 8, available: 7)) { try setup.prefix(8) }
        #expect(throws: CommitmentError.unusableSetup("there are no powers of tau")) { try setup.prefix(0) }
    }

    @Test func checksOnBN254() throws { try checks(BN254.self) }
    @Test func checksOnBLS12381() throws { try checks(BLS12381.self) }

    /// Powers that snarkjs made.
    @Test func snarkjsPowers() throws {
        var generator = SeededGenerator.fresh()
        let file = try PtauFile(MappedFile(path: Vectors.url("snarkjs/ptau/bn128_8.ptau").path))
        let setup = try KZG<BN254>.Setup(file, count: 511, parallel: parallel, using: &generator)
        let committer = KZG<BN254>.committer(setup, parallel)
        let f = KZG<BN254>.polynomial(511, using: &generator)
        let opening = try committer.open(f, at: .random(using: &generator))
        #expect(KZG<BN254>.Verifier(setup.verifyingKey).verify(try committer.commit(f), opening) == .valid)
        #expect(throws: CommitmentError.tooFewPowers(needed: 512, available: 511)) {
            try KZG<BN254>.Setup(file, count: 512, parallel: parallel, using: &generator)
        }
        #expect(
            throws: CommitmentError.unusableSetup("the powers of tau are on bn254, bls12381 is wanted")
        ) { try KZG<BLS12381>.Setup(file, count: 4, parallel: parallel, using: &generator) }
        #expect(throws: CommitmentError.unusableSetup("there are no powers of tau")) {
            try KZG<BN254>.Setup(file, count: 0, parallel: parallel, using: &generator)
        }
    }

    private func files<Suite: TestSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let honest = DevelopmentPowers<Suite>.prepared(power: 2, parallel: parallel, using: &generator)
        let folder = FileManager.default.temporaryDirectory.appending(path: "kzg-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func read(_ count: Int, _ change: (inout PreparedPowers<Suite>) -> Void) throws -> KZG<Suite>.Setup {
            var sections = honest
            change(&sections)
            let path = folder.appending(path: "\(UUID().uuidString).ptau").path
            try PtauFile.write(sections, power: 2, to: path)
            return try KZG<Suite>.Setup(
                PtauFile(MappedFile(path: path)), count: count, parallel: parallel, using: &generator)
        }
        #expect(try (read(7) { _ in }).powers.count == 7)
        let noSequence = CommitmentError.unusableSetup(
            "the points in G1 are no sequence of powers of the tau in G2")
        for index in 1..<7 {
            #expect(throws: noSequence) { try read(7) { $0.tau1[index] = -$0.tau1[index] } }
        }
        // What is not taken does not count.
        #expect(throws: Never.self) { try read(5) { $0.tau1[5] = -$0.tau1[5] } }
        #expect(throws: noSequence) { try read(7) { $0.tau2[1] = $0.tau2[2] } }
        #expect(throws: CommitmentError.unusableSetup("tau is 1 or -1")) {
            try read(7) { $0.tau2[1] = $0.tau2[0] }
        }
        let weak = EvaluationDomain<Suite.Fr>.root(log: 3)
        #expect(throws: CommitmentError.unusableSetup("tau is known: its power 4 is 1 or -1")) {
            try read(2) {
                $0.tau1 = Suite.G1.cpuMultiplyGenerator(by: KZG<Suite>.powers(of: weak, 7), parallel)
                $0.tau2[1] = Suite.G2.cpuMultiplyGenerator(by: [weak], parallel)[0]
            }
        }
        #expect(throws: FormatError.self) { try read(7) { $0.tau1[4].x += .one } }
        #expect(
            throws: CommitmentError.unusableSetup("the powers of tau in G2 do not begin with the generator")
        ) { try read(7) { $0.tau2[0] = $0.tau2[1] } }
    }

    @Test func filesOnBN254() throws { try files(BN254.self) }
    @Test func filesOnBLS12381() throws { try files(BLS12381.self) }
}
