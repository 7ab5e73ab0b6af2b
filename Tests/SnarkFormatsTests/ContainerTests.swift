// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import Foundation
import SnarkFormats
import TestSupport
import Testing

@Suite struct ContainerTests {
    private static let formats = [
        "groth16-bn128-multiplier/circuit_final.zkey", "groth16-bls12381-multiplier/circuit_final.zkey",
        "plonk-bn128-multiplier/circuit_final.zkey", "fflonk-bn128-multiplier/circuit_final.zkey",
        "groth16-bn128-multiplier/circuit.r1cs", "groth16-bn128-multiplier/witness.wtns",
    ]

    @Test(arguments: formats)
    func sectionsComeInAnyOrder(path: String) throws {
        let raw = RawContainer(try Snarkjs.bytes(path))
        let original = try Snarkjs.bytes(path)
        try #require(raw.encoded == original)
        var generator = SeededGenerator.fresh()
        for round in 0..<20 {
            var shuffled = raw
            if round == 0 {
                shuffled.sections.reverse()
            } else {
                shuffled.sections.shuffle(using: &generator)
            }
            try AnyFormat.read(MappedFile(copying: shuffled.encoded, name: path))
        }
    }

    @Test(arguments: formats)
    func duplicateMissingShortAndTrailing(path: String) throws {
        let raw = RawContainer(try Snarkjs.bytes(path))
        func code(_ change: (inout RawContainer) -> Void) -> String? {
            var changed = raw
            change(&changed)
            let file = MappedFile(copying: changed.encoded, name: path)
            return formatError { () throws(FormatError) in try AnyFormat.read(file) }?.word
        }
        let lengthErrors: [String?] = ["section_length", "truncated", "term_count"]
        let optional: Set<UInt32> = path.hasSuffix("r1cs") ? [3] : path.hasSuffix("zkey") ? [10] : []
        for (index, section) in raw.sections.enumerated() {
            #expect(code { $0.sections.append(section) } == "duplicate_section")
            #expect(code { $0.sections.insert((section.id, []), at: 0) } == "duplicate_section")
            if !optional.contains(section.id) || path.contains("plonk") {
                #expect(code { $0.sections.remove(at: index) } == "missing_section")
            }
            #expect(lengthErrors.contains(code { $0.sections[index].bytes.removeLast() }))
            #expect(lengthErrors.contains(code { $0.sections[index].bytes.append(0) }))
            if !section.bytes.isEmpty {
                #expect(lengthErrors.contains(code { $0.sections[index].bytes = [] }))
            }
        }
        #expect(code { $0.claimedCount = UInt32($0.sections.count - 1) } == "trailing_bytes")
        #expect(code { $0.claimedCount = UInt32($0.sections.count + 1) } == "truncated")
        #expect(code { $0.claimedCount = .max } == "too_many_sections")
        #expect(code { $0.version += 7 } == "unsupported_version")
        #expect(code { $0.magic[3] ^= 1 } == "unknown_format")
    }

    /// What others add to a file is none of its format's business here, but told; also of that there is one
    /// section with an id at most.
    @Test(arguments: formats + ["ptau/bn128_8.ptau"])
    func unknownSectionsAreTold(path: String) throws {
        let raw = RawContainer(try Snarkjs.bytes(path))
        func summary(
            _ added: [(id: UInt32, bytes: [UInt8])], at place: Int
        ) throws(FormatError) -> FileSummary {
            var changed = raw
            changed.sections.insert(contentsOf: added, at: place)
            let file = MappedFile(copying: changed.encoded, name: path)
            try AnyFormat.read(file)
            return try FileSummary(file)
        }
        let (end, own) = (raw.sections.count, try summary([], at: 0))
        #expect(own["unknownSections"] == nil)
        for place in [0, end] {
            let found = try summary([(4711, [1, 2, 3]), (99, [])], at: place)
            let told = try #require(found["unknownSections"])
            #expect(told.description == "4711 (3 bytes), 99 (0 bytes)")
            // Without an order of its own, an encoder's keys come in another one for each object.
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let json = String(decoding: try encoder.encode(told), as: UTF8.self)
            #expect(json == #"[{"bytes":3,"id":4711},{"bytes":0,"id":99}]"#)
            #expect(try JSONDecoder().decode(FileSummary.Value.self, from: Data(json.utf8)) == told)
            #expect(found.rows.dropLast().dropFirst(2) == own.rows.dropFirst(2))
        }
        let many = try summary((100..<112).map { ($0, [0]) }, at: end)["unknownSections"]
        #expect(many?.description.hasPrefix("100 (1 byte), 101 (1 byte)") == true)
        #expect(many?.description.hasSuffix("109 (1 byte) and 2 more") == true)
        let twice = formatError { () throws(FormatError) in
            try summary([(4711, [1]), (4711, [1])], at: end)
        }
        #expect(twice?.reason == .duplicateSection && twice?.place.section == 4711)
    }

