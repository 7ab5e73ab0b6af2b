// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing

/// The files of `Tests/Vectors/gnark`.
enum Gnark {
    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Vectors.url("gnark/\(path)")))
    }

    static func file(_ path: String) throws -> MappedFile { try MappedFile(Vectors.url("gnark/\(path)")) }

    /// A key, a proof and a witness, and the hash that the proof needs.
    struct Case: CustomTestStringConvertible {
        var folder: String
        var encoding: String
        var proof = "proof"
        var hash = CommitmentHash.sha256

        var testDescription: String { "\(folder) \(proof).\(encoding)" }
        func file(_ name: String) -> String { "\(folder)/\(name).\(encoding)" }
    }

    static let folders = [
        "groth16-bn254", "groth16-bls12381", "groth16-bn254-range", "groth16-bn254-commit-public",
        "groth16-bn254-commit-two", "groth16-bls12381-commit-two",
    ]

    static let cases = ["bin", "raw.bin"].flatMap { encoding in
        folders.map { Case(folder: $0, encoding: encoding) }
            + folders.filter { $0.contains("bn254") }.map {
                Case(folder: $0, encoding: encoding, proof: "proof.solidity", hash: .keccak256)
            }
    }

    /// How many commitments the circuit of a folder has.
    static func commitmentCount(_ folder: String) -> Int {
        folder.hasSuffix("two") ? 2 : folder.hasSuffix("range") || folder.hasSuffix("public") ? 1 : 0
    }

    /// What comes of a proof: nil where a file is refused, else whether the proof verifies.
    static func verify(
        vkey: MappedFile, proof: MappedFile, publicInputs: MappedFile, hash: CommitmentHash? = nil
    ) throws(FormatError) -> Verdict {
        try verify(Groth16Files.verifyingKey(vkey, hash: hash), proof, publicInputs)
    }

    private static func verify<Key: Groth16VerifyingKeyOnCurve>(
        _ key: Key, _ proof: MappedFile, _ publicInputs: MappedFile
    ) throws(FormatError) -> Verdict {
        let key = key.verifyingKey
        let inputs = try Groth16Files.publicInputs(
            publicInputs, of: Key.Suite.self, count: key.publicCount
        ).map(\.canonical)
        let parallel = Parallel(threads: 1)
        switch (key, try Groth16Files.proof(proof, of: Key.Suite.self)) {
        case (.plain(let key), .plain(let proof)):
            return Verifier(key).verify(proof, publicInputs: inputs, parallel: parallel)
        case (.committed(let key), .committed(let proof)):
            return CommittedVerifier(key).verify(proof, publicInputs: inputs, parallel: parallel)
        case (let key, let proof):
            return .commitmentCount(expected: key.commitmentCount, found: proof.commitmentCount)
        }
    }
}

