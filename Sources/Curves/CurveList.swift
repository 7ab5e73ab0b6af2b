// SPDX-License-Identifier: Apache-2.0

extension CurveID: CaseIterable, RawRepresentable, CustomStringConvertible, Codable {
    /// All curves, in the order in which they are listed to people. `Suites.swift` in Compute has them too.
    public static let allCases: [CurveID] = [BN254.id, BLS12381.id, BLS12377.id]

    /// BN254, the curve that is taken where a text names none.
    public static var bn254: CurveID { BN254.id }
    /// BLS12-381.
    public static var bls12381: CurveID { BLS12381.id }
    /// BLS12-377.
    public static var bls12377: CurveID { BLS12377.id }

    /// The name in our own files and reports.
    public var description: String { rawValue }

    /// Takes `rawValue` and nothing else.
    public init?(rawValue: String) {
        guard let id = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = id
    }

    /// The curve that a file, an option or a request names, in any of the spellings that tools write,
    /// whatever the case: `bn254`, `bn128`, `altbn128`, `alt_bn128` and `alt-bn128` are one curve,
    /// `bls12381`, `bls12-381` and `bls12_381` another, and so for the third.
    ///
    /// This is the one place where names of curves are read. What is written is `snarkjsName` in snarkjs'
    /// files and the raw value in our own.
    ///
    /// - Returns: `nil` for anything else.
    public init?(name: String) {
        // Bytes, since letters outside of ASCII can have a small letter inside of it.
        let small = name.utf8.prefix(16).map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        guard let id = Self.allCases.first(where: { $0.spellings.contains { $0.utf8.elementsEqual(small) } })
        else { return nil }
        self = id
    }

    /// All names, in small letters.
    private var spellings: [String] {
        let names = suite.names
        return [names.own, names.snarkjs] + names.others
    }

    /// Reads any spelling, as `init(name:)`.
    ///
    /// - Throws: `DecodingError` for what is no name of a curve.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let id = Self(name: name) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "the curve \(name.prefix(40)) is not one of \(known)")
        }
        self = id
    }
}
