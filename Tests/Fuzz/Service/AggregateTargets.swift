// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import FuzzSupport
import ProofAggregation
import SnarkFormats

/// Aggregates of proofs. What is read is written byte for byte.
enum AggregateTargets {
    static let all = [aggregates]

    private static let aggregates = FuzzTarget(
        "aggregate", lengthLimit: 8_000,
        words: [Array("mrtlagg".utf8) + [1]]
            + ([1, 2, 4, 1 << 20, .max] as [UInt32]).map { [UInt8](littleEndian: $0) },
        seeds: {
            [seed(BN254.self, 1, count: 1), seed(BN254.self, 1, count: 3), seed(BLS12381.self, 2, count: 2)]
        },
        read: { bytes in
            func check<Suite: CurveSuite>(_ suite: Suite.Type) throws {
                let proof = try AggregateProof<Suite>(MappedFile(copying: bytes, name: "fuzz"))
                demand(proof.rounds.count == AggregateProof<Suite>.roundCount(for: proof.count), "rounds")
                demand(proof.encoded == bytes, "other bytes")
            }
            do { try check(BN254.self) } catch { try check(BLS12381.self) }
        })

    /// A file of the right length, whose coordinates are small numbers.
    private static func seed<Suite: CurveSuite>(_ suite: Suite.Type, _ curve: UInt32, count: Int) -> [UInt8] {
        let rounds = AggregateProof<Suite>.roundCount(for: count)
        let elements = 5 * 6 + 2 + 3 * 2 + 5 * 4 + 4 * 2 - 2 + rounds * (10 * 6 + 4)
        return Array("mrtlagg".utf8) + [1] + [UInt8](littleEndian: curve)
            + [UInt8](littleEndian: UInt32(count))
            + (1...elements).flatMap { Suite.Fp(UInt64($0)).littleEndianBytes }
    }
}
