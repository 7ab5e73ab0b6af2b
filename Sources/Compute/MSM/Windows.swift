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
    static func best(terms: Int, bits: Int) -> Windows {
        let widths = 2...max(2, min(18, bits))
        let costs = widths.map { (width: $0, cost: cost(width: $0, terms: terms, bits: bits)) }
        return Windows(width: costs.min { $0.cost < $1.cost }?.width ?? 2, bits: bits)
    }

    /// The predicted cost in field products.
    ///
    /// A term costs a batched affine addition, 5M + 1S, and about a third of that again for its gather, subtractions and
    /// share of the sort. A bucket costs one mixed and one full XYZZ addition, and a word to be cleared and summed. Where
    /// there are more buckets than terms, empty ones are jumped over by a doubling and half an addition a bit.
    private static func cost(width: Int, terms: Int, bits: Int) -> Double {
        let windows = Double((bits + width) / width)
        let buckets = Double(1 << (width - 1))
        let occupied = min(buckets, Double(terms))
        let jump = occupied < buckets ? 17 * (buckets / occupied).logarithm : 0
        return windows * (8 * Double(terms) + occupied * (26 + jump) + 0.2 * buckets)
    }
}

extension Double {
    /// The binary logarithm, rounded down.
    fileprivate var logarithm: Double { Double(exponent) }
}
