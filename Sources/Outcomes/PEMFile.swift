// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations

/// A look at a file that should hold certificates or a private key, before a library takes it: what it says
/// of a wrong one is for nobody's eyes.
package enum PEMFile {
    /// What is wanted of a file.
    package enum Kind: Sendable {
        /// One or more certificates.
        case certificates
        /// A private key.
        case privateKey

        fileprivate var label: String {
            switch self {
            case .certificates: "CERTIFICATE"
            case .privateKey: "PRIVATE KEY"
            }
        }

        fileprivate var name: String {
            switch self {
            case .certificates: "certificate"
            case .privateKey: "private key"
            }
        }
    }

    /// What is wrong with the file at `path`, as a clause; nil where it has blocks of the kind.
    package static func fault(_ path: String, _ kind: Kind) -> String? {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            return "cannot be read: \(SystemReason.text(error))"
        }
        let text = String(decoding: data.prefix(16 << 20), as: UTF8.self)
        let labels = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("-----BEGIN ") }
        guard !labels.isEmpty else {
            return "not a PEM file: a \(kind.name) begins with -----BEGIN \(kind.label)-----"
        }
        guard labels.contains(where: { $0.contains(kind.label) }) else {
            let other: Kind = kind == .certificates ? .privateKey : .certificates
            let isOther = labels.contains { $0.contains(other.label) }
            return isOther
                ? "holds a \(other.name), and a \(kind.name) is wanted here" : "holds no \(kind.name)"
        }
        if kind == .privateKey,
            labels.contains(where: { $0.contains("ENCRYPTED") })
                || text.contains("Proc-Type: 4,ENCRYPTED")
        {
            return "the private key is encrypted; store it without a pass phrase"
        }
        return nil
    }

    /// What to say where there is a block of the kind and it cannot be decoded.
    package static func undecodable(_ kind: Kind) -> String { "its \(kind.name) is damaged" }
}
