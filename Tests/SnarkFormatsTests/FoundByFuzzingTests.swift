// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnarkFormats
import TestSupport
import Testing

/// The inputs that `Tests/Fuzz` found, see `Tests/Vectors/fuzz`.
@Suite struct FoundByFuzzingTests {
    private static let expected = ["r1cs/wires_without_labels.r1cs": "inconsistent_header"]

    private static func file(_ path: String) throws -> MappedFile {
        try MappedFile(Vectors.url("fuzz/\(path)"))
    }

    @Test func everyFileHasItsVerdict() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: Vectors.url("fuzz").path)
        #expect(Set(files.filter { $0.contains("/") }) == Set(Self.expected.keys))
    }

    @Test(arguments: expected.keys.sorted())
    func isRefused(path: String) throws {
        let file = try Self.file(path)
        #expect(
            formatError { () throws(FormatError) in try AnyFormat.read(file) }?.word == Self.expected[path])
    }

    /// A wire is 8 bytes in the map of labels; where there is no map, a file has a byte for each at least.
    @Test func wiresAreHeldToTheFile() throws {
        var raw = RawContainer(try Snarkjs.bytes("groth16-bn128-multiplier/circuit.r1cs"))
        raw.sections.removeAll { $0.id == 3 }
        func withWires(_ count: Int) -> MappedFile {
            // After the prime and its length.
            raw[1].replaceSubrange(36..<40, with: UInt32(count).littleEndianBytes)
            return MappedFile(copying: raw.encoded, name: "r1cs")
        }
        let size = raw.encoded.count
        #expect(try R1CSFile(withWires(size)).wireCount == size)
        for count in [size + 1, 1 << 30, Int(UInt32.max)] {
            #expect(
                formatError { () throws(FormatError) in try R1CSFile(withWires(count)) }?.word
                    == "inconsistent_header")
        }
    }

    /// Each section cut to its first bytes, in a container that is right otherwise: the count in front of
    /// powers of tau's contributions was read before the section's length was looked at.
    @Test(arguments: [
        "ptau/bn128_8.ptau", "groth16-bn128-multiplier/circuit.r1cs", "groth16-bn128-multiplier/witness.wtns",
        "groth16-bn128-multiplier/circuit_final.zkey",
    ])
    func sectionsAreNotReadBeyondTheirEnd(path: String) throws {
        let whole = RawContainer(try Snarkjs.bytes(path))
        for index in whole.sections.indices {
            for length in 0..<min(12, whole.sections[index].bytes.count) {
                var raw = whole
                raw.sections[index].bytes.removeSubrange(length...)
                let file = MappedFile(copying: raw.encoded, name: path)
                let error = formatError { () throws(FormatError) in try AnyFormat.read(file) }
                #expect(
                    error?.message.contains(path) == true,
                    "section \(raw.sections[index].id), \(length) bytes")
            }
        }
    }
}
