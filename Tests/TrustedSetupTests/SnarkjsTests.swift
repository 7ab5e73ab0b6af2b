// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Foundation
import Groth16
import ProofAggregation
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// Against keys that snarkjs 0.7.6 made from the same circuit and powers of tau.
@Suite struct SnarkjsSetupTests {
    private let parallel = Parallel.allCores

    private func multiplier() throws -> Groth16Setup<BN254> {
        let file = try MappedFile(path: Vectors.url("snarkjs/groth16-bn128-multiplier/circuit.r1cs").path)
        let system = try #require(try AnyR1CS.load(file).system(on: BN254.self))
        return try Groth16Setup(system, parallel: parallel)
    }

    private func powers(_ log: Int, using generator: inout SeededGenerator) throws -> PowersOfTau<BN254> {
        let file = try PtauFile(MappedFile(path: Vectors.url("snarkjs/ptau/bn128_8.ptau").path))
        return try PowersOfTau(file, logDomainSize: log, parallel: parallel, using: &generator)
    }

    private func read(_ name: String) throws -> (key: ProvingKey<BN254>, transcript: SetupTranscript<BN254>) {
        let zkey = try ZKeyFile(MappedFile(path: Vectors.url("snarkjs/ptau/\(name).zkey").path))
        let key = try #require(try Groth16ZKey.load(zkey) as? ProvingKey<BN254>)
        return (key, try Groth16ZKey.transcript(of: zkey, BN254.self))
    }

