// SPDX-License-Identifier: Apache-2.0

extension FileKind {
    /// What a file of the kind is, for people.
    public var description: String {
        switch self {
        case .r1cs: "a circuit (r1cs)"
        case .witness: "a witness (wtns)"
        case .provingKey: "a proving key (zkey)"
        case .powersOfTau: "powers of tau (ptau)"
        case .verifyingKey: "a verification key"
        case .proof: "a proof"
        case .publicInputs: "public inputs"
        }
    }

    /// Whether the description is a plural.
    var isPlural: Bool { self == .publicInputs || self == .powersOfTau }

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
        switch head.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) {
        case UInt8(ascii: "["): return .publicInputs
        case UInt8(ascii: "{"):
            let text = String(decoding: head, as: UTF8.self)
            func has(_ key: String) -> Bool { text.contains("\"\(key)\"") }
            if has("vk_alpha_1") || has("IC") || has("nPublic") { return .verifyingKey }
            if has("pi_a") || has("pi_b") || has("polynomials") { return .proof }
        default: break
        }
        return nil
    }
}

extension MappedFile {
    /// Runs a reader. Where that fails and the file is evidently one of another kind, this is what is wrong
    /// with it.
    func expecting<R>(
        _ kind: FileKind, _ read: () throws(FormatError) -> R
    ) throws(FormatError) -> R {
        do throws(FormatError) {
            return try read()
        } catch {
            switch error.reason {
            // The file has said what it is.
            case .wrongLabel, .oldProtocol, .unknownProtocol: throw error
            default: throw otherKind(than: kind) ?? error
            }
        }
    }

    /// An error where the file is evidently one of another kind, or two in one.
    func otherKind(than wanted: FileKind) -> FormatError? {
        let found =
            ProofWithInputs.isIn(self)
            ? "a proof and public inputs in one object, each of which belongs in a file of its own"
            : FileKind.evident(self).flatMap { $0 == wanted ? nil : $0.description }
        return found.map { FormatError(.otherKind(found: $0, wanted: wanted), file: name) }
    }
}
