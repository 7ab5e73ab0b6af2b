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

    @Test func constraintFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).r1cs").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for count in 1...2 {
            let error = #expect(throws: FormatError.self) {
                try R1CSFile.write(system(commitments: count), of: BN254.self, to: path)
            }
            #expect(error?.reason == .commitments(count) && error?.file == path)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        try R1CSFile.write(system(commitments: 0), of: BN254.self, to: path)
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