@Suite struct GnarkTests {
    @Test(arguments: Gnark.cases)
    func gnarksProofsVerify(_ a: Gnark.Case) throws {
        let publics = try Gnark.file("\(a.folder)/witness.public.bin")
        for encoding in ["bin", "raw.bin"] {
            #expect(
                try Gnark.verify(
                    vkey: Gnark.file("\(a.folder)/vk.\(encoding)"), proof: Gnark.file(a.file(a.proof)),
                    publicInputs: publics, hash: a.hash) == .valid)
        }
        // The hash matters where there is a commitment, and only there.
        let other = try #require(CommitmentHash.allCases.first { $0 != a.hash })
        let verdict = try Gnark.verify(
            vkey: Gnark.file(a.file("vk")), proof: Gnark.file(a.file(a.proof)), publicInputs: publics,
            hash: other)
        // The challenges are what the proof of knowledge of several commitments is folded by, too.
        switch Gnark.commitmentCount(a.folder) {
        case 0: #expect(verdict == .valid)
        case 1: #expect(verdict == .equationFails)
        default: #expect(verdict == .knowledgeFails)
        }
    }

    /// Compressed and not, the same is read; so it is from the JSON that is made of it.
    @Test(arguments: Gnark.cases)
    func allFormsSayTheSame(_ a: Gnark.Case) throws {
        func check<Key: Groth16VerifyingKeyOnCurve>(_ key: Key) throws {
            let key = key.verifyingKey
            let raw = try Groth16Files.verifyingKey(Gnark.file("\(a.folder)/vk.raw.bin"), hash: a.hash)
            #expect(raw as? Groth16VerifyingKey<Key.Suite> == key)
            let json = MappedFile(copying: Array(key.json.utf8), name: "verification_key.json")
            #expect(try Groth16Files.verifyingKey(json) as? Groth16VerifyingKey<Key.Suite> == key)
            let proof = try Groth16Files.proof(Gnark.file(a.file(a.proof)), of: Key.Suite.self)
            let document = MappedFile(copying: Array(proof.json.utf8), name: "proof.json")
            #expect(try Groth16Files.proof(document, of: Key.Suite.self) == proof)
            #expect(
                try Gnark.verify(
                    vkey: json, proof: document, publicInputs: Gnark.file("\(a.folder)/witness.public.bin"))
                    == .valid)
            // No plain reader takes what has commitments.
            guard case .committed = key else {
                #expect(throws: Never.self) { try Groth16JSON.verifyingKey(json) }
                return
            }
            #expect(
                formatError { () throws(FormatError) in try Groth16JSON.verifyingKey(json) }?.reason
                    == .wrongLabel(expected: "groth16", found: "groth16-commitments"))
            #expect(
                formatError { () throws(FormatError) in try Groth16JSON.proof(document, of: Key.Suite.self) }?
                    .reason == .wrongLabel(expected: "groth16", found: "groth16-commitments"))
            let other = try #require(CommitmentHash.allCases.first { $0 != a.hash })
            #expect(
                formatError { () throws(FormatError) in try Groth16Files.verifyingKey(json, hash: other) }?
                    .place.key == "commitment_hash")
        }
        try check(Groth16Files.verifyingKey(Gnark.file("\(a.folder)/vk.bin"), hash: a.hash))
    }

    @Test func filesAreTold() throws {
        for folder in Gnark.folders {
            let curve: CurveID = folder.contains("bls12381") ? .bls12381 : .bn254
            for (name, content, kind) in [
                ("vk", GnarkLayout.Content.verifyingKey, FileKind.gnarkVerifyingKey),
                ("proof", .proof, .gnarkProof), ("pk", .provingKey, .gnarkProvingKey),
            ] {
                for (encoding, isRaw) in [("bin", false), ("raw.bin", true)] {
                    let file = try Gnark.file("\(folder)/\(name).\(encoding)")
                    let layout = try #require(GnarkLayout(file), "\(folder) \(name) \(encoding)")
                    #expect(layout.content == content && layout.curve == curve && layout.isRaw == isRaw)
                    #expect(try FileKind.detect(file) == kind)
                    let summary = try FileSummary(file)
                    #expect(summary["curve"] == .text(curve.rawValue))
                    #expect(summary["compressed"] == .flag(!isRaw))
                }
            }
            for name in ["full", "public"] {
                let file = try Gnark.file("\(folder)/witness.\(name).bin")
                #expect(GnarkLayout(file)?.content == .witness)
                #expect(try FileSummary(file)["publicInputs"] != .integer(0))
            }
            #expect(GnarkLayout(try Gnark.file("\(folder)/about.txt")) == nil)
        }
        for folder in Gnark.folders where Gnark.commitmentCount(folder) > 0 {
            let summary = try FileSummary(Gnark.file("\(folder)/vk.bin"))
            #expect(summary["publicInputs"] == .integer(folder.hasSuffix("range") ? 1 : 2))
            #expect(summary["commitments"] == .integer(Gnark.commitmentCount(folder)))
            #expect(summary["protocol"] == .text("groth16-commitments"))
        }
        for name in ["verification_key.json", "proof.json", "public.json", "circuit_final.zkey"] {
            #expect(GnarkLayout(try Snarkjs.file("groth16-bn128-multiplier/\(name)")) == nil)
        }
    }

    /// Files in one another's place are called what they are.
    @Test func mixedUpFilesAreNamed() throws {
        let folder = "groth16-bn254-commit-public"
        let (key, proof) = (try Gnark.file("\(folder)/vk.bin"), try Gnark.file("\(folder)/proof.bin"))
        let inputs = try Gnark.file("\(folder)/witness.public.bin")
        func reason(_ vkey: MappedFile, _ proof: MappedFile, _ inputs: MappedFile) -> FormatError.Reason? {
            formatError { () throws(FormatError) in
                try Gnark.verify(vkey: vkey, proof: proof, publicInputs: inputs)
            }?.reason
        }
        #expect(reason(proof, proof, inputs) == .otherKind(found: "a proof (gnark)", wanted: .verifyingKey))
        #expect(reason(key, key, inputs) == .otherKind(found: "a verification key (gnark)", wanted: .proof))
        #expect(reason(key, proof, proof) == .otherKind(found: "a proof (gnark)", wanted: .publicInputs))
        guard
            case .some(.inconsistentHeader) = reason(key, proof, try Gnark.file("\(folder)/witness.full.bin"))
        else {
            Issue.record("secret values are taken")
            return
        }
        #expect(
            reason(key, try Gnark.file("groth16-bls12381/proof.bin"), inputs)
                == .curveMismatch(expected: "bn254", found: "bls12381"))
        #expect(
            reason(key, proof, try Gnark.file("groth16-bn254-range/witness.public.bin"))
                == .countMismatch(what: "values", expected: 2, found: 1))
        let plain = "groth16-bn254"
        #expect(
            try Gnark.verify(
                vkey: key, proof: Gnark.file("\(plain)/proof.bin"), publicInputs: inputs)
                == .commitmentCount(expected: 1, found: 0))
        #expect(
            try Gnark.verify(
                vkey: Gnark.file("\(plain)/vk.bin"), proof: proof,
                publicInputs: Gnark.file("\(plain)/witness.public.bin"))
                == .commitmentCount(expected: 0, found: 1))
    }

    /// Every byte of a key, a proof and public inputs counts: changed, it is refused, or the proof invalid.
    @Test(arguments: [
        Gnark.Case(folder: "groth16-bn254-commit-public", encoding: "bin"),
        Gnark.Case(folder: "groth16-bn254-commit-public", encoding: "raw.bin"),
        Gnark.Case(folder: "groth16-bls12381", encoding: "bin"),
        Gnark.Case(folder: "groth16-bn254-commit-two", encoding: "bin"),
    ])
    func everyByteCounts(_ a: Gnark.Case) throws {
        var generator = SeededGenerator.fresh()
        let names = [a.file("vk"), a.file("proof"), "\(a.folder)/witness.public.bin"]
        let sound = try names.map { try Gnark.bytes($0) }
        func verdict(_ bytes: [[UInt8]]) throws(FormatError) -> Verdict {
            let files = bytes.map { MappedFile(copying: $0, name: "file") }
            return try Gnark.verify(vkey: files[0], proof: files[1], publicInputs: files[2])
        }
        #expect(try verdict(sound) == .valid)
        var refused = 0
        for file in sound.indices {
            for position in sound[file].indices {
                for mask in [1, UInt8.random(in: 2...255, using: &generator)] {
                    var bytes = sound
                    bytes[file][position] ^= mask
                    do throws(FormatError) {
                        let found = try verdict(bytes)
                        #expect(found != .valid, "\(names[file]): byte \(position), mask \(mask)")
                    } catch {
                        refused += 1
                        #expect(!error.isSystemFault && !error.message.isEmpty)
                    }
                }
            }
            // Cut off, and with something behind.
            for count in stride(from: 0, to: sound[file].count, by: 5) {
                var bytes = sound
                bytes[file] = Array(sound[file][..<count])
                #expect(throws: FormatError.self, "\(names[file]): \(count) bytes") { try verdict(bytes) }
            }
            var bytes = sound
            bytes[file].append(0)
            #expect(throws: FormatError.self) { try verdict(bytes) }
        }
        #expect(refused > 0)
    }

    /// Commitments have their places, and a challenge that is hashed is the one before.
    @Test func commitmentsAreInOrder() throws {
        for (folder, size) in [("groth16-bn254-commit-two", 64), ("groth16-bls12381-commit-two", 96)] {
            let (key, proof) = (
                try Gnark.bytes("\(folder)/vk.raw.bin"), try Gnark.bytes("\(folder)/proof.raw.bin")
            )
            func verdict(_ key: [UInt8], _ proof: [UInt8]) throws(FormatError) -> Verdict {
                try Gnark.verify(
                    vkey: MappedFile(copying: key, name: "vk"),
                    proof: MappedFile(copying: proof, name: "proof"),
                    publicInputs: MappedFile(Vectors.url("gnark/\(folder)/witness.public.bin")))
            }
            #expect(try verdict(key, proof) == .valid)
            // A, C and B, which takes two; the count; both commitments.
            let first = 4 * size + 4
            var swapped = proof
            for i in 0..<size { swapped.swapAt(first + i, first + size + i) }
            #expect(try verdict(key, swapped) == .knowledgeFails)
            // α1, β1, δ1; β2, γ2, δ2; the count and K of the constant one, two inputs and two challenges;
            // then lists [1] and [2, 3]: the number of lists, and of each its length and indices.
            let lists = 9 * size + 4 + 5 * size
            let sound: [UInt8] = [0, 0, 0, 2, 0, 0, 0, 1] + index(1) + [0, 0, 0, 2] + index(2) + index(3)
            try #require(Array(key[lists..<lists + sound.count]) == sound)
            var changed = key
            // Public input 1 in the place of the first challenge.
            changed[lists + sound.count - 1] = 1
            #expect(try verdict(changed, proof) == .knowledgeFails)
            // Its own challenge.
            changed[lists + sound.count - 1] = 4
            #expect(
                formatError { () throws(FormatError) in try verdict(changed, proof) }?.reason
                    == .inconsistentHeader(
                        "commitment 1 hashes index 4, where only 1 to 3 are known before its challenge"))
        }
        func index(_ number: UInt8) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, number] }
    }

    /// What readers say of damage, and where.
    @Test func damageIsNamed() throws {
        let folder = "groth16-bn254-commit-public"
        let key = try Gnark.bytes("\(folder)/vk.bin")
        func fault(_ change: (inout [UInt8]) -> Void) -> FormatError? {
            var bytes = key
            change(&bytes)
            return formatError { () throws(FormatError) in
                try Groth16Files.verifyingKey(MappedFile(copying: bytes, name: "vk.bin"))
            }
        }
        #expect(throws: Never.self) {
            try Groth16Files.verifyingKey(MappedFile(copying: key, name: "vk.bin"))
        }
        // alpha1, beta1: 64 bytes; beta2, gamma2: 128; delta1, delta2: 96; the count of K.
        #expect(fault { $0[291] += 1 }?.place.index == 4)
        #expect(fault { $0[288] = 1 }?.reason == .truncated(needed: (1 << 24 + 4) * 32, available: 276))
        #expect(fault { for i in 0..<32 { $0[i] = i == 0 ? 0x40 : 0 } }?.reason == .identityNotAllowed)
        #expect(fault { for i in 0..<32 { $0[32 + i] = key[i] } }?.place.name == "beta1")
        #expect(fault { $0.removeLast() }?.place.name == "commitment keys")
        // One commitment, which hashes index 1.
        #expect(
            fault { $0[435] = 0 }?.reason
                == .inconsistentHeader(
                    "commitment 0 hashes index 0, where only 1 to 2 are known before its challenge"))
        #expect(
            fault { $0[435] = 3 }?.reason
                == .inconsistentHeader(
                    "commitment 0 hashes index 3, where only 1 to 2 are known before its challenge"))
        // G in place of -sigma·G.
        #expect(
            fault { for i in 0..<64 { $0[504 + i] = key[440 + i] } }?.reason
                == .inconsistentHeader("sigma of commitment 0 is 1 or -1: anybody can forge proofs"))
        #expect(
            fault { for i in 0..<64 { $0[504 + i] = i == 0 ? 0x40 : 0 } }?.reason
                == .inconsistentHeader("sigma of commitment 0 is 0: anybody can forge proofs"))
    }

    /// Encodings of one point that are not the one that gnark writes are refused.
    @Test func pointsHaveOneEncoding() throws {
        let proof = try Gnark.bytes("groth16-bn254/proof.bin")
        func reason(_ change: (inout [UInt8]) -> Void) -> FormatError.Reason? {
            var bytes = proof
            change(&bytes)
            let file = MappedFile(copying: bytes, name: "proof.bin")
            return formatError { () throws(FormatError) in
                try Groth16Files.proof(file, of: BN254.self)
            }?.reason
        }
        // A coordinate above the modulus.
        #expect(reason { for i in 0..<32 { $0[i] = i == 0 ? 0xbf : 0xff } } == .coordinateOutOfRange)
        // The proof of knowledge of nothing: the point at infinity, in one way.
        #expect(reason { $0[163] = 1 } == .pointEncoding("the point at infinity has coordinates"))
        #expect(
            reason { for i in 0..<32 { $0[132 + i] = $0[i] } }
                == .inconsistentHeader("the proof has no commitments and a proof of knowledge of them"))
        let raw = try Gnark.bytes("groth16-bls12381/proof.raw.bin")
        var bytes = raw
        // Zeros without the flag of infinity.
        bytes[bytes.count - 96] = 0
        #expect(
            formatError { () throws(FormatError) in
                try Groth16Files.proof(MappedFile(copying: bytes, name: "proof"), of: BLS12381.self)
            }?.reason == .pointNotOnCurve)
    }
}
