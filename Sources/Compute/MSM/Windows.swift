// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import FiniteFields

/// How scalars are cut into signed windows: `count` digits of `width` bits, the lowest first, each in
/// −2^(width−1) … 2^(width−1) (only the top one, which is never negative, reaches the upper end).
///
/// Digits come without a carry from digit to digit: after Σ 2^(width−1)·2^(width·i) over all windows but the
/// top one is added, digit i is the i-th group of bits minus 2^(width−1). Reference: the offset form of
/// signed-digit recoding, e.g. Joye–Tunstall 2009, "Exponent recoding and regular exponentiation algorithms",
/// §3.
///
/// Scalars have four limbs, as the scalar fields of all curves.
struct Windows {
    let width: Int
    let count: Int
    /// The sum that makes digits local.
    private let offset: Limbs4
    /// The same plus modulus + 1, which turns the complement ~s of a scalar into the offset magnitude modulus
    /// − s.
    private let negatedOffset: Limbs4

    /// The greatest magnitude of a digit.
    var greatestDigit: Int { 1 << (width - 1) }

    /// For magnitudes of at most `bits` bits, which must be below 255.
    ///
    /// A magnitude is a scalar s, or modulus − s where its term is negated.
    init(width: Int, bits: Int, modulus: Limbs4) {
        self.width = width
        count = (bits + width) / width
        var offset = Limbs4.zero
        for window in 0..<(count - 1) {
            let bit = window * width + width - 1
            offset[bit / 64] |= 1 << UInt64(bit % 64)
        }
        self.offset = offset
        var one = Limbs4.zero
        one[0] = 1
        negatedOffset = Self.sum(Self.sum(offset, modulus), one)
    }

    /// Writes the digits of the terms in one window and counts them by magnitude; see
    /// `martlet_window_digits4`.
    ///
    /// `tally` has `greatestDigit + 1` entries.
    func digits(
        _ window: Int, of terms: UnsafeBufferPointer<SignedIndex>,
        _ scalars: UnsafeBufferPointer<martlet_limbs4>,
        into digits: UnsafeMutablePointer<UInt32>, tally: UnsafeMutablePointer<UInt32>
    ) {
        var parameters = martlet_window4(
            offset: martlet_limbs4(offset), negated_offset: martlet_limbs4(negatedOffset),
            bit: UInt32(window * width), width: UInt32(width),
            bias: window == count - 1 ? 0 : UInt32(greatestDigit))
        martlet_window_digits4(
            digits, tally, terms.baseAddress, terms.count, scalars.baseAddress, &parameters)
    }

    private static func sum(_ a: Limbs4, _ b: Limbs4) -> Limbs4 {
        var result = a
        var carry: UInt64 = 0
        for i in 0..<Limbs4.count {
            let (sum, overflow1) = a[i].addingReportingOverflow(b[i])
            let (total, overflow2) = sum.addingReportingOverflow(carry)
            result[i] = total
            carry = overflow1 || overflow2 ? 1 : 0
        }
        return result
    }

    /// The width with the least predicted cost for `terms` magnitudes of at most `bits` bits.
    static func best(terms: Int, bits: Int, modulus: Limbs4) -> Windows {
        let widths = 2...max(2, min(20, bits))
        let costs = widths.map { width in
            let windows = (bits + width) / width
            return (width: width, cost: cost(width: width, windows: windows, sets: windows, terms: terms))
        }
        return Windows(width: costs.min { $0.cost < $1.cost }?.width ?? 2, bits: bits, modulus: modulus)
    }

    /// The predicted cost in batched additions of `windows` digits a term that go to `sets` sets of buckets.
    ///
    /// A term costs one and its share of the sort, a bucket that is not empty two and its share of two more
    /// sorts (`BucketReduction`), an empty one a word to be cleared and summed. A set costs some 100 more
    /// additions in small batches at the end.
    static func cost(width: Int, windows: Int, sets: Int, terms: Int) -> Double {
        let buckets = Double(1 << (width - 1))
        let occupied = min(buckets, Double(terms) * Double(windows) / Double(sets))
        return 1.2 * Double(windows) * Double(terms) + Double(sets) * (2.3 * occupied + 0.05 * buckets + 100)
    }
}

extension martlet_limbs4 {
    fileprivate init(_ limbs: Limbs4) {
        self.init()
        l = (limbs[0], limbs[1], limbs[2], limbs[3])
    }
}
