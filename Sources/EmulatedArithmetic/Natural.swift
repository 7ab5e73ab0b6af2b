// SPDX-License-Identifier: Apache-2.0

package import FiniteFields

/// A non-negative integer of any size: what bounds are computed with when a circuit is built.
///
/// Exact, and as slow as the simplest algorithms are; nothing here is called for each wire.
package struct Natural: Hashable, Comparable, Sendable {
    /// The digits in base 2^64, the least significant first; the last one is not zero.
    package private(set) var words: [UInt64]

    /// The integer with these digits in base 2^64, the least significant first.
    package init(words: [UInt64]) {
        self.words = words
        while self.words.last == 0 { self.words.removeLast() }
    }

    /// A small integer.
    package init(_ value: UInt64) { self.init(words: [value]) }

    /// A canonical integer.
    package init(_ limbs: some FixedLimbs) { self.init(words: limbs.words) }

    package static let zero = Natural(0)
    package static let one = Natural(1)

    /// 2^exponent.
    package static func powerOfTwo(_ exponent: Int) -> Natural { Natural.one << exponent }

    /// 2^bits − 1.
    package static func ones(_ bits: Int) -> Natural { powerOfTwo(bits).subtracting(.one) }

    /// The number of bits up to and including the highest set one; 0 for zero.
    package var bitLength: Int {
        words.isEmpty ? 0 : 64 * words.count - words[words.count - 1].leadingZeroBitCount
    }

    package static func < (a: Natural, b: Natural) -> Bool {
        if a.words.count != b.words.count { return a.words.count < b.words.count }
        for index in a.words.indices.reversed() where a.words[index] != b.words[index] {
            return a.words[index] < b.words[index]
        }
        return false
    }

    package static func + (a: Natural, b: Natural) -> Natural {
        var sum: [UInt64] = []
        var carry: UInt64 = 0
        for index in 0..<max(a.words.count, b.words.count) {
            let (s, first) = a.word(index).addingReportingOverflow(b.word(index))
            let (t, second) = s.addingReportingOverflow(carry)
            carry = (first ? 1 : 0) + (second ? 1 : 0)
            sum.append(t)
        }
        sum.append(carry)
        return Natural(words: sum)
    }

    package static func += (a: inout Natural, b: Natural) { a = a + b }

    /// self − other.
    ///
    /// - Precondition: other ≤ self.
    package func subtracting(_ other: Natural) -> Natural {
        precondition(other <= self)
        var difference: [UInt64] = []
        var borrow: UInt64 = 0
        for index in words.indices {
            let (s, first) = words[index].subtractingReportingOverflow(other.word(index))
            let (t, second) = s.subtractingReportingOverflow(borrow)
            borrow = (first ? 1 : 0) + (second ? 1 : 0)
            difference.append(t)
        }
        return Natural(words: difference)
    }

    package static func * (a: Natural, b: Natural) -> Natural {
        var product = [UInt64](repeating: 0, count: a.words.count + b.words.count)
        for i in a.words.indices {
            var carry: UInt64 = 0
            for j in b.words.indices {
                let full = a.words[i].multipliedFullWidth(by: b.words[j])
                let (s, first) = full.low.addingReportingOverflow(product[i + j])
                let (t, second) = s.addingReportingOverflow(carry)
                product[i + j] = t
                carry = full.high + (first ? 1 : 0) + (second ? 1 : 0)
            }
            product[i + b.words.count] = carry
        }
        return Natural(words: product)
    }

    package static func << (a: Natural, bits: Int) -> Natural {
        let (skip, shift) = (bits / 64, UInt64(bits % 64))
        var shifted = [UInt64](repeating: 0, count: skip)
        for index in 0...a.words.count {
            let below = index == 0 || shift == 0 ? 0 : a.words[index - 1] >> (64 - shift)
            shifted.append(a.word(index) << shift | below)
        }
        return Natural(words: shifted)
    }

    package static func >> (a: Natural, bits: Int) -> Natural {
        let (skip, shift) = (bits / 64, UInt64(bits % 64))
        guard skip < a.words.count else { return .zero }
        return Natural(
            words: (skip..<a.words.count).map { index in
                let above = shift == 0 ? 0 : a.word(index + 1) << (64 - shift)
                return a.words[index] >> shift | above
            })
    }

    /// ⌊self / 2^offset⌋ mod 2^width.
    ///
    /// - Precondition: width ≤ 128.
    package func digit(at offset: Int, width: Int) -> UInt128 {
        words.digit(at: offset, width: width, above: 0)
    }

    private func word(_ index: Int) -> UInt64 { index < words.count ? words[index] : 0 }
}

extension [UInt64] {
    /// ⌊integer / 2^offset⌋ mod 2^width for the integer with these digits, and `above` for all digits above
    /// them.
    ///
    /// - Precondition: width ≤ 128.
    func digit(at offset: Int, width: Int, above: UInt64) -> UInt128 {
        precondition(width <= 128)
        let (skip, shift) = (offset / 64, UInt128(offset % 64))
        func word(_ index: Int) -> UInt128 { UInt128(index < count ? self[index] : above) }
        var digit = (word(skip + 1) << 64 | word(skip)) >> shift
        if shift > 0 && width + Int(shift) > 128 { digit |= word(skip + 2) << (128 - shift) }
        return width == 128 ? digit : digit & (1 << UInt128(width) - 1)
    }
}
