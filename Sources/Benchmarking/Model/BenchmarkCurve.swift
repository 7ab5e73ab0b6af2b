// SPDX-License-Identifier: Apache-2.0

package import Curves

/// A curve that is measured: one with a pairing, or one of those without.
package enum BenchmarkCurve: RawRepresentable, CaseIterable, Hashable, Sendable {
    case suite(CurveID)
    case grumpkin, babyJubJub

    package static var allCases: [Self] { CurveID.allCases.map(Self.suite) + [.grumpkin, .babyJubJub] }

    /// The name in options and reports.
    package var rawValue: String {
        switch self {
        case .suite(let id): id.rawValue
        case .grumpkin: "grumpkin"
        case .babyJubJub: "babyjubjub"
        }
    }

    /// Reads a name, of a pairing's curve in any spelling.
    package init?(rawValue name: String) {
        if let id = CurveID(name: name) {
            self = .suite(id)
        } else if let other = [Self.grumpkin, .babyJubJub].first(where: { $0.rawValue == name.lowercased() })
        {
            self = other
        } else {
            return nil
        }
    }

    /// The name as papers write it.
    var displayName: String {
        switch self {
        case .suite(let id): id.displayName
        case .grumpkin: Grumpkin.name
        case .babyJubJub: BabyJubJub.name
        }
    }
}

extension BenchmarkCurve: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let curve = Self(rawValue: name) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "no curve: \(name.prefix(40))")
        }
        self = curve
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
