// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations

/// What commands write beside their results.
enum Console {
    /// True when standard error is a terminal: only then is progress shown.
    static let showsProgress = isatty(2) == 1

    /// One line on standard error, or several. What is in it of others' texts cannot steer a terminal.
    static func error(_ line: String) { write(plain(line) + "\n") }

    /// Control characters but for the end of a line, spelt out.
    private static func plain(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar != "\n", scalar != "\t", scalar.properties.generalCategory == .control {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// To standard error, whatever becomes of it: a closed or full one is no reason to lose a result.
    private static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(2, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Replaces the line of progress on the terminal; does nothing when standard error is not one.
    static func progress(_ text: String) {
        guard showsProgress else { return }
        write("\r\u{1b}[K" + plain(text))
    }

    /// Removes the line of progress.
    static func endProgress() { progress("") }

    /// Sees to it before anything else that descriptors 0 to 2 are open, so that no file that is opened later
    /// is taken for one of them, and that a reader who goes away is an error of the write and not the end of
    /// the process.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            // The wrong way round: what is read or written there fails as it did.
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    /// Brings what was printed to its reader, as far as the system tells; the command's last act.
    ///
    /// - Returns: false when something was lost. It is said on standard error, but for a reader who has gone
    ///   away: `martlet jobs | head` is no fault.
    static func finish() -> Bool {
        errno = 0
        let isWritten = StandardOutput.flush()
        let code = errno
        var reader = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
        let hasGone = poll(&reader, 1, 0) > 0 && reader.revents & Int16(POLLERR) != 0
        // An error of a write may come out as late as here.
        guard !isWritten || close(1) != 0 else { return true }
        if !(hasGone || code == EPIPE) {
            let reason = isWritten ? errno : code
            let text = reason == 0 ? "" : ": \(SystemReason.text(reason))"
            error("martlet: standard output: cannot be written\(text)")
        }
        return false
    }

    /// A result as JSON: sorted keys, one document.
    static func printJSON(_ value: some Encodable) throws { print(try json(value)) }

    /// The text that `printJSON` prints.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Rows with their columns aligned, two blanks between them.
    static func printTable(_ rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            let line = cells.joined(separator: "  ")
            print(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count))
        }
    }
}
