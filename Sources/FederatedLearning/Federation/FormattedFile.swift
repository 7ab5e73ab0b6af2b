// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnarkFormats

/// A file with a `format` of its own.
protocol FormattedFile: Codable {
    static var currentFormat: String { get }
    var format: String { get }
}

extension FormattedFile {
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
                throw FederationError(
                    .badInput, file: file.name, "format: \"\(value.format)\" is not \"\(currentFormat)\"")
            }
            return value
        } catch {
            guard let kind = FederationFileKind(format: currentFormat) else { throw error }
            throw FederationError.otherKind(file, wanted: kind) ?? error
        }
    }
}
