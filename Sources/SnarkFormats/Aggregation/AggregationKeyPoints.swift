// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves

/// The key that verifies aggregates of proofs, `martlet aggregate key`'s file: a·G1, a·G2, b·G1 and b·G2 for
/// two secrets, in snarkjs' way of writing points.
package struct AggregationKeyPoints<Suite: CurveSuite>: Hashable, Sendable {
    /// a·G1 and b·G1.
    package var a1, b1: Affine<Suite.G1>
    /// a·G2 and b·G2.
    package var a2, b2: Affine<Suite.G2>

    private static var label: String { AggregateHeader.proofSystem }

    /// A key of the given points, which are not checked.
    package init(a1: Affine<Suite.G1>, a2: Affine<Suite.G2>, b1: Affine<Suite.G1>, b2: Affine<Suite.G2>) {
        self.a1 = a1
        self.a2 = a2
        self.b1 = b1
        self.b2 = b2
    }

    /// The bytes of the file, without a newline at the end.
    package var text: String {
        JSONNode.object([
            ("protocol", .string(Self.label)), ("curve", .string(Suite.id.rawValue)), ("a_1", .g1(a1)),
            ("a_2", .g2(a2)), ("b_1", .g1(b1)), ("b_2", .g2(b2)),
        ]).text
    }

    /// Reads the file: every point on its curve and in its subgroup.
    ///
    /// - Throws: `.otherKind`, `.notJSON`, `.missingKey`, `.wrongType`, `.wrongLabel`, `.curveMismatch`,
    ///   `.notDecimal`, `.coordinateOutOfRange`, `.pointNotOnCurve`, `.pointNotInSubgroup`.
    package init(_ file: MappedFile) throws(FormatError) {
        do throws(FormatError) {
            try self.init(reading: file)
        } catch {
            throw file.otherKind(than: .aggregationKey) ?? error
        }
    }

    private init(reading file: MappedFile) throws(FormatError) {
        let json = JSONDocument(file: file)
        let label = try json.labels(limit: JSONLimits.proof).proofSystem
        guard label == Self.label else {
            throw json.error(
                .wrongLabel(expected: Self.label, found: String(label.prefix(40))), at: "protocol")
        }
        let document = try json.decode(AggregationKeyDocument.self, limit: JSONLimits.proof)
        try json.check(curve: document.curve, is: Suite.id)
        self.init(
            a1: try json.g1(document.a1, of: Suite.self, at: "a_1"),
            a2: try json.g2(document.a2, of: Suite.self, at: "a_2"),
            b1: try json.g1(document.b1, of: Suite.self, at: "b_1"),
            b2: try json.g2(document.b2, of: Suite.self, at: "b_2"))
    }
}

private struct AggregationKeyDocument: Decodable {
    var `protocol`: String
    var curve: String
    var a1: [String]
    var a2: [[String]]
    var b1: [String]
    var b2: [[String]]

    private enum CodingKeys: String, CodingKey {
        case `protocol`
        case curve
        case a1 = "a_1"
        case a2 = "a_2"
        case b1 = "b_1"
        case b2 = "b_2"
    }
}
