// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations
import SnarkFormats

/// A file with a `format` of its own.
protocol FormattedFile: Codable {
    static var currentFormat: String { get }
    var format: String { get }
}

extension FormattedFile {
    /// What is said of a file with another format.
    static func formatFault(_ found: String) -> String {
        "format: \(quoted(found, limit: 60)) is not \"\(currentFormat)\""
    }

    /// Reads a link of the published history.
    ///
    /// - Throws: `.invalid` for a file that is missing or is no such file: the history is broken there.
    static func read(published path: String) throws(FederationError) -> Self {
        do throws(FederationError) { return try read(path) } catch {
            guard error.kind == .badInput else { throw error }
            throw FederationError(.invalid, file: error.file, error.reason)
        }
    }

    /// - Throws: what is wrong with the file: its format, or that it is one of another kind, among it.
    static func read(
        _ path: String, from source: JSONFile.Source = .federation
    ) throws(FederationError) -> Self {
        try read(JSONFile.open(path, from: source))
    }

    /// - Throws: as `read(_:from:)`.
    static func read(_ file: MappedFile) throws(FederationError) -> Self {
        do throws(FederationError) {
            let value = try JSONFile.decode(Self.self, file)
            guard value.format == currentFormat else {
                throw FederationError(.badInput, file: file.name, formatFault(value.format))
            }
            return value
        } catch {
            guard let kind = FederationFileKind(format: currentFormat) else { throw error }
            if let other = FederationError.otherKind(file, wanted: kind) { throw other }
            // Another version may have other members.
            if let format = FederationFileKind.format(of: file), format != currentFormat {
                throw FederationError(.badInput, file: file.name, formatFault(format))
            }
            throw error
        }
    }
}
