// SPDX-License-Identifier: Apache-2.0

extension FileKind {
    /// The kind that a file is by what stands out in it, so that a message may say which file was meant;
    /// `nil` where nothing does.
    ///
    /// Says less than `detect`, and is never wrong about a file that only lacks something.
    public static func evident(_ file: MappedFile) -> FileKind? {
        guard let head = try? file.read(at: 0, count: min(file.count, 64 << 10)) else { return nil }
        if head.count >= 4,
            let kind = FileKind(rawValue: String(decoding: head.prefix(4), as: UTF8.self))
        {
            return kind
        }
        if AggregateHeader.begins(head) { return .aggregate }
        if let layout = GnarkLayout(file) { return layout.kind }
        switch head.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) {
        case UInt8(ascii: "["): return .publicInputs
        case UInt8(ascii: "{"):
            let text = String(decoding: head, as: UTF8.self)
            func has(_ key: String) -> Bool { text.contains("\"\(key)\"") }
            if has("a_1") || has("b_1") { return .aggregationKey }
            if has("vk_alpha_1") || has("IC") || has("nPublic") { return .verifyingKey }
            if has("pi_a") || has("pi_b") || has("polynomials") { return .proof }
        default: break
        }
        return nil
    }
}
