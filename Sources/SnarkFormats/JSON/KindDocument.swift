// SPDX-License-Identifier: Apache-2.0

import StrictJSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    public import Foundation
#endif

/// A document of files of one kind: what is not one of them can be called by its name.
protocol KindDocument: Decodable {
    static var kind: FileKind { get }
}

extension Groth16ProofDocument: KindDocument {
    static var kind: FileKind { .proof }
}

extension Groth16KeyDocument: KindDocument {
    static var kind: FileKind { .verifyingKey }
}

/// Public inputs are nothing but texts in an array.
extension [String]: KindDocument {
    static var kind: FileKind { .publicInputs }
}

extension FileKind {
    /// What people call such a file.
    var noun: String {
        switch self {
        case .r1cs: "constraints (r1cs)"
        case .witness: "witness (wtns)"
        case .provingKey: "proving key (zkey)"
        case .powersOfTau: "powers of tau (ptau)"
        case .verifyingKey: "verification key"
        case .proof: "proof"
        case .publicInputs: "public inputs"
        }
    }
}

/// What some programs make of a proof and its public inputs: one object of both.
struct ProofWithInputs: Decodable {
    struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }
    var proof: Anything
    var publicSignals: Anything

    static func isIn(_ file: MappedFile) -> Bool {
        guard file.count <= JSONDocument.sizeLimit, let bytes = try? file.read(at: 0, count: file.count)
        else { return false }
        return (try? StrictJSONDecoder().decode(Self.self, from: Data(bytes))) != nil
    }
}
