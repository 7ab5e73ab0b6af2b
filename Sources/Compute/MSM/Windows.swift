import FiniteFields

/// How scalars are cut into signed windows: `count` digits of `width` bits, the lowest first, each in
/// −2^(width−1) … 2^(width−1) (only the top one, which is never negative, reaches the upper end).
///
/// Digits come without a carry from digit to digit: after Σ 2^(width−1)·2^(width·i) over all windows but the top one is
/// added, digit i is the i-th group of bits minus 2^(width−1). Reference: the offset form of signed-digit
/// recoding, e.g. Joye–Tunstall 2009, "Exponent recoding and regular exponentiation algorithms", §3.
struct Windows<Limbs: FixedLimbs> {
    let width: Int
    let count: Int
    /// The sum that makes digits local.
    let offset: Limbs

    var bucketCount: Int { 1 << (width - 1) }

    /// For magnitudes of at most `bits` bits, which must be below 64·Limbs.count − 1.
    init(width: Int, bits: Int) {
        self.width = width
        count = (bits + width) / width
        var offset = Limbs.zero
        for window in 0..<(count - 1) {
            let bit = window * width + width - 1
            offset[bit / 64] |= 1 << UInt64(bit % 64)
        }
        self.offset = offset
    }

    /// Digit `window` of a magnitude.
    @inline(__always)
    func digit(_ window: Int, of magnitude: Limbs) -> Int {
        var shifted = magnitude
        var carry: UInt64 = 0
        for i in 0..<Limbs.count {
            let (sum, overflow1) = shifted[i].addingReportingOverflow(offset[i])
            let (total, overflow2) = sum.addingReportingOverflow(carry)
            shifted[i] = total
            carry = (overflow1 || overflow2) ? 1 : 0
        }
        let bit = window * width
        let limb = bit / 64
        let shift = bit % 64
        var bits = shifted[limb] >> UInt64(shift)
        if shift + width > 64 && limb + 1 < Limbs.count { bits |= shifted[limb + 1] << UInt64(64 - shift) }
        let digit = Int(bits & ((1 << UInt64(width)) - 1))
        return window == count - 1 ? digit : digit - bucketCount
    }

    /// The width with the least predicted cost for `terms` magnitudes of at most `bits` bits.
    ///
    /// The model counts field products: a batched affine addition is 5M + 1S and about as much again for
    /// its gather, subtractions and share of the sort; a bucket costs one mixed and one full XYZZ addition.
    static func best(terms: Int, bits: Int) -> Windows {
        let widths = 2...min(18, bits + 1)
        let best = widths.min {
            cost(width: $0, terms: terms, bits: bits) < cost(width: $1, terms: terms, bits: bits)
        }
        return Windows(width: best ?? 2, bits: bits)
    }

    static func cost(width: Int, terms: Int, bits: Int) -> Double {
        let windows = Double((bits + width) / width)
        let buckets = Double(1 << (width - 1))
        // Sparse buckets are skipped over, so there are never more to sum than terms (plus the jumps).
        return windows * (Double(terms) * additionCost + min(buckets, 2 * Double(terms)) * bucketCost)
    }

    static var additionCost: Double { 8 }
    static var bucketCost: Double { 26 }
}
