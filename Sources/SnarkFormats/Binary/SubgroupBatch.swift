// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// A check that many points of a twist are in the subgroup of order r, by sums with short random factors: ten
/// with factors of 13 bits for BN254, where one by one each point takes a product with a number of 63 bits.
///
/// No prime below 2^bits divides the cofactor (`cofactorRoughness`; 10,069 is the least for BN254). So a
/// point outside the subgroup makes a sum of the points, each times a random number below 2^bits, stay
/// outside but for at most one of its 2^bits factors: as many sums as make 130 bits together, of which none
/// is outside, leave a chance of 2⁻¹³⁰.
///
/// - Reference: Bellare, Garay and Rabin 1998, "Fast batch verification for modular exponentiation and
///   digital signatures"; Boyd and Pavlovski 2000, "Attacking and repairing batch verification schemes", for
///   cofactors.
enum SubgroupBatch<Suite: ComputeSuite> {
    /// Bits of a factor, of which a word has at least four.
    private static var bits: UInt64 { UInt64(min(16, Suite.G2.cofactorRoughness)) }
    private static var sums: Int { (130 + Int(bits) - 1) / Int(bits) }
    /// With shorter factors there are too many sums.
    private static var fewestBits: UInt64 { 13 }
    /// Fewer points are checked faster one by one.
    private static var fewest: Int { 4096 }

    /// True when all points, which must be on the curve, are in the subgroup; false when one is not, or where
    /// this check is no help: few points, or a curve whose cofactor has small factors.
    static func holds(_ points: PointTable<Suite.G2>, threads: Int) -> Bool {
        guard bits >= fewestBits, points.count >= fewest else { return false }
        let parallel = Parallel(threads: threads)
        var generator = SystemRandomNumberGenerator()
        // Four factors a word.
        var word: UInt64 = 0
        return (0..<sums).allSatisfy { _ in
            let factors = (0..<points.count).map { index in
                if index % 4 == 0 { word = generator.next() }
                var limbs = Suite.Fr.Limbs.zero
                limbs[0] = word >> (bits * UInt64(index % 4)) & (1 << bits - 1)
                return limbs
            }
            let sum = factors.withUnsafeBufferPointer { Suite.G2.cpuMSM(points, $0, parallel) }
            return Suite.G2.isInSubgroup(sum)
        }
    }
}
