// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

private let parallel = Parallel.allCores

/// x·y = z for random numbers, with a chain of additions, unused wires, coefficients of all kinds and
/// combinations that stand in several places; z is public.
func randomSystem<F: PrimeField>(
    _ field: F.Type, constraints: Int, publics: Int, using generator: inout SeededGenerator
) -> (system: R1CS<F>, witness: [F]) {
    typealias Term = R1CS<F>.Term
    var witness: [F] = [.one] + (0..<publics).map { _ in .random(using: &generator) }
    witness += (0..<3).map { _ in .random(using: &generator) }
    var rows: [[[Term]]] = []
    for _ in 0..<constraints {
        func combination() -> [Term] {
            if Bool.random(using: &generator), let earlier = rows.randomElement(using: &generator) {
                return earlier[Int.random(in: 0..<3, using: &generator)]
            }
            return (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                let wire = UInt32.random(in: 0..<UInt32(witness.count), using: &generator)
                let kinds: [F] = [
                    .one, -.one, F(UInt64.random(in: 0..<1000, using: &generator)),
                    .random(using: &generator),
                ]
                return Term(wire: wire, coefficient: kinds[Int.random(in: 0..<4, using: &generator)])
            }
        }
        func value(_ terms: [Term]) -> F {
            terms.reduce(.zero) { $0 + $1.coefficient * witness[Int($1.wire)] }
        }
        let (a, b) = (combination(), combination())
        let product = value(a) * value(b)
        rows.append([a, b, [Term(wire: UInt32(witness.count), coefficient: .one)]])
        witness.append(product)
    }
    // A wire that no constraint has.
    witness.append(.random(using: &generator))
    var system = R1CS<F>(
        wireCount: witness.count, publicOutputCount: 0, publicInputCount: publics, privateInputCount: 0)
    for row in rows { for part in row { system.append(combination: part) } }
    return (system, witness)
}

func proves<Suite: ComputeSuite>(
    _ key: ProvingKey<Suite>, _ witness: [Suite.Fr], using generator: inout SeededGenerator
) throws -> Bool {
    let verifier = Verifier(key.verifyingKey)
    let prover = Prover(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel)
    let proof = try prover.prove(
        key: key, verifier: verifier, witness: SecretScalars<Suite.Fr>(witness.map(\.canonical)),
        using: &generator)
    return verifier.verify(
        proof, publicInputs: (1..<key.publicCount + 1).map { witness[$0].canonical }, parallel: parallel)
        == .valid
}

