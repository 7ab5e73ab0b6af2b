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
struct Windows<Limbs: FixedLimbs> {
    let width: Int
    let count: Int
    /// The sum that makes digits local; and the same plus modulus + 1, which turns the complement ~s of a
    /// scalar into the offset magnitude modulus − s.
    private let offsets: (plain: Limbs, negated: Limbs)

    /// The greatest magnitude of a digit.
    var greatestDigit: Int { 1 << (width - 1) }

    /// For magnitudes of at most `bits` bits, which must be fewer than the limbs have: then no sum of a
    /// magnitude and the offset, of as many bits, has more than they.
    ///
    /// A magnitude is a scalar s, or modulus − s where its term is negated.
    init(width: Int, bits: Int, modulus: Limbs) {
        precondition(bits < 64 * Limbs.count)
        self.width = width
        count = (bits + width) / width
        var offset = Limbs.zero
        for window in 0..<(count - 1) {
            let bit = window * width + width - 1
            offset[bit / 64] |= 1 << UInt64(bit % 64)
        }
        var one = Limbs.zero
        one[0] = 1
        offsets = (offset, Self.sum(Self.sum(offset, modulus), one))
    }

    /// Writes the digits of the terms in one window and counts them by magnitude; see
    /// `martlet_window_digits`.
    ///
    /// `tally` has `greatestDigit + 1` entries.
    func digits(
        _ window: Int, of terms: UnsafeBufferPointer<SignedIndex>,
        _ scalars: UnsafeBufferPointer<Limbs>,
        into digits: UnsafeMutablePointer<UInt32>, tally: UnsafeMutablePointer<UInt32>
    ) {
        withUnsafeBytes(of: offsets) { offsets in
            // Limbs lie in memory as C has them.
            var parameters = martlet_window(
                offsets: offsets.baseAddress?.assumingMemoryBound(to: UInt64.self),
                bit: UInt32(window * width), width: UInt32(width),
                bias: window == count - 1 ? 0 : UInt32(greatestDigit))
            martlet_window_digits(
                digits, tally, terms.baseAddress, terms.count,
                UnsafeRawPointer(scalars.baseAddress)?.assumingMemoryBound(to: UInt64.self), Limbs.count,
                &parameters)
        }
    }

    private static func sum(_ a: Limbs, _ b: Limbs) -> Limbs {
        var result = a
        var carry: UInt64 = 0
        for i in 0..<Limbs.count {
            let (sum, overflow1) = a[i].addingReportingOverflow(b[i])
            let (total, overflow2) = sum.addingReportingOverflow(carry)
            result[i] = total
            carry = overflow1 || overflow2 ? 1 : 0
        }
        return result
    }

    /// The width with the least predicted cost for `terms` magnitudes of at most `bits` bits.
    static func best(terms: Int, bits: Int, modulus: Limbs) -> Windows {
        let widths = 2...max(2, min(20, bits))
        let costs = widths.map { width in
            let windows = (bits + width) / width
            return (
                width: width,
                cost: WindowCost(width: width, windows: windows, sets: windows, terms: terms).additions
            )
        }
        return Windows(width: costs.min { $0.cost < $1.cost }?.width ?? 2, bits: bits, modulus: modulus)
    }
}

/// What `windows` digits a term cost that go to `sets` sets of buckets.
struct WindowCost {
    let width: Int
    let windows: Int
    let sets: Int
    let terms: Int

    /// The predicted cost in batched additions.
    ///
    /// A term costs one and its share of the sort, a bucket that is not empty two and its share of two more
    /// sorts (`BucketReduction`), an empty one a word to be cleared and summed. A set costs some 100 more
    /// additions in small batches at the end.
    var additions: Double {
        let buckets = Double(1 << (width - 1))
        let occupied = min(buckets, Double(terms) * Double(windows) / Double(sets))
        return 1.2 * Double(windows) * Double(terms) + Double(sets) * (2.3 * occupied + 0.05 * buckets + 100)
    }
}
