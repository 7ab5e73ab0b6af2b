// SPDX-License-Identifier: Apache-2.0

/// A curve that Martlet proves on, known at run time only; `withSuite` in Compute gives its types.
public struct CurveID: Sendable {
    /// The type that has the curve's constants and functions.
    public let suite: any CurveSuite.Type

    init(suite: any CurveSuite.Type) { self.suite = suite }

    /// The name in snarkjs' JSON files.
    public var snarkjsName: String { suite.names.snarkjs }

    /// The name in our own files and reports.
    public var rawValue: String { suite.names.own }
}

extension CurveID: Hashable {
    /// True for the same curve.
    public static func == (a: CurveID, b: CurveID) -> Bool { a.suite == b.suite }

    /// Hashes the curve.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(suite)) }
}

extension CurveSuite {
    /// The curve, to compare and to keep.
    public static var id: CurveID { CurveID(suite: Self.self) }
}
