// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Glibc
import Logging

/// Where a log handler's lines go. Each line is handed over whole.
package struct LogOutput: Sendable {
    private let take: @Sendable (Data) -> Void

    /// Calls `take` with each line, its newline included; may be called from any thread.
    package init(_ take: @escaping @Sendable (Data) -> Void) { self.take = take }

    /// Standard error, one `write` a line, so that lines of several threads and processes are not mixed.
    ///
    /// What cannot be written is dropped: a full or closed log never stops a proof.
    package static let standardError = LogOutput { line in
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(2, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    func write(line: String) { take(Data((line + "\n").utf8)) }
    func write(line: Data) { take(line + Data("\n".utf8)) }
}

/// The metadata of one line: the handler's, then what the provider adds, then the call's own; the last one
/// counts.
func merged(_ handler: Logger.Metadata, _ provider: Logger.MetadataProvider?, _ event: LogEvent)
    -> Logger.Metadata
{
    var result = handler
    if let provided = provider?.get() { result.merge(provided) { $1 } }
    if let own = event.metadata { result.merge(own) { $1 } }
    if let error = event.error { result["error"] = "\(error)" }
    return result
}

/// The time as `2025-11-22T19:46:59.123Z`.
func timestamp(_ date: Date = Date()) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
}
