// SPDX-License-Identifier: Apache-2.0

package import Logging

/// The form of the log's lines on standard error.
package enum LogFormat: String, CaseIterable, Sendable {
    /// A line for people.
    case text
    /// One JSON object a line.
    case json

    /// A logger of this form that writes to standard error.
    package func logger(label: String = "martlet", level: Logger.Level) -> Logger {
        let format = self
        var logger = Logger(label: label) { label in
            switch format {
            case .text: TextLogHandler(label: label, output: .standardError)
            case .json: JSONLogHandler(label: label, output: .standardError)
            }
        }
        logger.logLevel = level
        return logger
    }
}