    @Test func initialKeyIsSnarkjsOwn() throws {
        var generator = SeededGenerator.fresh()
        let setup = try multiplier()
        let (key, transcript) = setup.initialKey(try powers(setup.logDomainSize, using: &generator))
        let (theirs, history) = try read("multiplier_initial")
        #expect(
            key.verifyingKey == theirs.verifyingKey && key.beta1 == theirs.beta1
                && key.delta1 == theirs.delta1)
        #expect(key.a.bytes.elementsEqual(theirs.a.bytes) && key.b1.bytes.elementsEqual(theirs.b1.bytes))
        #expect(key.b2.bytes.elementsEqual(theirs.b2.bytes) && key.c.bytes.elementsEqual(theirs.c.bytes))
        #expect(key.h.bytes.elementsEqual(theirs.h.bytes))
        #expect(key.coefficients.bytes.elementsEqual(theirs.coefficients.bytes))
        #expect(transcript == history)
    }

    @Test func snarkjsContributionsVerify() throws {
        var generator = SeededGenerator.fresh()
        let setup = try multiplier()
        let powers = try powers(setup.logDomainSize, using: &generator)
        let (key, transcript) = try read("multiplier_beacon")
        #expect(transcript.contributions.map(\.name) == ["alice", "bob"])
        #expect(transcript.contributions.map(\.kind) == [0, 1])
        try setup.verify(key, transcript, against: powers, using: &generator)
        // And one of ours on top of theirs.
        let (next, history) = transcript.contributing(
            to: key, name: "carol", parallel: parallel, using: &generator)
        try setup.verify(next, history, against: powers, using: &generator)
        #expect(history.contributions.count == 3)
        // The key of another history is refused.
        #expect(throws: SetupError.self) {
            try setup.verify(next, transcript, against: powers, using: &generator)
        }
    }

    /// A file as `snarkjs powersoftau truncate` writes it: sections 2 to 5 and 12 to 15 cut to the power, so
    /// that section 12 lacks the doubled basis of the largest domain.
    private func truncated(to power: Int) throws -> Data {
        let file = try Data(contentsOf: Vectors.url("snarkjs/ptau/bn128_8.ptau"))
        func integer(_ at: Int, _ count: Int) -> Int {
            file[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let (n, g1, g2) = (1 << power, 64, 128)
        let lengths = [
            2: (2 * n - 1) * g1, 3: n * g2, 4: n * g1, 5: n * g1, 12: (2 * n - 1) * g1,
            13: (2 * n - 1) * g2, 14: (2 * n - 1) * g1, 15: (2 * n - 1) * g1,
        ]
        var result = file[..<12]
        var at = 12
        while at < file.count {
            let (id, count) = (integer(at, 4), integer(at + 4, 8))
            var body = Data(file[at + 12..<at + 12 + (lengths[id] ?? count)])
            // The header ends with the power and the ceremony's power.
            if id == 1 { body[body.count - 8] = UInt8(power) }
            result += file[at..<at + 4]
            result += withUnsafeBytes(of: UInt64(body.count).littleEndian) { Data($0) }
            result += body
            at += 12 + count
        }
        return result
    }

    @Test func truncatedPowersServeSmallerCircuits() throws {
        var generator = SeededGenerator.fresh()
        let setup = try multiplier()
        let log = setup.logDomainSize
        let folder = FileManager.default.temporaryDirectory.appending(path: "truncated-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func read(_ power: Int) throws -> PtauFile {
            let url = folder.appending(path: "\(power).ptau")
            try truncated(to: power).write(to: url)
            return try PtauFile(MappedFile(path: url.path))
        }
        let file = try read(log + 1)
        #expect(file.power == log + 1 && file.domainPower == log && file.isPrepared)
        let powers = try PowersOfTau<BN254>(file, logDomainSize: log, parallel: parallel, using: &generator)
        let (key, _) = setup.initialKey(powers)
        let (theirs, _) = try self.read("multiplier_initial")
        #expect(key.h.bytes.elementsEqual(theirs.h.bytes))
        let refused = #expect(throws: PowersOfTau<BN254>.Unusable.self) {
            _ = try PowersOfTau<BN254>(
                read(log), logDomainSize: log, parallel: parallel, using: &generator)
        }
        #expect(refused?.message == SetupError.truncatedPowers(power: log).message)
    }

    /// The generator alone: nothing can be known of a secret without a power of it.
    @Test func powersOfPowerZeroAreNoCeremony() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "zero-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = try truncated(to: 0)
        // Without the sections of a prepared file, which come last.
        var (at, sections) = (12, 0)
        while data[at] < 12 {
            at += 12 + (0..<8).reversed().reduce(0) { $0 << 8 | Int(data[at + 4 + $1]) }
            sections += 1
        }
        var short = data[..<at]
        short[8] = UInt8(sections)
        let url = folder.appending(path: "0.ptau")
        try short.write(to: url)
        let zero = try PtauFile(MappedFile(path: url.path))
        let other = try PtauFile(MappedFile(path: Vectors.url("snarkjs/ptau/bn128_8.ptau").path))
        #expect(zero.power == 0)
        for (first, second) in [(zero, other), (other, zero), (zero, zero)] {
            #expect(throws: AggregationError.self) { try CeremonyIndependence.check(first, second) }
            #expect(throws: AggregationError.self) { try AggregationVerifyingKey<BN254>(first, second) }
        }
    }

    /// RFC 7693, appendix A, and the empty string.
    @Test func blake2b() {
        func hex(_ text: String) -> String {
            var hash = Blake2b()
            hash.update(text.utf8)
            return hash.finished().map { String(format: "%02x", $0) }.joined()
        }
        #expect(
            hex("abc")
                == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
        )
        #expect(
            hex("")
                == "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce"
        )
    }

    @Test func writersGiveTheBytesThatWereRead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func check<Suite: ComputeSuite>(_ name: String, _ suite: Suite.Type) throws {
            let source = Vectors.url("snarkjs/\(name)")
            let wtns = folder.appending(path: "witness.wtns").path
            let witness = try WitnessFile(MappedFile(path: source.appending(path: "witness.wtns").path))
            try WitnessFile.write(try witness.values(of: suite), of: suite, to: wtns)
            #expect(
                try Data(contentsOf: URL(filePath: wtns))
                    == Data(contentsOf: source.appending(path: "witness.wtns")))
            // circom's r1cs has its own order of sections and labels: the constraints must be the same.
            let r1cs = folder.appending(path: "circuit.r1cs").path
            let original = try AnyR1CS.load(MappedFile(path: source.appending(path: "circuit.r1cs").path))
            let system = try #require(original.system(on: suite))
            try R1CSFile.write(system, of: suite, to: r1cs)
            let read = try #require(try AnyR1CS.load(MappedFile(path: r1cs)).system(on: suite))
            #expect(read == system)
        }
        try check("groth16-bn128-multiplier", BN254.self)
        try check("groth16-bls12381-multiplier", BLS12381.self)
        // A place where nothing can be written is named, and nothing is left there.
        let missing = folder.appending(path: "missing/witness.wtns").path
        let error = #expect(throws: FormatError.self) {
            try WitnessFile.write(
                SecretScalars<BN254.Fr>([BN254.Fr.one.canonical]), of: BN254.self, to: missing)
        }
        #expect(error.map { "\($0)".contains("missing/witness.wtns") } == true)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "circuit.r1cs", "witness.wtns",
            ])
    }
}
