public import Circuits
import FiniteFields
import Foundation
import Outcomes
import StrictJSON

/// An element of the field in JSON: a canonical decimal string.
public struct Element: Codable, Hashable, Sendable {
    public var value: Scalar

    public init(_ value: Scalar) { self.value = value }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        // One text for each element: no sign, no leading zero, below the order.
        guard let value = Scalar(decimal: text), value.decimal == text else {
            throw DecodingError.refused(
                "not a decimal number below the group order", at: decoder.codingPath)
        }
        self.value = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.decimal)
    }
}

/// JSON files of a federation: read with limits, written whole or not at all.
enum JSONFile {
    /// The largest network of a task has 2^24 weights of some ten characters.
    static let sizeLimit = 512 << 20

    static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws(FederationError) -> Value {
        let data: Data
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw FederationError(.badInput, file: path, "not a regular file")
            }
            guard (attributes[.size] as? Int ?? 0) <= sizeLimit else {
                throw FederationError(.badInput, file: path, "larger than \(sizeLimit >> 20) MiB")
            }
            data = try Data(contentsOf: URL(filePath: path))
        } catch let error as FederationError {
            throw error
        } catch {
            throw FederationError(.badInput, file: path, "cannot be read: \(SystemReason.text(error))")
        }
        return try decode(type, data, file: path)
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, _ data: Data, file: String
    ) throws(FederationError) -> Value {
        do throws(JSONError) {
            return try StrictJSONDecoder().decode(type, from: data)
        } catch {
            throw FederationError(.badInput, file: file, error.description)
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

    /// Through a temporary file beside it and a rename.
    static func write(data: Data, to path: String, mode: Int = 0o644) throws(FederationError) {
        let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).tmp"
        // What a process of the same number left when it died.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else {
            throw FederationError(
                .infrastructure, file: path, "cannot be written: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: data)
            try file.synchronize()
            try file.close()
            guard rename(temporary, path) == 0 else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
        } catch {
            unlink(temporary)
            throw FederationError(
                .infrastructure, file: path, "cannot be written: \(SystemReason.text(error))")
        }
    }

    static func make(directory path: String) throws(FederationError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FederationError(
                .infrastructure, file: path, "cannot be made: \(SystemReason.text(error))")
        }
    }
}
