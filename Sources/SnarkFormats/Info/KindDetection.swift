// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension FileKind {
    /// Tells the format of a file by its first bytes, by the keys of its JSON object, or, for gnark's files,
    /// by counts that fill it exactly; never by its name.
    ///
    /// - Throws: `.cannotRead`, `.isDirectory`, `.notARegularFile`; `.unknownFormat`.
    public static func detect(_ url: URL) throws(FormatError) -> FileKind {
        try detect(MappedFile(url, access: .onDemand))
    }

    /// Tells the format of an open file; as `detect(_:)` for a URL.
    ///
    /// - Throws: `.unknownFormat`; for JSON also `.tooLarge` and `.notJSON`.
    public static func detect(_ file: MappedFile) throws(FormatError) -> FileKind {
        let head = try file.read(at: 0, count: min(file.count, 64))
        switch String(decoding: head.prefix(4), as: UTF8.self) {
        case "r1cs": return .r1cs
        case "wtns": return .witness
        case "zkey": return .provingKey
        case "ptau": return .powersOfTau
        default: break
        }
        if AggregateHeader.begins(head) { return .aggregate }
        if let layout = GnarkLayout(file) { return layout.kind }
        switch head.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) {
        case UInt8(ascii: "["): return .publicInputs
        case UInt8(ascii: "{"):
            let keys = try JSONDocument(file: file).decode(KeyProbe.self)
            if keys.isAggregationKey { return .aggregationKey }
            if keys.isVerifyingKey { return .verifyingKey }
            if keys.isProof { return .proof }
        default: break
        }
        throw FormatError(.unknownFormat, file: file.name)
    }

    /// The presence of telling keys; no value is read.
    private struct KeyProbe: Decodable {
        let isAggregationKey: Bool
        let isVerifyingKey: Bool
        let isProof: Bool

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: PolynomialDocument.Name.self)
            func has(_ name: String) -> Bool { keys.contains(PolynomialDocument.Name(name)) }
            // One member is enough: what is missing then, the reader of the kind says.
            isAggregationKey = ["a_1", "a_2", "b_1", "b_2"].contains(where: has)
            isVerifyingKey = ["nPublic", "IC", "vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "X_2"]
                .contains(where: has)
            isProof =
                ["protocol", "pi_a", "pi_b", "pi_c", "polynomials", "evaluations"].contains(where: has)
        }
    }
}
