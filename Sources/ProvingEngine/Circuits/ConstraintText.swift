// SPDX-License-Identifier: Apache-2.0

import ConstraintSystems
import FiniteFields
import SnarkFormats

/// A constraint as people read it, such as `(main.a + 2·main.b) · main.c = main.out − 1`. It says nothing of
/// a witness.
struct ConstraintText<Scalar: PrimeField> {
    let system: R1CS<Scalar>
    /// Where it is missing wires have numbers: `w5`.
    let names: SignalNames?

    /// Longer combinations are cut: nobody reads them, and messages travel.
    private static var termLimit: Int { 8 }
    private static var nameLimit: Int { 120 }
    private static var digitLimit: Int { 20 }

    func callAsFunction(_ constraint: Int) -> String {
        let (a, b, c) = (sum(0, constraint), sum(1, constraint), sum(2, constraint))
        return "\(a.isSum ? "(\(a.text))" : a.text) · \(b.isSum ? "(\(b.text))" : b.text) = \(c.text)"
    }

    private func sum(_ part: Int, _ constraint: Int) -> (text: String, isSum: Bool) {
        let terms = system.combination(part, of: constraint)
        guard !terms.isEmpty else { return ("0", false) }
        var text = ""
        for term in terms.prefix(Self.termLimit) {
            let (isNegative, magnitude) = Self.signed(term.coefficient)
            if text.isEmpty {
                text = isNegative ? "−" : ""
            } else {
                text += isNegative ? " − " : " + "
            }
            text += term.wire == 0 ? magnitude : (magnitude == "1" ? "" : "\(magnitude)·") + name(term.wire)
        }
        if terms.count > Self.termLimit { text += " + … (\(terms.count - Self.termLimit) more terms)" }
        return (text, terms.count > 1)
    }

    private func name(_ wire: UInt32) -> String {
        guard let name = names?.name(ofWire: Int(wire)) else { return "w\(wire)" }
        return name.count <= Self.nameLimit ? name : "\(name.prefix(Self.nameLimit))…"
    }

    /// A coefficient above half of the order is the negative of its complement.
    private static func signed(_ coefficient: Scalar) -> (isNegative: Bool, magnitude: String) {
        let isNegative = (-coefficient).canonical.isLess(than: coefficient.canonical)
        let digits = (isNegative ? -coefficient : coefficient).decimal
        return (
            isNegative,
            digits.count <= digitLimit ? digits : "\(digits.prefix(8))…\(digits.suffix(4))"
        )
    }
}
