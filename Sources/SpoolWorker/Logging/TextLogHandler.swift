// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Logging

/// Writes each log event as a line for people: `2025-11-22T19:46:59.123Z info proof published job=a
/// seconds=0.12`.
package struct TextLogHandler: LogHandler {
    /// Added to each line.
    package var metadata: Logger.Metadata = [:]
    /// Adds metadata from the task's context.
    package var metadataProvider: Logger.MetadataProvider?
    /// Events below this level are dropped.
    package var logLevel = Logger.Level.info

    private let label: String
    private let output: LogOutput

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

    /// Writes the event. What would break the line is escaped.
    package func log(event: LogEvent) {
        var line = "\(timestamp()) \(event.level.rawValue) \(escaped("\(event.message)", asValue: false))"
        for (key, value) in merged(metadata, metadataProvider, event).sorted(by: { $0.key < $1.key }) {
            line += " \(escaped(key, asValue: true))=\(text(value))"
        }
        output.write(line: line)
    }

    private func text(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): escaped(text, asValue: true)
        case .stringConvertible(let value): escaped(value.description, asValue: true)
        case .array(let values): "[" + values.map(text).joined(separator: " ") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }
                .map { "\(escaped($0.key, asValue: true))=\(text($0.value))" }.joined(separator: " ") + "}"
        }
    }

    /// `text` without control characters; in quotation marks when it is a value with a space or such in it.
    private func escaped(_ text: String, asValue: Bool) -> String {
        var result = ""
        var needsMarks = text.isEmpty
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\"" where asValue:
                result += "\\\""
                needsMarks = true
            case " ", "=":
                result.unicodeScalars.append(scalar)
                needsMarks = true
            case _ where scalar.properties.generalCategory == .control:
                result += scalar.escaped(asASCII: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return asValue && needsMarks ? "\"\(result)\"" : result
    }
}
