// SPDX-License-Identifier: Apache-2.0

import Failures
import FiniteFields

/// Numbers as snarkjs' JSON writes them: strings of decimal digits.
enum DecimalText {
    /// The integer as `count` little-endian words.
    ///
    /// `nil` for anything but digits without a leading zero. A value of more words than `count` gives all
    /// ones, which is above every modulus of that width.
    ///
    /// - Complexity: quadratic in the digits, of which no more than 160 are read.
    static func words(_ text: String, count: Int) -> [UInt64]? {
        let digits = Array(text.utf8.prefix(161))
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        guard digits.count == 1 || digits[0] != 0x30 else { return nil }
        // 160 digits are more than 6 words hold; the rest would not change the verdict.
        var words = [UInt64](repeating: 0, count: count)
        for digit in digits {
            var carry = UInt64(digit - 0x30)
            for i in 0..<count {
                let product = words[i].multipliedFullWidth(by: 10)
                let (low, overflow) = product.low.addingReportingOverflow(carry)
                words[i] = low
                carry = product.high + (overflow ? 1 : 0)
            }
            guard carry == 0 else { return [UInt64](repeating: .max, count: count) }
        }
        return words
    }

    /// The field element with these digits.
    ///
    /// - Throws: `.notDecimal`, or `tooLarge` for a value that is not below the modulus.
    static func element<F: PrimeField>(
        _ text: String, of field: F.Type, tooLarge: FormatError.Reason
    ) throws(ElementFault) -> F {
        guard let words = words(text, count: F.Limbs.count) else { throw ElementFault(reason: .notDecimal) }
        var limbs = F.Limbs.zero
        for i in 0..<F.Limbs.count { limbs[i] = words[i] }
        guard let element = F(canonical: limbs) else { throw ElementFault(reason: tooLarge) }
        return element
    }

    /// What is wrong with a number, before it is known where it stands.
    struct ElementFault: CodedError {
        let reason: FormatError.Reason
        var code: FailureCode { .badInput }
        var message: String { "\(reason)" }
    }
}
