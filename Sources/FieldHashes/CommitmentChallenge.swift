// SPDX-License-Identifier: Apache-2.0

package import Curves
import FiniteFields

/// The challenge of a commitment to wires by Poseidon, for proofs on BN254 that a circuit over its scalars
/// verifies (docs/formats.md, "Commitments").
///
/// A point is hashed as four elements, x and y of the base field in two words each: an integer below 2^254
/// is low + 2^136·high with low below 2^136, in canonical form, so that different points are different
/// vectors. 136 bits are a whole number of chunks of 4, 8 and 17 bits, in which circuits have coordinates.
package enum CommitmentChallenge {
    /// The domain of the hash of a commitment and what is hashed with it; no other vector's.
    package static let commitment: UInt64 = 0x4342_0001
    /// The domain of the hash of all challenges, which folds proofs of knowledge.
    package static let folding: UInt64 = 0x4342_0002
    /// The bits of a coordinate's low word.
    package static let lowBits = 136

    /// The challenge of a commitment.
    ///
    /// - Parameters:
    ///   - point: x and y, canonical and big-endian, of 32 bytes each.
    ///   - values: what is hashed with it.
    package static func challenge(point: [UInt8], values: [BN254.Fr]) -> BN254.Fr {
        PoseidonPermutation.hash(words(of: point) + values, domain: commitment)
    }

    /// The factor by powers of which proofs of knowledge are folded.
    package static func foldingFactor(_ challenges: [BN254.Fr]) -> BN254.Fr {
        PoseidonPermutation.hash(challenges, domain: folding)
    }

    /// The words of coordinates, the low one of each first.
    ///
    /// - Precondition: 32 bytes a coordinate, which is below 2^254.
    static func words(of coordinates: [UInt8]) -> [BN254.Fr] {
        precondition(coordinates.count % 32 == 0)
        return stride(from: 0, to: coordinates.count, by: 32).flatMap { start in
            let split = start + 32 - lowBits / 8
            return [coordinates[split..<(start + 32)], coordinates[start..<split]].map {
                BN254.Fr(reducingBigEndian: $0)
            }
        }
    }
}