    @Test func headersAreConsistent() throws {
        let raw = RawContainer(try Snarkjs.bytes("groth16-bn128-multiplier/circuit_final.zkey"))
        func code(_ section: UInt32, _ offset: Int, _ value: UInt32) -> String? {
            var changed = raw
            changed[section].replaceSubrange(offset..<(offset + 4), with: value.littleEndianBytes)
            let file = MappedFile(copying: changed.encoded, name: "k")
            return formatError { () throws(FormatError) in try Groth16ZKey.load(file) }?.word
        }
        #expect(code(1, 0, 3) == "unsupported_protocol")
        #expect(code(1, 0, 2) == "section_length")
        #expect(code(2, 0, 48) == "unknown_prime")
        #expect(code(2, 36, 33) == "field_width")
        #expect(code(2, 72, 0) == "inconsistent_header")  // no variables
        #expect(code(2, 76, 6) == "inconsistent_header")  // as many public inputs as variables
        #expect(code(2, 80, 7) == "inconsistent_header")  // a domain that is no power of two
        #expect(code(2, 80, 0) == "inconsistent_header")
        #expect(code(2, 80, 1 << 28) == "inconsistent_header")
        #expect(code(2, 80, 1 << 27) == "section_length")
        #expect(code(2, 80, 16) == "section_length")
        #expect(code(4, 4, 2) == "coefficient_matrix")
        #expect(code(4, 8, 8) == "coefficient_row")
        #expect(code(4, 12, 6) == "coefficient_signal")
        #expect(code(4, 44, .max) == "value_out_of_range")
        #expect(code(10, 64, 2) == "truncated")
        #expect(code(10, 64, 0) == "section_length")
    }

    @Test func primesOfDifferentCurvesDoNotMix() throws {
        var raw = RawContainer(try Snarkjs.bytes("groth16-bn128-multiplier/circuit_final.zkey"))
        let other = RawContainer(try Snarkjs.bytes("groth16-bls12381-multiplier/circuit_final.zkey"))
        raw[2].replaceSubrange(40..<72, with: other[2][56..<88])
        let file = MappedFile(copying: raw.encoded, name: "k")
        #expect(formatError { () throws(FormatError) in try ZKeyFile(file) }?.word == "prime_mismatch")
    }

    @Test(arguments: Snarkjs.curves)
    func pointsOfTheVerificationKeyAreNeverTheIdentity(curve: String) throws {
        let raw = RawContainer(try Snarkjs.bytes("groth16-\(curve)-multiplier/circuit_final.zkey"))
        let g1 = curve == "bn128" ? 64 : 96
        let start = raw[2].count - 9 * g1
        for (name, offset, size) in [
            ("alpha1", 0, g1), ("beta1", g1, g1), ("beta2", 2 * g1, 2 * g1), ("gamma2", 4 * g1, 2 * g1),
            ("delta1", 6 * g1, g1), ("delta2", 7 * g1, 2 * g1),
        ] {
            var changed = raw
            let range = (start + offset)..<(start + offset + size)
            changed[2].replaceSubrange(range, with: [UInt8](repeating: 0, count: size))
            let file = MappedFile(copying: changed.encoded, name: "k")
            let error = formatError { () throws(FormatError) in try Groth16ZKey.load(file) }
            #expect(error?.reason == .identityNotAllowed && error?.place.name == name)
        }
    }

