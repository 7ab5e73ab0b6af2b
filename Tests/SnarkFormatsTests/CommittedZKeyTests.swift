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

/// Zkeys with commitments: what is written is read again, what is damaged is named by its place, and neither
/// kind of key is taken for the other.
@Suite struct CommittedZKeyTests {
    private static let parallel = Parallel(threads: 2)

    private func key<Suite: ComputeSuite>(
        _: Suite.Type, _ hash: CommitmentHash = .sha256, contributions: Int = 2,
        using generator: inout SeededGenerator
    ) throws -> CommittedKey<Suite> {
        let setup = try #require(
            CommittedSetup<Suite>(CommittedSetupTests.Circuit<Suite>.system, parallel: Self.parallel))
        var key = try setup.developmentKey(hash: hash, using: &generator)
        for number in 0..<contributions {
            key = try key.contributing(name: "n\(number)", parallel: Self.parallel, using: &generator)
        }
        return key
    }

    private func bytes<Suite: ComputeSuite>(_ key: CommittedKey<Suite>) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).zkey").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try CommittedZKey.write(key, to: path)
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    private func file(_ bytes: [UInt8]) -> MappedFile { MappedFile(copying: bytes, name: "key.zkey") }

    private func load<Suite: ComputeSuite>(
        _ bytes: [UInt8], of _: Suite.Type, indexed: Bool = true
    ) throws -> CommittedKey<Suite> {
        try #require(
            try CommittedZKey.load(
                ZKeyFile(file(bytes)), threads: 2, checksSubgroups: true, indexed: indexed)
                as? CommittedKey<Suite>)
    }

    @Test func keysAreReadAsTheyWereWritten() throws {
        var generator = SeededGenerator.fresh()
        for (curve, hash) in zip(CurveID.allCases, CommitmentHash.allCases.reversed()) {
            #expect(hash.serves(curve))
            try withSuite(curve) { try roundTrip($0, hash, &generator) }
        }
    }

    private func roundTrip<Suite: ComputeSuite>(
        _: Suite.Type, _ hash: CommitmentHash, _ generator: inout SeededGenerator
    ) throws {
        let key = try key(Suite.self, hash, using: &generator)
        let bytes = try bytes(key)
        for indexed in [true, false] {
            let again = try load(bytes, of: Suite.self, indexed: indexed)
            #expect(again.verifyingKey == key.verifyingKey && again.commitments == key.commitments)
            #expect(again.commitments == CommittedSetupTests.Circuit<Suite>.commitments)
            #expect(again.transcript == key.transcript)
            #expect(try self.bytes(again) == bytes)
        }
        let parsed = try ZKeyFile(file(bytes))
        #expect(
            parsed.header.proofSystem == .committedGroth16 && parsed.commitmentCount == 2
                && parsed.contributionCount == 2)
        let read = try CommittedZKey.verifyingKey(of: parsed) as? Groth16VerifyingKey<Suite>
        #expect(read == .committed(key.verifyingKey))
        let summary = try FileSummary(file(bytes))
        #expect(summary["protocol"] == .text("groth16-commitments") && summary["commitments"] == .integer(2))
        #expect(summary["commitmentHash"] == .text(hash.rawValue) && summary["contributions"] == .integer(2))
        #expect(summary["unknownSections"] == nil)
        // A key that was read proves.
        let prover = CommittedProver(
            backend: CPUBackend<Suite>(parallel: Self.parallel), parallel: Self.parallel)
        let own = try load(bytes, of: Suite.self)
        var circuit = try CommittedSetupTests.Circuit<Suite>(hash: hash, using: &generator)
        circuit.key = own.provingKey
        circuit.verifyingKey = own.verifyingKey
        let witness = try circuit.witness(Suite.Fr(3), Suite.Fr(5), using: &generator)
        let proof = try prover.prove(
            key: own.provingKey, verifier: CommittedVerifier(own.verifyingKey),
            witness: SecretScalars(witness.map(\.canonical)), using: &generator)
        #expect(proof.commitments.count == 2)
    }

    private func reason(_ body: () throws -> Void) -> FormatError? {
        do {
            try body()
            return nil
        } catch {
            return error as? FormatError
        }
    }

    /// Plain readers refuse such a key by name, and the other way round.
    @Test func theKindsAreNotMistaken() throws {
        var generator = SeededGenerator.fresh()
        let bytes = try bytes(key(BN254.self, using: &generator))
        let parsed = try ZKeyFile(file(bytes))
        let refusal = FormatError.Reason.unsupportedProtocol(found: "groth16-commitments", wanted: "groth16")
        #expect(reason { _ = try Groth16ZKey.load(file(bytes)) }?.reason == refusal)
        #expect(reason { _ = try Groth16ZKey.verifyingKey(of: parsed) }?.reason == refusal)
        // What has not heard of the number, as snarkjs, stops at section 1.
        #expect(![1, 2, 10].contains(parsed.header.proofSystem.rawValue))
        let plain = try ZKeyFile(
            MappedFile(path: Vectors.url("snarkjs/groth16-bn128-multiplier/circuit_final.zkey").path))
        #expect(
            reason { _ = try CommittedZKey.load(plain) }?.reason
                == .unsupportedProtocol(found: "groth16", wanted: "groth16-commitments"))
        // With the number of the other kind, lengths tell.
        var renamed = bytes
        (renamed[24], renamed[25], renamed[26], renamed[27]) = (1, 0, 0, 0)
        let error = reason { _ = try Groth16ZKey.load(file(renamed)) }
        #expect(error?.place.section == 3 && error?.word == "section_length")
    }

    /// The sections of a file: where each begins, and its length.
    private func sections(_ bytes: [UInt8]) -> [UInt32: Range<Int>] {
        func integer(_ at: Int, _ count: Int) -> Int {
            bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        var (found, at): ([UInt32: Range<Int>], Int) = ([:], 12)
        while at < bytes.count {
            let length = integer(at + 4, 8)
            found[UInt32(integer(at, 4))] = at + 12..<at + 12 + length
            at += 12 + length
        }
        return found
    }

    /// The file with other contents of a section, or without it.
    private func replacing(_ id: UInt32, in bytes: [UInt8], by contents: [UInt8]?) -> [UInt8] {
        let range = sections(bytes)[id]!
        guard let contents else {
            var rest = Array(bytes[..<(range.lowerBound - 12)]) + bytes[range.upperBound...]
            rest[8] -= 1
            return rest
        }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: contents.count >> (8 * $0)) }
        return bytes[..<(range.lowerBound - 8)] + length + contents + bytes[range.upperBound...]
    }

    @Test func damageIsNamedByItsPlace() throws {
        var generator = SeededGenerator.fresh()
        let bytes = try bytes(key(BN254.self, using: &generator))
        let sections = sections(bytes)
        #expect(Set(sections.keys) == Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 101, 102, 103, 104]))
        func fault(_ bytes: [UInt8]) -> FormatError? {
            reason { _ = try load(bytes, of: BN254.self) }
        }
        #expect(fault(bytes) == nil)
        for id in sections.keys {
            let error = fault(replacing(id, in: bytes, by: nil))
            #expect(error?.reason == .missingSection(id: id) && error?.place.section == id)
        }
        // Section 101: hash, count, G and two points, then wires: 7; 1: 1; 3: 3 4 5 and 8; 2: 1 7; 2: 6 9.
        let start = try #require(sections[101]?.lowerBound)
        let lists = start + 8 + 3 * 128
        func changed(_ at: Int, _ value: UInt32) -> FormatError? {
            var other = bytes
            for byte in 0..<4 { other[at + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
            return fault(other)
        }
        func expect(
            _ error: FormatError?, _ text: String, section: UInt32 = 101, at offset: Int,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(
                error?.message.contains(text) == true && error?.place.section == section
                    && error?.place.offset == offset, "\(String(describing: error))",
                sourceLocation: sourceLocation)
        }
        expect(changed(start, 4), "hash number 4", at: start)
        expect(changed(start, 0), "hash number 0", at: start)
        expect(changed(start + 4, 0), "commitments", at: start + 4)
        expect(changed(start + 4, 9), "truncated", at: start + 4)
        #expect(changed(start + 4, .max)?.word == "truncated")
        let first = lists
        let second = lists + 4 * 7
        expect(changed(first, 2), "commitment 0 has wire 2, which is no private wire", at: first)
        expect(changed(first, 11), "commitment 0 has wire 11", at: first)
        expect(changed(first, 4), "commitment 0 has wire 4, which is in use already", at: first)
        expect(changed(first + 8, 0), "commitment 0 hashes wire 0", at: first)
        expect(changed(first + 8, 7), "commitment 0 hashes wire 7", at: first)
        expect(changed(first + 20, 3), "not in ascending order", at: first)
        expect(changed(second, 7), "commitment 1 has wire 7, which is in use already", at: second)
        expect(changed(second + 12, 9), "commitment 1 hashes wire 9", at: second)
        expect(changed(second + 8, 8), "hashes wires that are not in ascending order", at: second)
        expect(changed(second + 20, 3), "commitment 1 has wire 3, which is in use already", at: second)
        expect(changed(first + 4, 400), "truncated", at: first + 4)
        #expect(changed(second + 16, 1)?.place.section == 101)
        // G, and the points of sigma.
        for (index, name) in ["G", "sigma of commitment 0", "sigma of commitment 1"].enumerated() {
            let at = start + 8 + 128 * index
            var other = bytes
            for byte in 0..<128 { other[at + byte] = 0 }
            let error = fault(other)
            #expect(error?.reason == .identityNotAllowed && error?.place.name == name)
            #expect(error?.place.offset == at && error?.place.section == 101)
            other = bytes
            other[at] ^= 1
            #expect(fault(other)?.reason == .pointNotOnCurve)
        }
        var same = bytes
        for byte in 0..<128 { same[start + 8 + 256 + byte] = same[start + 8 + 128 + byte] }
        #expect(fault(same)?.message.contains("have one sigma") == true)
        for byte in 0..<128 { same[start + 8 + 128 + byte] = same[start + 8 + byte] }
        #expect(fault(same)?.message.contains("sigma of commitment 0 is 1 or -1") == true)
        // Bases: a point, and their number.
        for id in [102, 103] as [UInt32] {
            let range = try #require(sections[id])
            var other = bytes
            other[range.lowerBound + 3 * 64] ^= 1
            let error = fault(other)
            #expect(
                error?.reason == .pointNotOnCurve && error?.place.section == id && error?.place.index == 3
                    && error?.place.offset == range.lowerBound + 3 * 64)
            let shorter = fault(replacing(id, in: bytes, by: Array(bytes[range].dropLast(64))))
            #expect(shorter?.word == "section_length")
        }
        let bases = [UInt8](bytes[sections[102]!].dropLast(64))
        let both = replacing(103, in: replacing(102, in: bytes, by: bases), by: bases)
        #expect(fault(both)?.reason == .sectionLength(expected: 5 * 64, found: 4 * 64))
        // The history: its points and its length.
        let history = try #require(sections[104])
        var other = bytes
        other[history.lowerBound + 68] ^= 1
        var error = fault(other)
        #expect(error?.place.section == 104 && error?.place.index == 0)
        #expect(error?.place.offset == history.lowerBound + 68 && error?.reason == .pointNotOnCurve)
        error = fault(replacing(104, in: bytes, by: Array(bytes[history].dropLast(1))))
        #expect(error?.word == "truncated" && error?.place.index == 1 && error?.place.section == 104)
        error = fault(replacing(104, in: bytes, by: bytes[history] + [0]))
        #expect(error?.word == "section_length" && error?.place.section == 104)
    }

    /// Whatever is at fault, it is an error of this module, and nothing traps.
    @Test func anyDamageIsAnError() throws {
        var generator = SeededGenerator.fresh()
        let bytes = try bytes(key(BN254.self, contributions: 1, using: &generator))
        let sections = sections(bytes)
        func survives(_ bytes: [UInt8]) -> Bool {
            do {
                _ = try CommittedZKey.load(ZKeyFile(file(bytes)), checksSubgroups: true)
                return true
            } catch {
                return false
            }
        }
        for end in stride(from: 0, to: bytes.count, by: 61) {
            #expect(!survives(Array(bytes[..<end])))
        }
        var survivors = 0
        let lists = try #require(sections[101])
        for at in lists.lowerBound + 8 + 384..<lists.upperBound {
            for bit in [0, 3, 7] {
                var other = bytes
                other[at] ^= 1 << UInt8(bit)
                if survives(other) { survivors += 1 }
            }
        }
        // Another wire may be as good: 10 for 9, or 2 for 1 where it is hashed.
        #expect(survivors < 24)
    }
}
