// SPDX-License-Identifier: Apache-2.0

import Compute
import FiniteFields

extension Fp12 {
    /// Π baseᵉ over pairing values, which share their squarings.
    ///
    /// - Reference: Straus 1964, with signed digits.
    static func product(
        of powers: [(base: Fp12, exponent: some PrimeField)], _ parallel: Parallel
    ) -> Fp12 {
        let parts = max(1, min(parallel.threads, powers.count / 8))
        let products = parallel.map(parts) { part in
            product(of: powers[powers.count * part / parts..<powers.count * (part + 1) / parts])
        }
        return products.reduce(.one, *)
    }

    private static func product(of powers: ArraySlice<(base: Fp12, exponent: some PrimeField)>) -> Fp12 {
        let width = 5
        let digits = powers.map { SignedDigits($0.exponent.canonical.words, width: width).digits }
        // Odd powers.
        let tables = powers.map { power in
            let square = power.base.cyclotomicSquared()
            return (1..<1 << (width - 2)).reduce(into: [power.base]) { table, _ in
                table.append(table[table.count - 1] * square)
            }
        }
        var result = Fp12.one
        for place in (0..<(digits.map(\.count).max() ?? 0)).reversed() {
            result = result.cyclotomicSquared()
            for (digits, table) in zip(digits, tables) where place < digits.count {
                let digit = digits[digits.count - 1 - place]
                if digit == 0 { continue }
                let entry = table[Int(digit.magnitude) / 2]
                result *= digit < 0 ? entry.conjugate : entry
            }
        }
        return result
    }
}
