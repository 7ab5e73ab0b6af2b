// SPDX-License-Identifier: Apache-2.0

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
