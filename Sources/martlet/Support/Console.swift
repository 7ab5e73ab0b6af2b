import Foundation

/// What commands write beside their results.
enum Console {
    /// True when standard error is a terminal: only then is progress shown.
    static let showsProgress = isatty(2) == 1

    /// One line on standard error.
    static func error(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// Replaces the line of progress on the terminal; does nothing when standard error is not one.
    static func progress(_ text: String) {
        guard showsProgress else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
    }

    /// Removes the line of progress.
    static func endProgress() { progress("") }

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