@Suite struct SetupTests {
    private func check<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        for (constraints, publics) in [(1, 0), (1, 1), (7, 2), (60, 3), (300, 0)] {
            let (system, witness) = randomSystem(
                Suite.Fr.self, constraints: constraints, publics: publics, using: &generator)
            let setup = try Groth16Setup<Suite>(system, parallel: parallel)
            let (key, transcript) = setup.development(using: &generator)
            #expect(try proves(key, witness, using: &generator))
            #expect(Groth16Setup<Suite>.isDevelopment(transcript))
            // A wrong witness has no proof.
            var wrong = witness
            wrong[witness.count - 2] += .one
            #expect(throws: ProvingError.doesNotVerify) { try proves(key, wrong, using: &generator) }
            // Through a file, and after a contribution.
            let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).zkey").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            let (contributed, history) = transcript.contributing(
                to: key, name: "tester", parallel: parallel, using: &generator)
            try Groth16ZKey.write(contributed, transcript: history, to: path)
            let file = try ZKeyFile(MappedFile(path: path))
            #expect(file.contributionCount == 1)
            let read = try Groth16ZKey.transcript(of: file, Suite.self)
            #expect(read == history && read.contributions[0].name == "tester")
            try setup.verifyMatrices(of: contributed)
            #expect(try proves(contributed, witness, using: &generator))
        }
    }

    @Test func keysOfBN254Prove() throws { try check(BN254.self) }
    @Test func keysOfBLS12381Prove() throws { try check(BLS12381.self) }
    @Test func keysOfBLS12377Prove() throws { try check(BLS12377.self) }

    /// The file of snarkjs' own ceremony.
    private func powers(_ log: Int, using generator: inout SeededGenerator) throws -> PowersOfTau<BN254> {
        let file = try PtauFile(MappedFile(path: Vectors.url("snarkjs/ptau/bn128_8.ptau").path))
        return try PowersOfTau(file, logDomainSize: log, parallel: parallel, using: &generator)
    }

    @Test func keysFromPowersOfTauProveAndVerify() throws {
        var generator = SeededGenerator.fresh()
        for (constraints, publics) in [(1, 0), (5, 1), (100, 2), (250, 0)] {
            let (system, witness) = randomSystem(
                BN254.Fr.self, constraints: constraints, publics: publics, using: &generator)
            let setup = try Groth16Setup<BN254>(system, parallel: parallel)
            let powers = try powers(setup.logDomainSize, using: &generator)
            let (key, start) = setup.initialKey(powers)
            #expect(try proves(key, witness, using: &generator))
            var (last, history) = (key, start)
            for name in ["one", "two"] {
                (last, history) = history.contributing(
                    to: last, name: name, parallel: parallel, using: &generator)
            }
            #expect(try proves(last, witness, using: &generator))
            try setup.verify(last, history, against: powers, using: &generator)
            #expect(!Groth16Setup<BN254>.isDevelopment(history))

            func expectDiffers(
                _ what: String, _ change: (inout ProvingKey<BN254>, inout SetupTranscript<BN254>) -> Void
            ) {
                var (key, transcript) = (last, history)
                change(&key, &transcript)
                let error = #expect(throws: SetupError.self) {
                    try setup.verify(key, transcript, against: powers, using: &generator)
                }
                #expect(error.map { "\($0)".contains(what) } == true, "\(String(describing: error))")
            }
            func doubled(_ table: PointTable<BN254.G1>, at index: Int) -> PointTable<BN254.G1> {
                PointTable(
                    (0..<table.count).map {
                        $0 == index ? Jacobian(table[$0]).doubled().affine : table[$0]
                    })
            }
            let used = (0..<last.a.count).first { !last.a[$0].isIdentity }!
            let usedC = (0..<last.c.count).first { !last.c[$0].isIdentity }!
            expectDiffers("A points") { key, _ in key.a = doubled(key.a, at: used) }
            expectDiffers("C points") { key, _ in key.c = doubled(key.c, at: usedC) }
            expectDiffers("H points") { key, _ in key.h = doubled(key.h, at: 0) }
            expectDiffers("alpha") { key, _ in key.verifyingKey.alpha1 = BN254.G1.generator }
            expectDiffers("beta") { key, _ in key.verifyingKey.beta2 = BN254.G2.generator }
            expectDiffers("gamma") { key, _ in key.verifyingKey.gamma2 = key.verifyingKey.beta2 }
            expectDiffers("contribution 1") { _, transcript in transcript.contributions.swapAt(0, 1) }
            expectDiffers("contribution 1") { _, transcript in transcript.contributions.remove(at: 0) }
            expectDiffers("delta is not") { _, transcript in transcript.contributions.removeLast() }
            expectDiffers("contribution 2") { _, transcript in
                transcript.contributions[1].deltaAfter = transcript.contributions[0].deltaAfter
            }
            expectDiffers("hash") { _, transcript in transcript.circuitHash[0] ^= 1 }
            let (other, _) = randomSystem(
                BN254.Fr.self, constraints: constraints, publics: publics, using: &generator)
            if other != system {
                #expect(throws: SetupError.self) {
                    try Groth16Setup<BN254>(other, parallel: parallel).verifyMatrices(of: last)
                }
            }
        }
    }

    /// Powers made here pass all checks of a ceremony's, for their own domain and for smaller ones.
    private func checkDevelopmentPowers<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).ptau").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sections = DevelopmentPowers<Suite>.prepared(
            power: 6, parallel: parallel, using: &generator)
        try PtauFile.write(sections, power: 6, to: path)
        let file = try PtauFile(MappedFile(path: path))
        #expect(file.isPrepared && file.power == 6 && file.contributionCount == 0)
        for constraints in [60, 20, 1] {
            let (system, witness) = randomSystem(
                Suite.Fr.self, constraints: constraints, publics: 1, using: &generator)
            let setup = try Groth16Setup<Suite>(system, parallel: parallel)
            let powers = try PowersOfTau<Suite>(
                file, logDomainSize: setup.logDomainSize, parallel: parallel, using: &generator)
            #expect(try proves(setup.initialKey(powers).key, witness, using: &generator))
        }
    }

    /// Points of G2 are checked all at once where they are many: one outside the subgroup is found, also one
    /// whose order differs by the least factor of the cofactor only.
    @Test func pointsOutsideTheSubgroupAreFoundAmongMany() throws {
        typealias G2 = BN254.G2
        var generator = SeededGenerator.fresh()
        var sections = DevelopmentPowers<BN254>.prepared(power: 12, parallel: parallel, using: &generator)
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).ptau").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func fault(_ change: (inout PreparedPowers<BN254>) -> Void) throws -> FormatError? {
            var changed = sections
            change(&changed)
            try PtauFile.write(changed, power: 12, to: path)
            let file = try PtauFile(MappedFile(path: path))
            do {
                _ = try file.table2(.tau2, 0..<4096, of: BN254.self, threads: 2)
                return nil
            } catch {
                return error
            }
        }
        #expect(try fault { _ in } == nil)
        var outside = Affine<G2>.identity
        while G2.isInSubgroup(outside) {
            let x = BN254.Fp2(.random(using: &generator), .random(using: &generator))
            if let y = (x.squared() * x + G2.b).squareRoot() { outside = Affine(x: x, y: y) }
        }
        // (2p − r)/10069 times r times a point: of order 10069, or the identity for one point in 10069.
        let cofactor: [UInt64] = [
            0x345f_2299_c0f9_fa8d, 0x06ce_ecda_572a_2489, 0xb850_45b6_8181_585e, 0x3064_4e72_e131_a029,
        ]
        var (quotient, rest) = (cofactor, UInt64(0))
        for limb in quotient.indices.reversed() {
            (quotient[limb], rest) = UInt64(10069).dividingFullWidth((rest, quotient[limb]))
        }
        #expect(rest == 0)
        let small = Jacobian(outside).multiplied(by: BN254.Fr.modulus.words).multiplied(by: quotient)
        #expect(!small.affine.isIdentity && small.multiplied(by: [10069]).affine.isIdentity)
        for (index, change) in [(4095, outside), (1234, small.affine)] {
            let point = index == 1234 ? (Jacobian(sections.tau2[index]) + change).affine : change
            let error = try #require(try fault { $0.tau2[index] = point })
            #expect(
                error.message.contains("\(index)") && error.message.contains("subgroup"), "\(error)")
        }
        // Two that cancel are both found.
        sections.tau2[7] = small.affine
        sections.tau2[8] = -small.affine
        #expect(try fault { _ in } != nil)
    }

    /// The powers end with τ^(2n − 2), so the basis of the domain of 2n is that of a polynomial without τ^(2n
    /// − 1): Σ ω^(−j)·Lⱼ, which would be that power, is zero. In snarkjs' file, and in one made here.
    @Test func theLastBasisLacksAPower() throws {
        var generator = SeededGenerator.fresh()
        func last(_ file: PtauFile) throws -> [Affine<BN254.G1>] {
            let n = 1 << file.power
            let basis = try file.table(.lagrangeTau1, 2 * n - 1..<4 * n - 1, of: BN254.self, threads: 2)
            let step = try #require(EvaluationDomain<BN254.Fr>.root(log: file.power + 1).inverse())
            return [1, 2].map { power in
                var factor = BN254.Fr.one
                let factors = (0..<2 * n).map { _ in
                    defer { factor *= step.power(UInt64(power)) }
                    return factor.canonical
                }
                return factors.withUnsafeBufferPointer { BN254.G1.cpuMSM(basis, $0, parallel) }
            }
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).ptau").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sections = DevelopmentPowers<BN254>.prepared(power: 5, parallel: parallel, using: &generator)
        try PtauFile.write(sections, power: 5, to: path)
        for path in [path, Vectors.url("snarkjs/ptau/bn128_8.ptau").path] {
            let file = try PtauFile(MappedFile(path: path))
            let (n, sums) = (1 << file.power, try last(file))
            let greatest = try file.table(.tau1, 2 * n - 2..<2 * n - 1, of: BN254.self, threads: 1)[0]
            #expect(sums == [.identity, greatest])
        }
    }

    @Test func developmentPowersPassAllChecks() throws {
        try checkDevelopmentPowers(BN254.self)
        try checkDevelopmentPowers(BLS12381.self)
        try checkDevelopmentPowers(BLS12377.self)
    }

    @Test func powersOfTauThatDoNotFitAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let error = #expect(throws: PowersOfTau<BN254>.Unusable.self) { try powers(9, using: &generator) }
        #expect(error.map { "\($0)".contains("2^9") && "\($0)".contains("2^8") } == true)
    }

    /// Every kind of damage to the file is found, by the format, the curve, or the pairings.
    @Test func damagedPowersOfTauAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let path = Vectors.url("snarkjs/ptau/bn128_8.ptau").path
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        // The sections, from the file's own table.
        var sections: [UInt32: (offset: Int, count: Int)] = [:]
        var at = 12
        while at < bytes.count {
            let id = bytes[at..<at + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let length = bytes[at + 4..<at + 12].reversed().reduce(0) { $0 << 8 | Int($1) }
            sections[id] = (at + 12, length)
            at += 12 + length
        }
        // Exchanging two good points leaves every point good.
        for (id, stride, first) in [
            (2, 64, 1), (3, 128, 1), (4, 64, 0), (5, 64, 0), (12, 64, 127), (12, 64, 255), (13, 128, 127),
            (14, 64, 127),
            (15, 64, 127),
        ] as [(UInt32, Int, Int)] {
            var changed = bytes
            let (offset, count) = try #require(sections[id])
            let a = offset + first * stride
            let b = a + stride * Int.random(in: 1..<min(40, count / stride - first), using: &generator)
            for byte in 0..<stride { changed.swapAt(a + byte, b + byte) }
            let file = try PtauFile(MappedFile(copying: changed, name: "changed.ptau"))
            #expect(throws: PowersOfTau<BN254>.Unusable.self, "section \(id) from point \(first)") {
                try PowersOfTau<BN254>(file, logDomainSize: 7, parallel: parallel, using: &generator)
            }
        }
        let file = try PtauFile(MappedFile(copying: bytes, name: "whole.ptau"))
        _ = try PowersOfTau<BN254>(file, logDomainSize: 7, parallel: parallel, using: &generator)
        _ = try PowersOfTau<BN254>(file, logDomainSize: 8, parallel: parallel, using: &generator)
    }

    /// A file whose Lagrange points fit powers that are none: only the pairings can tell.
    @Test(arguments: [
        (PtauFile.Points.tau1, PtauFile.Points.lagrangeTau1, "section 2 is no sequence"),
        (.alphaTau1, .lagrangeAlphaTau1, "section 4 is no sequence"),
        (.betaTau1, .lagrangeBetaTau1, "section 5 is no sequence"),
    ])
    func consistentlyForgedPowersAreRefused(
        powers: PtauFile.Points, lagrange: PtauFile.Points, reason: String
    ) throws {
        typealias Point = Affine<BN254.G1>
        var generator = SeededGenerator.fresh()
        let (log, index) = (7, Int.random(in: 2..<128, using: &generator))
        var bytes = [UInt8](
            try Data(contentsOf: Vectors.url("snarkjs/ptau/bn128_8.ptau")))
        var sections: [UInt32: Int] = [:]
        var at = 12
        while at < bytes.count {
            let id = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: UInt32.self) }
            let length = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at + 4, as: UInt64.self) }
            sections[id] = at + 12
            at += 12 + Int(length)
        }
        /// Adds scalar·G to a point of a section.
        func add(_ scalar: BN254.Fr, to points: PtauFile.Points, _ place: Int) throws {
            let offset = try #require(sections[points.rawValue]) + place * MemoryLayout<Point>.stride
            bytes.withUnsafeMutableBytes { bytes in
                let old = bytes.loadUnaligned(fromByteOffset: offset, as: Point.self)
                let new = (Jacobian(old) + BN254.G1.generator.multiplied(by: scalar)).affine
                bytes.storeBytes(of: new, toByteOffset: offset, as: Point.self)
            }
        }
        // With G added to the power, each Lagrange point gets ω^(−index·j)/n of it.
        try add(.one, to: powers, index)
        for size in powers == .tau1 ? [log, log + 1] : [log] {
            let n = 1 << size
            let step = try #require(
                EvaluationDomain<BN254.Fr>.root(log: size).power(UInt64(index)).inverse())
            var factor = try #require(BN254.Fr(UInt64(n)).inverse())
            for j in 0..<n {
                try add(factor, to: lagrange, n - 1 + j)
                factor *= step
            }
        }
        let file = try PtauFile(MappedFile(copying: bytes, name: "forged.ptau"))
        let error = #expect(throws: PowersOfTau<BN254>.Unusable.self) {
            try PowersOfTau<BN254>(file, logDomainSize: log, parallel: parallel, using: &generator)
        }
        #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
    }
}
