// SPDX-License-Identifier: Apache-2.0

/// An upper bound of magnitudes that remembers when it left the machine's words.
struct Bound {
    var value: Int
    var overflowed = false

    /// The number of bits of a non-negative integer.
    static func bitLength(_ value: Int) -> Int { Int.bitWidth - value.leadingZeroBitCount }

    init(_ value: Int) { self.value = value }
    init(bits: Int) { value = 1 << bits }

    /// The bits of a signed integer of this magnitude or less.
    var signedBits: Int { Self.bitLength(value) + 1 }

    /// Rounded after division by 2^shift.
    func shifted(by shift: Int) -> Bound { Bound((value >> shift) + 1) }

    static func * (a: Bound, b: Int) -> Bound { a * Bound(b) }

    static func * (a: Bound, b: Bound) -> Bound {
        let (product, overflow) = a.value.multipliedReportingOverflow(by: b.value)
        var result = Bound(product)
        result.overflowed = overflow || a.overflowed || b.overflowed
        return result
    }

    static func + (a: Bound, b: Bound) -> Bound {
        let (sum, overflow) = a.value.addingReportingOverflow(b.value)
        var result = Bound(sum)
        result.overflowed = overflow || a.overflowed || b.overflowed
        return result
    }
}
