// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields
import Foundation
import Foundations
package import SnarkFormats
import StrictJSON

/// An element of the field in JSON: a canonical decimal string.
package struct Element: Codable, Hashable, Sendable {
    package var value: Scalar

    package init(_ value: Scalar) { self.value = value }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        // One text for each element: no sign, no leading zero, below the order.
        guard let value = Scalar(decimal: text), value.decimal == text else {
            throw DecodingError.refused(
                "not a decimal number below the group order", at: decoder.codingPath)
        }
        self.value = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.decimal)
    }
}

/// JSON files of a federation: read with limits, members that they do not have refused; written whole or not
/// at all.
package enum JSONFile {
    /// The largest network of a task has 2^24 weights of some ten characters.
    static let sizeLimit = 512 << 20

    /// Who says where a file is.
    package enum Source: Sendable {
        /// A person: it may be a pipe.
        case argument
        /// It is one of a federation's, or of a client's: a regular file. Nobody waits for a pipe there.
        case federation
    }

    /// - Throws: that there is no such file, or that it cannot be read.
    static func open(_ path: String, from source: Source) throws(FederationError) -> MappedFile {
        do throws(FormatError) {
            return switch source {
            case .argument: try MappedFile(input: path, limit: sizeLimit)
            case .federation: try MappedFile(path: path)
            }
        } catch {
            throw FederationError(error)
        }
    }

    /// - Throws: what is wrong with the file.
    static func decode<Value: Decodable>(
        _ type: Value.Type, _ file: MappedFile
    ) throws(FederationError) -> Value {
        guard file.count <= sizeLimit else {
            throw FederationError(
                FormatError(.tooLarge(bytes: file.count, limit: sizeLimit), file: file.name))
        }
        let data = file.withBytes { bytes in bytes.withUnsafeBytes { Data($0) } }
        return try decode(type, data, file: file.name)
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, _ data: Data, file: String
    ) throws(FederationError) -> Value {
        do throws(JSONError) {
            return try StrictJSONDecoder(unknownKeys: .refuse).decode(type, from: data)
        } catch {
            throw FederationError(.badInput, file: file, error.message)
        }
    }

    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }

    /// - Parameter mode: the permissions of the new file.
    static func write(_ value: some Encodable, to path: String, mode: Int = 0o644) throws(FederationError) {
        do {
            try write(data: try encode(value), to: path, mode: mode)
        } catch let error as FederationError {
            throw error
        } catch {
            throw FederationError(.infrastructure, file: path, "cannot be put into JSON")
        }
    }

    /// See `OutputTarget.write`.
    static func write(data: Data, to path: String, mode: Int = 0o644) throws(FederationError) {
        do throws(FormatError) {
            try OutputTarget.write([(try OutputTarget(path), Array(data))], mode: UInt32(mode))
        } catch {
            throw FederationError(error)
        }
    }

    static func make(directory path: String, mode: Int = 0o777) throws(FederationError) {
        do {
            // What the caller's umask takes away is taken away.
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: mode == 0o777 ? nil : [.posixPermissions: mode])
        } catch {
            throw FederationError(
                .infrastructure, file: path, "cannot be made: \(SystemReason.text(error))")
        }
    }
}

extension FederationError {
    /// What a reader or writer of files says.
    package init(_ error: FormatError) {
        let place = error.place.description
        self.init(
            error.isSystemFault ? .infrastructure : .badInput, file: error.file,
            place.isEmpty ? error.reason.description : "\(place): \(error.reason)")
    }
}