    @Test func powersOfTau() throws {
        for (power, ceremony, prepared) in [(1, 1, true), (3, 5, true), (2, 2, false), (0, 1, false)] {
            let raw = Self.ptau(power: power, ceremonyPower: ceremony, prepared: prepared)
            let file = try PtauFile(MappedFile(copying: raw.encoded, name: "p"))
            #expect(file.curve == .bn254 && file.power == power && file.ceremonyPower == ceremony)
            #expect(file.isPrepared == prepared && file.contributionCount == 0)
            for index in raw.sections.indices where raw.sections[index].id != 7 {
                var short = raw
                short.sections[index].bytes.removeLast()
                let damaged = MappedFile(copying: short.encoded, name: "p")
                let error = formatError { () throws(FormatError) in try PtauFile(damaged) }
                #expect(["section_length", "truncated"].contains(error?.word))
            }
        }
        var half = Self.ptau(power: 2, ceremonyPower: 2, prepared: true)
        half.sections.removeAll { $0.id == 14 }
        let file = MappedFile(copying: half.encoded, name: "p")
        #expect(
            formatError { () throws(FormatError) in try PtauFile(file) }?.reason == .missingSection(id: 14))
    }

    /// A file of power 0 has one point in section 2, and no power of tau to compare with another's.
    @Test func powersOfTauOfPowerZeroHaveNoPowers() throws {
        func file(power: Int, contributions: UInt32 = 0) throws -> PtauFile {
            var raw = Self.ptau(power: power, ceremonyPower: power, prepared: false)
            // Nine points of G1 and five of G2, states of hashes, kind and the length of no parameters.
            let contribution = [UInt8](repeating: 0, count: 9 * 64 + 5 * 128 + 216 + 64 + 8)
            raw[7] = contributions.littleEndianBytes + (0..<contributions).flatMap { _ in contribution }
            return try PtauFile(MappedFile(copying: raw.encoded, name: "p"))
        }
        let (none, one) = (try file(power: 0), try file(power: 1))
        #expect(try one.exponent(ofFirstPowerOf: none) == nil && none.exponent(ofFirstPowerOf: one) == nil)
        #expect(try one.exponent(ofFirstPowerOf: one) == 1 && none.orderOfSecret() == nil)
        #expect(try none.contributionsLeadToPowers() && one.contributionsLeadToPowers())
        let listed = try file(power: 0, contributions: 1)
        #expect(try listed.contributionCount == 1 && !listed.contributionsLeadToPowers())
        #expect(try file(power: 1, contributions: 1).contributionsLeadToPowers())
    }

    /// A file with the sections of a powers-of-tau file, all points zero.
    static func ptau(power: Int, ceremonyPower: Int, prepared: Bool) -> RawContainer {
        let n = 1 << power
        // q − 1, and one more; q is odd, so nothing carries.
        let largest: BN254.Fp = .zero - .one
        var header = UInt32(32).littleEndianBytes + largest.littleEndianBytes
        header[4] += 1
        header += UInt32(power).littleEndianBytes + UInt32(ceremonyPower).littleEndianBytes
        func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
        var sections: [(id: UInt32, bytes: [UInt8])] = [
            (1, header), (2, zeros(64 * (2 * n - 1))), (3, zeros(128 * n)), (4, zeros(64 * n)),
            (5, zeros(64 * n)),
            (6, zeros(128)), (7, zeros(4)),
        ]
        if prepared {
            sections += [
                (12, zeros(64 * (4 * n - 1))), (13, zeros(128 * (2 * n - 1))), (14, zeros(64 * (2 * n - 1))),
                (15, zeros(64 * (2 * n - 1))),
            ]
        }
        return RawContainer(magic: "ptau", version: 1, sections: sections)
    }
}

/// Reads a file as whatever its first bytes say, with everything that is checked.
enum AnyFormat {
    static func read(_ file: MappedFile) throws(FormatError) {
        switch try FileKind.detect(file) {
        case .r1cs: _ = try AnyR1CS.load(file)
        case .witness:
            let witness = try WitnessFile(file)
            func read<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) {
                _ = try witness.values(of: suite)
            }
            try withSuite(witness.curve) { (suite) throws(FormatError) in try read(suite) }
        case .provingKey:
            let zkey = try ZKeyFile(file)
            if zkey.header.proofSystem == .groth16 { _ = try Groth16ZKey.load(zkey) }
        case .powersOfTau, .verifyingKey, .proof, .publicInputs, .aggregate, .aggregationKey,
            .gnarkVerifyingKey, .gnarkProof, .gnarkProvingKey, .gnarkConstraints, .gnarkWitness:
            _ = try FileSummary(file)
        }
    }
}
