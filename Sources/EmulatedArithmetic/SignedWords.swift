// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Curves
import FiniteFields

/// An integer in two's complement of a fixed length: what the prover divides by the emulated prime.
package struct SignedWords {
    /// The digits in base 2^64, the least significant first.
    package private(set) var words: [UInt64]

    /// Zero, with room for integers between −2^(bits−1) and 2^(bits−1).
    package init(bits: Int) { words = [UInt64](repeating: 0, count: (bits + 63) / 64) }

    /// Adds value·2^shift, where elements above q/2 stand for negative integers.
    package mutating func add(_ value: Scalar, shiftedBy shift: Int) {
        let positive = value.canonical
        let negative = (-value).canonical
        let isNegative = negative.isLess(than: positive)
        let magnitude = isNegative ? negative : positive
        let (skip, bits) = (shift / 64, UInt64(shift % 64))
        var (carry, below): (UInt64, UInt64) = (0, 0)
        for index in skip..<words.count {
            let own = index - skip < 4 ? magnitude[index - skip] : 0
            let digit = own << bits | (bits == 0 ? 0 : below >> (64 - bits))
            below = own
            let (s, first): (UInt64, Bool)
            let (t, second): (UInt64, Bool)
            if isNegative {
                (s, first) = words[index].subtractingReportingOverflow(digit)
                (t, second) = s.subtractingReportingOverflow(carry)
            } else {
                (s, first) = words[index].addingReportingOverflow(digit)
                (t, second) = s.addingReportingOverflow(carry)
            }
            words[index] = t
            carry = (first ? 1 : 0) + (second ? 1 : 0)
        }
    }

    /// self / divisor, where that is an integer; anything else gives some integer.
    ///
    /// - Precondition: the divisor is odd.
    /// - Reference: Jebelean 1993, "An algorithm for exact division".
    package func dividedExactly(by divisor: [UInt64]) -> SignedWords {
        precondition(divisor[0] & 1 == 1)
        // Each step doubles the number of right digits; three are right to begin with.
        var inverse = divisor[0]
        for _ in 0..<5 { inverse = inverse &* (2 &- divisor[0] &* inverse) }
        var (rest, quotient) = (words, self)
        for index in words.indices {
            let digit = rest[index] &* inverse
            quotient.words[index] = digit
            var carry: UInt64 = 0
            for place in index..<words.count {
                let factor = place - index < divisor.count ? divisor[place - index] : 0
                if factor == 0 && carry == 0 && place - index >= divisor.count { break }
                let full = digit.multipliedFullWidth(by: factor)
                let (low, first) = full.low.addingReportingOverflow(carry)
                let (left, second) = rest[place].subtractingReportingOverflow(low)
                rest[place] = left
                carry = full.high + (first ? 1 : 0) + (second ? 1 : 0)
            }
        }
        return quotient
    }

    /// ⌊self / 2^offset⌋ mod 2^width.
    ///
    /// - Precondition: width ≤ 128.
    package func digit(at offset: Int, width: Int) -> UInt128 {
        words.digit(at: offset, width: width, above: sign)
    }

    /// The digit that goes on above.
    private var sign: UInt64 { words[words.count - 1] >> 63 == 1 ? .max : 0 }
}
