// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// A signed integer taken to pieces: what the gadgets on fixed-point numbers read from it.
public struct SignedBits: Sendable {
    /// The bits of x + 2^(count−1), least significant first.
    public let bits: [Linear]
    /// The number of bits.
    public var count: Int { bits.count }
    /// 1 where x ≥ 0.
    public var isNonNegative: Linear { bits[bits.count - 1] }
}

extension CircuitBuilder {
    /// The bits of a signed integer, −2^(count−1) ≤ x < 2^(count−1): `count` constraints.
    public func signedBits(of x: Linear, count: Int) -> SignedBits {
        SignedBits(bits: bits(of: x + powerOfTwo(count - 1), count: count))
    }

    /// ⌊x / 2^shift⌋: no constraint beyond those of the bits.
    ///
    /// - Precondition: 0 ≤ shift < the number of bits.
    public func shiftedRight(_ x: SignedBits, by shift: Int) -> Linear {
        precondition((0..<x.count).contains(shift))
        return weighted(x.bits[shift...]) - powerOfTwo(x.count - 1 - shift)
    }

    /// x / 2^shift rounded to the nearest integer, halves upwards: `count` constraints.
    ///
    /// - Precondition: shift ≥ 1, and x + 2^(shift−1) is a signed integer of `count` bits; no witness
    ///   satisfies it otherwise.
    public func rescaled(_ x: Linear, by shift: Int, bits count: Int) -> Linear {
        precondition(shift >= 1)
        return shiftedRight(signedBits(of: x + powerOfTwo(shift - 1), count: count), by: shift)
    }

    /// The product of two fixed-point numbers with `shift` fractional bits each, rounded back to as many: 1 +
    /// count constraints.
    ///
    /// - Precondition: as `rescaled`, for the product.
    public func fixedPointProduct(_ a: Linear, _ b: Linear, fraction shift: Int, bits count: Int) -> Linear {
        rescaled(multiply(a, b), by: shift, bits: count)
    }

    /// max(x, 0): `count` + 1 constraints, for a signed integer of `count` bits.
    public func relu(_ x: Linear, bits count: Int) -> Linear {
        multiply(signedBits(of: x, count: count).isNonNegative, x)
    }

    /// x, held between −2^(count−1) and 2^(count−1) − 1: count + excess + 5 constraints.
    ///
    /// - Precondition: −2^(count−1) − 2^(count+excess) ≤ x < −2^(count−1) + 2^(count+excess); no witness
    ///   satisfies it otherwise.
    /// - Returns: the result, in range without further constraints.
    public func clamped(_ x: Linear, bits count: Int, excess: Int) -> Linear {
        // t = x + 2^(count−1) + 2^(count+excess): the bits from `count` up say where x is, as for the
        // sigmoid.
        let all = bits(
            of: x + (powerOfTwo(count - 1) + powerOfTwo(count + excess)), count: count + excess + 1)
        let isAtLeastLeast = all[count + excess]
        let isInside = isEqual(weighted(all[count...]), Linear(powerOfTwo(excess)))
        let offset =
            multiply(isInside, weighted(all[..<count]))
            + (isAtLeastLeast - isInside) * (powerOfTwo(count) - .one)
        return offset - powerOfTwo(count - 1)
    }
}

/// The same functions on plain integers: what gadgets are tested against and what training code calls.
public enum FixedPoint {
    /// x / 2^shift rounded to the nearest integer, halves upwards.
    ///
    /// - Precondition: shift ≥ 1.
    @inlinable
    public static func rescaled(_ x: Int, by shift: Int) -> Int { (x + (1 << (shift - 1))) >> shift }

    /// max(x, 0).
    @inlinable
    public static func relu(_ x: Int) -> Int { max(x, 0) }

    /// x, held between −2^(bits−1) and 2^(bits−1) − 1.
    @inlinable
    public static func clamped(_ x: Int, bits: Int) -> Int {
        min(max(x, -(1 << (bits - 1))), (1 << (bits - 1)) - 1)
    }
}
