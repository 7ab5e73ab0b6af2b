// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Foundation
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// What has no place for commitments refuses circuits that have some: their challenges would be free wires.
@Suite struct CommitmentRefusalTests {
    private func system(commitments: Int) -> R1CS<BN254.Fr> {
        var system = R1CS<BN254.Fr>(
            wireCount: 8, publicOutputCount: 0, publicInputCount: 1, privateInputCount: 0)
        for wire in [2, 1, 3] as [UInt32] {
            system.append(combination: [R1CS.Term(wire: wire, coefficient: 5)])
        }
        for index in 0..<UInt32(commitments) {
            system.append(
                WireCommitment(
                    committed: [2 + 2 * index], hashed: index == 0 ? [1] : [1, 3], challenge: 3 + 2 * index))
        }
        return system
    }

    @Test func setup() throws {
        _ = try Groth16Setup<BN254>(system(commitments: 0), parallel: Parallel(threads: 1))
        for count in 1...2 {
            let error = #expect(throws: SetupError.commitments(count)) {
                try Groth16Setup<BN254>(system(commitments: count), parallel: Parallel(threads: 1))
            }
            #expect(error?.message.contains(count == 1 ? "a commitment" : "2 commitments") == true)
        }
    }

    /// Commitments are read in a time in proportion to their number.
    @Test(.timeLimit(.minutes(1))) func manyCommitments() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).r1cs").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let count = 200_000 as UInt32
        var system = R1CS<BN254.Fr>(
            wireCount: 2 * Int(count) + 2, publicOutputCount: 0, publicInputCount: 1, privateInputCount: 0)
        system.append(
            checked: (0..<count).map { index in
                WireCommitment(
                    committed: [2 + 2 * index], hashed: index == 0 ? [1] : [1, 1 + 2 * index],
                    challenge: 3 + 2 * index)
            })
        try R1CSFile.write(system, of: BN254.self, to: path)
        let again = try AnyR1CS.load(MappedFile(path: path)).system(on: BN254.self)
        #expect(again?.commitments == system.commitments)
    }

    @Test func constraintFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).r1cs").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for count in 0...2 {
            let written = system(commitments: count)
            try R1CSFile.write(written, of: BN254.self, to: path)
            let file = try R1CSFile(MappedFile(path: path))
            #expect(file.commitmentCount == count)
            #expect(try AnyR1CS.load(file).system(on: BN254.self) == written)
            let summary = try FileSummary(MappedFile(path: path))
            #expect(summary["commitments"] == (count > 0 ? .integer(count) : nil))
            #expect(summary["unknownSections"] == nil)
            // Readers of circom's files go by the version.
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            #expect((bytes[4..<8] == [1, 0, 0, 0]) == (count == 0))
        }
        // With circom's version the section would be passed over: without it, it is missed.
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        func error(_ bytes: [UInt8]) -> FormatError? {
            do throws(FormatError) {
                _ = try AnyR1CS.load(MappedFile(copying: bytes, name: "circuit.r1cs"))
                return nil
            } catch {
                return error
            }
        }
        bytes[4] = 2
        #expect(error(bytes)?.word == "unsupported_version")
        bytes[4] = 1
        // The section's number, its count, the first challenge and a committed wire; the lists are its end.
        let start = bytes.count - 4 - 4 * 5 - 4 * 6
        for (at, value, text) in [
            (start - 12, 9, "missing"), (start, 0, "commitments"), (start, 9, "truncated"),
            (start + 4, 1, "commitment 0 has wire 1"), (start + 20, 8, "commitment 0 has wire 8"),
            (start + 8, 200, "truncated"), (start + 12, 4, "hashes wire 4"),
        ] {
            var other = bytes
            other[at] = UInt8(value)
            let found = error(other)
            #expect(
                found?.message.contains(text) == true && found?.place.section == 101,
                "\(at): \(String(describing: found))")
        }
    }
}
