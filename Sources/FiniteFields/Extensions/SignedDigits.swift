// SPDX-License-Identifier: Apache-2.0

/// The digits of a non-negative integer in base 2, most significant first: zero or odd, maybe negative.
public struct SignedDigits: Sendable {
    /// The digits, most significant first.
    public let digits: [Int8]
    /// The greatest absolute value of a digit.
    public let greatest: Int

    /// Expands the integer whose limbs are given, least significant first.
    ///
    /// `width` 1 gives plain bits. A width w in 2...7 gives the non-adjacent form of that width: digits below
    /// 2^(w−1) in absolute value, of which at most one in w neighbours is not zero.
    ///
    /// - Reference: Hankerson, Menezes and Vanstone 2004, algorithm 3.35.
    public init(_ words: [UInt64], width: Int) {
        precondition((1...7).contains(width))
        var rest = words + [0]
        var reversed: [Int8] = []
        while rest.contains(where: { $0 != 0 }) {
            var digit = 0
            if rest[0] & 1 == 1 {
                digit = Int(rest[0] & ((1 << UInt64(width)) - 1))
                if width > 1 && digit >= 1 << (width - 1) { digit -= 1 << width }
                Self.subtract(digit, from: &rest)
            }
            reversed.append(Int8(digit))
            for i in rest.indices {
                let above = i + 1 < rest.count ? rest[i + 1] << 63 : 0
                rest[i] = rest[i] >> 1 | above
            }
        }
        digits = reversed.reversed()
        greatest = digits.map { Int($0.magnitude) }.max() ?? 0
    }

    /// The lowest limb absorbs a positive digit, which is made of its own bits; a negative one carries.
    private static func subtract(_ digit: Int, from words: inout [UInt64]) {
        if digit > 0 {
            words[0] -= UInt64(digit)
            return
        }
        var carry = UInt64(-digit)
        for i in words.indices {
            let (sum, overflow) = words[i].addingReportingOverflow(carry)
            words[i] = sum
            carry = overflow ? 1 : 0
        }
    }
}
