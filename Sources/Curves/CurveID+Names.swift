// SPDX-License-Identifier: Apache-2.0

extension CurveID {
    /// The curve that a file, an option or a request names, in any of the spellings that tools write,
    /// whatever the case: `bn254`, `bn128`, `altbn128`, `alt_bn128` and `alt-bn128` are one curve,
    /// `bls12381`, `bls12-381` and `bls12_381` the other.
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
        switch self {
        case .bn254: ["bn254", "bn128", "altbn128", "alt_bn128", "alt-bn128"]
        case .bls12381: ["bls12381", "bls12-381", "bls12_381"]
        }
    }

    /// Reads any spelling, as `init(name:)`.
    ///
    /// - Throws: `DecodingError` for what is no name of a curve.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let id = Self(name: name) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: " and ")
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "the curve \(name.prefix(40)) is not one of \(known)")
        }
        self = id
    }
}
