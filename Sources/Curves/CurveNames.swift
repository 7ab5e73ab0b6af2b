// SPDX-License-Identifier: Apache-2.0

/// What a curve is called.
public struct CurveNames: Sendable {
    /// In our own files, options and reports: small letters and digits.
    public let own: String
    /// In snarkjs' JSON files.
    public let snarkjs: String
    /// As papers write it.
    public let title: String
    /// What other tools write, in small letters and besides the names above.
    public let others: [String]
    /// In our own binary files; no two curves have the same, and none has 0.
    public let number: UInt32

    /// The names of one curve.
    ///
    /// - Parameters: as the properties.
    public init(own: String, snarkjs: String, title: String, others: [String], number: UInt32) {
        self.own = own
        self.snarkjs = snarkjs
        self.title = title
        self.others = others
        self.number = number
    }
}
