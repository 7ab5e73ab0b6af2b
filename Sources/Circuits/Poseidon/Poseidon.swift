// SPDX-License-Identifier: Apache-2.0

import Curves
import FieldHashes
public import FiniteFields

/// The Poseidon hash over BN254's scalars with circomlib's constants.
///
/// Two widths are in use: two inputs, for trees and pairs, and sixteen, for long vectors. Elements are
/// Montgomery, as everywhere.
public enum Poseidon {
    /// Poseidon of two elements, as circomlib's `Poseidon(2)`.
    public static func hash(_ a: Scalar, _ b: Scalar) -> Scalar {
        PoseidonPermutation.permute([.zero, a, b], PoseidonParameters.pair)[0]
    }

    /// Poseidon of sixteen elements, as circomlib's `Poseidon(16)`, started from `initial` (circomlib: 0).
    ///
    /// - Precondition: sixteen elements are given.
    public static func hash16(_ elements: some Collection<Scalar>, initial: Scalar = .zero) -> Scalar {
        precondition(elements.count == 16)
        return PoseidonPermutation.permute([initial] + elements, PoseidonParameters.wide)[0]
    }

    /// The elements that a vector is hashed in a block: circomlib's largest.
    public static let blockSize = PoseidonPermutation.blockSize

    /// The hash of a vector of any length: a sponge of capacity 1 and rate 16 that overwrites its rate with
    /// each block, as circomlib's `PoseidonEx(16, 1)` chained through `initialState`. The last block is
    /// filled with zeros.
    ///
    /// The capacity starts as domain·2^64 + length, so vectors of different domain or length do not share a
    /// prefix.
    ///
    /// - Parameters:
    ///   - elements: the vector.
    ///   - domain: what the vector is, below 2^64.
    public static func hash(_ elements: [Scalar], domain: UInt64) -> Scalar {
        PoseidonPermutation.hash(elements, domain: domain)
    }

    /// Elements that follow from a seed as from a random function: `stream(seeds:domain:count:)` of one.
    package static func stream(seed: Scalar, domain: UInt64, count: Int) -> [Scalar] {
        stream(seeds: [seed], domain: domain, count: count)
    }

    /// Elements that follow from seeds as from a random function: block i is what the rate of the sponge
    /// holds after one permutation over the seeds and i. The capacity after it is never shown: with all of a
    /// state whoever likes computes the permutation backwards.
    ///
    /// - Parameters:
    ///   - seeds: up to 15 elements, of which one is a hash, or else hard to choose.
    ///   - domain: what the elements are for, below 2^64; no vector's.
    ///   - count: how many elements.
    package static func stream(seeds: [Scalar], domain: UInt64, count: Int) -> [Scalar] {
        precondition(seeds.count < blockSize)
        let rest = [Scalar](repeating: .zero, count: blockSize - 1 - seeds.count)
        let start = PoseidonPermutation.initialState(count: seeds.count + 1, domain: domain)
        let blocks = (0..<((count + blockSize - 1) / blockSize)).flatMap { block in
            PoseidonPermutation.permute(
                [start] + seeds + [Scalar(UInt64(block))] + rest, PoseidonParameters.wide
            ).dropFirst()
        }
        return Array(blocks.prefix(count))
    }
}
