// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Curves
package import EmulatedArithmetic
import FiniteFields

/// A scalar of 128 bits that a hash gives: s = −λ·(a + λ·b), where λ is the endomorphism's, with
///
///     a = 2·2^64 + Σ ±2ⁱ,   b = 2^64 + Σ ±2ⁱ   for 0 ≤ i < 64,
///
/// each sign a bit of the hash. All 2^128 choices of signs give different scalars, none of them zero: a and b
/// are below 2^66, and a + λ·b is zero for no other pair that small (`Endomorphism`).
package struct ChallengeScalar: PointScalar {
    package static let digits = 64

    package let signs: [Linear]
    package let equal: [Linear]
    package let value: Linear

    /// The scalar of 128 bits: 65 constraints.
    ///
    /// - Parameter bits: the signs of a, then of b.
    /// - Precondition: they are bits by constraints elsewhere, and bound.
    package init(_ builder: CircuitBuilder, bits: [Linear]) {
        precondition(bits.count == 2 * Self.digits)
        let (a, b) = (bits[..<Self.digits], bits[Self.digits...])
        signs = Array(a)
        equal = Self.equal(builder, a, b)
        value = builder.materialized(Self.value(builder, a, b))
    }

    /// Scalars that follow from a seed as from a random function: for each 254 bits of a hash, that they are
    /// the canonical ones (305 constraints in all), and 65 for the scalar; 612 for every sixteen.
    ///
    /// - Parameters:
    ///   - seed: a hash of all that has to be fixed before the scalars are known.
    ///   - domain: of the stream; no other hash's.
    package static func scalars(
        _ emulation: Emulation, seed: Linear, domain: UInt64, count: Int, _ tampering: CurveTampering?
    ) -> [ChallengeScalar] {
        let builder = emulation.builder
        return builder.poseidonStream(seed: seed, domain: domain, count: count).map { hash in
            let canonical = builder.hasValues ? hash.value.canonical : .zero
            let forged = builder.hasValues ? tampering?.scalarBits?(hash.value) : nil
            func bit(_ index: Int) -> Bool {
                forged?[index] ?? (canonical[index / 64] >> UInt64(index % 64) & 1 == 1)
            }
            // Those that points are selected by are bound; the others appear in no check.
            let own = (0..<(2 * digits)).map { emulation.boundBit(bit($0)) }
            let bits = own + (2 * digits..<Scalar.bitWidth).map { builder.boolean(bit($0)) }
            builder.enforceEqual(builder.weighted(bits), hash)
            if tampering?.omitted.contains(.canonicalScalars) != true {
                builder.enforceClearlyBelowOrder(bits)
            }
            return ChallengeScalar(builder, bits: own)
        }
    }
}
