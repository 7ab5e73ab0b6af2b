// SPDX-License-Identifier: Apache-2.0

import ConstraintSystems
import Curves
import FiniteFields

extension ConstraintStore where Scalar == BN254.Fr {
    /// Records a combination as it is; `finish` puts it in order.
    mutating func record(_ combination: Linear) {
        let terms = combination.terms
        if !combination.constant.isZero { append(wire: 0, coefficient: combination.constant) }
        if terms.first != 0 { append(wire: terms.first.magnitude, isNegative: terms.first < 0) }
        if terms.second != 0 { append(wire: terms.second.magnitude, isNegative: terms.second < 0) }
        for term in terms.others where !term.coefficient.isZero {
            append(wire: term.wire, coefficient: term.coefficient)
        }
        endCombination(raw: true)
    }

    /// The wires of a combination.
    func wires(of combination: Int) -> [UInt32] {
        let (terms, bounds) = place(of: combination)
        return terms[bounds].map(ConstraintBlock.wire)
    }
}
