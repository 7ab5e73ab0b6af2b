// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// A check that many points of BN254's twist are in the subgroup of order r, by ten sums with factors of 13
/// bits; one by one they take a product with a number of 63 bits each.
///
/// The least prime factor of the cofactor 2p − r is 10,069. So a point outside the subgroup makes a sum of
/// the points, each times a random number below 2^13, stay outside but for at most one of its 8,192 factors:
/// ten sums of which none is outside leave a chance of 2⁻¹³⁰.
///
/// - Reference: Bellare, Garay and Rabin 1998, "Fast batch verification for modular exponentiation and
///   digital signatures"; Boyd and Pavlovski 2000, "Attacking and repairing batch verification schemes", for
///   cofactors.
enum SubgroupBatch<Suite: CPUKernels> {
    private static var bits: UInt64 { 13 }
    private static var sums: Int { 10 }
    /// Fewer points are checked faster one by one.
    private static var fewest: Int { 4096 }

    /// True when all points, which must be on the curve, are in the subgroup; false when one is not, or where
    /// this check is no help: few points, or a curve whose cofactor has small factors.
    static func holds(_ points: PointTable<Suite.G2>, threads: Int) -> Bool {
        guard Suite.id == .bn254, points.count >= fewest else { return false }
        let parallel = Parallel(threads: threads)
        var generator = SystemRandomNumberGenerator()
        // Four factors of 13 bits a word.
        var word: UInt64 = 0
        return (0..<sums).allSatisfy { _ in
            let factors = (0..<points.count).map { index in
                if index % 4 == 0 { word = generator.next() }
                var limbs = Suite.Fr.Limbs.zero
                limbs[0] = word >> (bits * UInt64(index % 4)) & (1 << bits - 1)
                return limbs
            }
            let sum = factors.withUnsafeBufferPointer { Suite.cpuMSM(points, $0, parallel) }
            return Suite.G2.isInSubgroup(sum)
        }
    }
}
