// SPDX-License-Identifier: Apache-2.0

import Curves

/// What the file of an aggregate says before its points: see `AggregateProof.encoded`.
struct AggregateHeader {
    /// What the key that verifies aggregates calls itself.
    static let proofSystem = "snarkpack"
    /// The bytes that every version begins with.
    static let magic = Array("mrtlagg".utf8)

    let curve: CurveID
    /// The number of proofs.
    let count: Int

    /// Whether a file that begins with `head` is an aggregate.
    static func begins(_ head: [UInt8]) -> Bool { head.starts(with: magic) }

    /// - Throws: `.truncated`, `.unsupportedCurve`.
    init(_ file: MappedFile) throws(FormatError) {
        guard file.count >= 16 else {
            throw FormatError(.truncated(needed: 16, available: UInt64(file.count)), file: file.name)
        }
        let head = try file.read(at: 0, count: 16)
        func number(at offset: Int) -> UInt32 {
            head[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard let curve = CurveID.allCases.first(where: { $0.suite.names.number == number(at: 8) }) else {
            let all = CurveID.allCases.map(\.rawValue).joined(separator: ", ")
            throw FormatError(
                .unsupportedCurve(found: "number \(number(at: 8))", wanted: all), file: file.name,
                place: FormatError.Place(offset: 8))
        }
        self.curve = curve
        count = Int(number(at: 12))
    }
}
