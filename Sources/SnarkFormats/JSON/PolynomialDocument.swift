// SPDX-License-Identifier: Apache-2.0

/// The names of the parts of plonk's and fflonk's JSON files.
struct PolynomialSchema: Sendable {
    let system: ProofSystem
    let proofPoints, proofScalars, keyPoints, keyScalars: [String]

    static let all = [
        PolynomialSchema(
            system: .plonk,
            proofPoints: ["A", "B", "C", "Z", "T1", "T2", "T3", "Wxi", "Wxiw"],
            proofScalars: ["eval_a", "eval_b", "eval_c", "eval_s1", "eval_s2", "eval_zw"],
            keyPoints: ["Qm", "Ql", "Qr", "Qo", "Qc", "S1", "S2", "S3"],
            keyScalars: ["k1", "k2", "w"]),
        PolynomialSchema(
            system: .fflonk,
            proofPoints: ["C1", "C2", "W1", "W2"],
            proofScalars: [
                "ql", "qr", "qm", "qo", "qc", "s1", "s2", "s3", "a", "b", "c", "z", "zw", "t1w", "t2w", "inv",
            ],
            keyPoints: ["C0"],
            keyScalars: ["k1", "k2", "w", "w3", "w4", "w8", "wr"]),
    ]

    static let names = Set(all.flatMap { $0.proofPoints + $0.proofScalars + $0.keyPoints + $0.keyScalars })
}

/// The parts of a plonk or fflonk JSON file that a schema knows; everything else is skipped unread.
///
/// fflonk's proofs keep the parts in two objects, `polynomials` and `evaluations`; all others at the top.
struct PolynomialDocument: Decodable {
    enum Part {
        case point([String])
        case scalar(String)
    }

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    let `protocol`: String
    let curve: String?
    let publicCount: Int?
    let power: Int?
    let x2: [[String]]?
    private var parts: [String: Part] = [:]

    init(from decoder: any Decoder) throws {
        let top = try decoder.container(keyedBy: Name.self)
        `protocol` = try top.decode(String.self, forKey: Name("protocol"))
        curve = try top.decodeIfPresent(String.self, forKey: Name("curve"))
        publicCount = try top.decodeIfPresent(Int.self, forKey: Name("nPublic"))
        power = try top.decodeIfPresent(Int.self, forKey: Name("power"))
        x2 = try top.decodeIfPresent([[String]].self, forKey: Name("X_2"))
        try collect(top)
        for key in ["polynomials", "evaluations"] where top.contains(Name(key)) {
            try collect(top.nestedContainer(keyedBy: Name.self, forKey: Name(key)))
        }
    }

    private mutating func collect(_ container: KeyedDecodingContainer<Name>) throws {
        for name in PolynomialSchema.names where container.contains(Name(name)) {
            // A point is an array: what is neither array nor string fails as the string that it should be.
            if let texts = try? container.decode([String].self, forKey: Name(name)) {
                parts[name] = .point(texts)
            } else {
                parts[name] = .scalar(try container.decode(String.self, forKey: Name(name)))
            }
        }
    }

    /// The parts with these names.
    ///
    /// - Throws: `.missingKey`.
    func parts(_ names: [String], _ json: JSONDocument) throws(FormatError) -> [(name: String, value: Part)] {
        var result: [(name: String, value: Part)] = []
        for name in names {
            guard let part = parts[name] else { throw json.error(.missingKey, at: name) }
            result.append((name, part))
        }
        return result
    }
}
