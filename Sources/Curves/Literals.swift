// SPDX-License-Identifier: Apache-2.0

import FiniteFields

extension PrimeField {
    /// A constant of this module's source; a mistyped one is a programming error and stops the process.
    init(trustedDecimal text: String) {
        guard let value = Self(decimal: text) else {
            preconditionFailure("not an element of \(Self.name): \(text)")
        }
        self = value
    }
}

extension Fp2 {
    init(_ c0: String, _ c1: String) {
        self.init(Fp(trustedDecimal: c0), Fp(trustedDecimal: c1))
    }
}
