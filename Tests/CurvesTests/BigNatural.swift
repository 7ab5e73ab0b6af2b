// SPDX-License-Identifier: Apache-2.0

/// Natural numbers of any length by schoolbook methods: enough to write an exponent down.
struct BigNatural {
    /// Least significant first; leading zeros are allowed.
    private(set) var words: [UInt64]

    init(_ words: [UInt64]) { self.words = words }

    static func * (a: Self, b: Self) -> Self {
        var result = [UInt64](repeating: 0, count: a.words.count + b.words.count)
        for i in a.words.indices {
            var carry: UInt64 = 0
            for j in b.words.indices {
                // Cannot overflow: (2⁶⁴ − 1)² + 2·(2⁶⁴ − 1) < 2¹²⁸.
                let sum = UInt128(a.words[i]) * UInt128(b.words[j]) + UInt128(result[i + j]) + UInt128(carry)
                result[i + j] = UInt64(truncatingIfNeeded: sum)
                carry = UInt64(sum >> 64)
            }
            result[i + b.words.count] = carry
        }
        return Self(result)
    }

    mutating func add(_ word: UInt64) {
        var carry = word
        for i in words.indices where carry != 0 {
            let (sum, overflow) = words[i].addingReportingOverflow(carry)
            words[i] = sum
            carry = overflow ? 1 : 0
        }
        if carry != 0 { words.append(carry) }
    }

    /// Requires `other` not above this number.
    mutating func subtract(_ other: Self) {
        var borrow: UInt64 = 0
        for i in words.indices {
            let (d, b1) = words[i].subtractingReportingOverflow(i < other.words.count ? other.words[i] : 0)
            let (e, b2) = d.subtractingReportingOverflow(borrow)
            words[i] = e
            borrow = (b1 || b2) ? 1 : 0
        }
        precondition(borrow == 0, "negative")
    }

    /// The quotient, bit by bit; the division must leave no remainder.
    func divided(by divisor: Self) -> Self {
        var quotient = [UInt64](repeating: 0, count: words.count)
        var rest = Self([UInt64](repeating: 0, count: divisor.words.count + 1))
        for bit in stride(from: 64 * words.count - 1, through: 0, by: -1) {
            rest.shiftLeft(adding: (words[bit / 64] >> UInt64(bit % 64)) & 1)
            if !rest.isLess(than: divisor) {
                rest.subtract(divisor)
                quotient[bit / 64] |= 1 << UInt64(bit % 64)
            }
        }
        precondition(rest.words.allSatisfy { $0 == 0 }, "not divisible")
        return Self(quotient)
    }

    private mutating func shiftLeft(adding bit: UInt64) {
        var carry = bit
        for i in words.indices {
            let top = words[i] >> 63
            words[i] = words[i] << 1 | carry
            carry = top
        }
    }

    private func isLess(than other: Self) -> Bool {
        for i in stride(from: max(words.count, other.words.count) - 1, through: 0, by: -1) {
            let (a, b) = (i < words.count ? words[i] : 0, i < other.words.count ? other.words[i] : 0)
            if a != b { return a < b }
        }
        return false
    }
}
