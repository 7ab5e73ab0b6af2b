// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// Multiplication by a curve's parameter, for membership checks: one scalar known beforehand, so no table.
extension Jacobian {
    /// k·P for the integer k whose digits, −1, 0 and 1, are given; variable-time.
    func multiplied(by digits: SignedDigits) -> Self {
        Self.multiply(digits, plus: { $0 += self }, minus: { $0 += -self })
    }

    @inline(__always)
    fileprivate static func multiply(
        _ digits: SignedDigits, plus: (inout Self) -> Void, minus: (inout Self) -> Void
    ) -> Self {
        var result = Self.identity
        for digit in digits.digits {
            result = result.doubled()
            if digit > 0 { plus(&result) } else if digit < 0 { minus(&result) }
        }
        return result
    }
}

extension Affine {
    /// k·P as above, by mixed additions.
    func multiplied(by digits: SignedDigits) -> Jacobian<Group> {
        Jacobian.multiply(digits, plus: { $0 += self }, minus: { $0 += -self })
    }
}
