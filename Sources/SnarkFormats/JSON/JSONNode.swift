// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields

/// A JSON value to be written: object keys keep their order, and the layout is one blank per level, as in the
/// files of snarkjs. Strings are labels and digits, so nothing needs escaping.
indirect enum JSONNode {
    case string(String)
    case integer(Int)
    case array([JSONNode])
    case object([(String, JSONNode)])

    /// The text, without a newline at the end.
    var text: String {
        var out = ""
        write(to: &out, level: 0)
        return out
    }

    private func write(to out: inout String, level: Int) {
        switch self {
        case .string(let text): out += "\"\(text)\""
        case .integer(let value): out += String(value)
        case .array(let items):
            Self.list(items, "[", "]", to: &out, level: level) { item, out in
                item.write(to: &out, level: level + 1)
            }
        case .object(let members):
            Self.list(members, "{", "}", to: &out, level: level) { member, out in
                out += "\"\(member.0)\": "
                member.1.write(to: &out, level: level + 1)
            }
        }
    }

    private static func list<Item>(
        _ items: [Item], _ open: String, _ close: String, to out: inout String, level: Int,
        _ write: (Item, inout String) -> Void
    ) {
        guard !items.isEmpty else {
            out += open + close
            return
        }
        out += open
        for (i, item) in items.enumerated() {
            out += (i == 0 ? "\n" : ",\n") + String(repeating: " ", count: level + 1)
            write(item, &out)
        }
        out += "\n" + String(repeating: " ", count: level) + close
    }

    /// A field element as a decimal string.
    static func element(_ value: some PrimeField) -> JSONNode { .string(value.canonical.decimal) }

    /// A point of G1 as snarkjs writes it.
    static func g1<Group: CurveGroup>(_ point: Affine<Group>) -> JSONNode where Group.BaseField: PrimeField {
        if point.isIdentity { return .array([.string("0"), .string("1"), .string("0")]) }
        return .array([element(point.x), element(point.y), .string("1")])
    }

    /// A point of G2 as snarkjs writes it: c0 before c1.
    static func g2<Group: CurveGroup, Tower: TowerParameters>(_ point: Affine<Group>) -> JSONNode
    where Group.BaseField == Fp2<Tower> {
        if point.isIdentity { return .array([pair("0", "0"), pair("1", "0"), pair("0", "0")]) }
        return .array([
            .array([element(point.x.c0), element(point.x.c1)]),
            .array([element(point.y.c0), element(point.y.c1)]),
            pair("1", "0"),
        ])
    }

    private static func pair(_ a: String, _ b: String) -> JSONNode { .array([.string(a), .string(b)]) }
}
