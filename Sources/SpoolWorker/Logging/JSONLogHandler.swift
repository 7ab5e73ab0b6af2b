// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Logging

/// Writes each log event as one JSON object on one line: `time`, `level`, `logger`, `message`, then the
/// metadata.
///
/// Metadata given as `.stringConvertible` of an integer, a `Double` or a `Bool` is written as such, other
/// values are strings; dictionaries and arrays stay what they are. A metadata key that collides with one of
/// the four fixed keys gets an underscore in front.
package struct JSONLogHandler: LogHandler {
    /// Added to each line.
    package var metadata: Logger.Metadata = [:]
    /// Adds metadata from the task's context.
    package var metadataProvider: Logger.MetadataProvider?
    /// Events below this level are dropped.
    package var logLevel = Logger.Level.info

    private let label: String
    private let output: LogOutput
    private static let fixedKeys: Set<String> = ["time", "level", "logger", "message"]

    /// A handler for the logger called `label`.
    package init(label: String, output: LogOutput) {
        self.label = label
        self.output = output
    }

    /// The value of one metadata key.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the event.
    package func log(event: LogEvent) {
        var fields: [(String, JSONText)] = [
            ("time", .string(timestamp())), ("level", .string(event.level.rawValue)),
            ("logger", .string(label)),
            ("message", .string("\(event.message)")),
        ]
        let metadata = merged(metadata, metadataProvider, event)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let name = JSONLogHandler.fixedKeys.contains(key) ? "_" + key : key
            fields.append((name, JSONText(value)))
        }
        output.write(line: JSONText.object(fields).text)
    }
}

/// A JSON value that keeps the order of its keys.
private enum JSONText {
    case string(String)
    case literal(String)
    case array([JSONText])
    case object([(String, JSONText)])

    init(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): self = .string(text)
        case .stringConvertible(let value): self = JSONText.scalar(value)
        case .array(let values): self = .array(values.map(JSONText.init))
        case .dictionary(let values):
            self = .object(values.sorted { $0.key < $1.key }.map { ($0.key, JSONText($0.value)) })
        }
    }

    /// The type decides, not the look of the text: an identifier that is all digits stays a string.
    private static func scalar(_ value: any CustomStringConvertible) -> JSONText {
        switch value {
        case let value as Bool: .literal(value ? "true" : "false")
        case let value as any FixedWidthInteger: .literal("\(value)")
        case let value as Double where value.isFinite: .literal("\(value)")
        default: .string(value.description)
        }
    }

    var text: String {
        switch self {
        case .literal(let text): text
        case .string(let text): JSONText.escape(text)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let fields):
            "{" + fields.map { JSONText.escape($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
        }
    }

    private static func escape(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
