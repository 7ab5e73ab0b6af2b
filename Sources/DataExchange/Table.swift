// SPDX-License-Identifier: Apache-2.0

/// What stands between the cells of a table in text.
package enum Separator: String, CaseIterable, Sendable {
    case comma
    case semicolon
    case tab

    var byte: UInt8 {
        switch self {
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        }
    }
}

/// A table in text with a heading, by RFC 4180: cells between commas, semicolons or tabs, in quotation marks
/// where they have any of these, line ends or (doubled) quotation marks in them; LF or CR LF ends a line, and
/// a mark of byte order may stand first. UTF-8. Empty lines are passed over; all other rows have as many
/// cells as the heading.
///
/// Blanks around a cell are none of it, but for those within quotation marks.
package struct Table: Sendable {
    /// The longest cell, in bytes.
    package static let cellLimit = 1 << 16
    /// The most columns.
    package static let columnLimit = 1 << 17

    /// The names in the first row; names that are not empty occur once.
    package let heading: [String]
    package let separator: Separator
    /// The rows behind the heading.
    package private(set) var rows: [Row] = []

    /// A row's cells: texts that are cut from one buffer.
    package struct Row: Sendable {
        /// The row's first line in its file, from 1 on.
        package let line: Int
        fileprivate(set) var bytes: [UInt8] = []
        /// Where each cell ends.
        fileprivate(set) var ends: [Int] = []

        package var count: Int { ends.count }

        private func range(_ column: Int) -> Range<Int> {
            (column == 0 ? 0 : ends[column - 1])..<ends[column]
        }

        /// The text of a cell.
        package func text(_ column: Int) -> String {
            String(decoding: bytes[range(column)], as: UTF8.self)
        }

        /// The number in a cell (see `DecimalNumber`).
        package func number(_ column: Int) -> Double? {
            bytes.withUnsafeBufferPointer { DecimalNumber.parse($0[range(column)]) }
        }

        /// Whether a cell says that there is no value (see `missingMarks`).
        package func isMissing(_ column: Int) -> Bool {
            let range = range(column)
            guard range.count <= 4 else { return false }
            return range.isEmpty || Table.missingMarks.contains(text(column))
        }
    }

    /// The texts that stand for a value that is not there, beside none at all.
    package static let missingMarks: Set<String> = [
        "NA", "N/A", "NaN", "nan", "NAN", "null", "NULL", "None", "?",
    ]

    /// - Parameters:
    ///   - bytes: of the whole file.
    ///   - separator: `nil` to take the one that is most often in the heading.
    /// - Throws: what is wrong, with line and column.
    package init(_ bytes: [UInt8], separator: Separator? = nil) throws(ExchangeError) {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<Table, ExchangeError> in
            do throws(ExchangeError) { return .success(try Table(reading: buffer, separator)) } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    private init(reading buffer: UnsafeBufferPointer<UInt8>, _ given: Separator?) throws(ExchangeError) {
        if buffer.starts(with: [0xff, 0xfe]) || buffer.starts(with: [0xfe, 0xff]) {
            throw ExchangeError("the text is UTF-16: save it as UTF-8")
        }
        let separator = given ?? Self.separator(in: buffer)
        self.separator = separator
        var reader = RowReader(buffer, separator: separator.byte)
        guard let first = try reader.next() else { throw ExchangeError("there is no heading") }
        guard first.count <= Self.columnLimit else {
            throw ExchangeError("more than \(Self.columnLimit) columns", at: "line \(first.line)")
        }
        heading = (0..<first.count).map { first.text($0) }
        var places: [String: Int] = [:]
        for (column, name) in heading.enumerated() where !name.isEmpty {
            if let earlier = places.updateValue(column, forKey: name) {
                throw ExchangeError(
                    "the heading has \(ExchangeError.shown(name)) in column \(earlier + 1) already",
                    at: "line \(first.line), column \(column + 1)")
            }
        }
        while let row = try reader.next() {
            // An empty line, as the last one often is.
            if row.count == 1, row.bytes.isEmpty { continue }
            guard row.count == heading.count else {
                throw ExchangeError(
                    "\(row.count) \(row.count == 1 ? "cell" : "cells"), but the heading has \(heading.count)",
                    at: "line \(row.line)")
            }
            rows.append(row)
        }
    }

    /// The separator that is most often in the first line, outside of quotation marks; a comma where there is
    /// none.
    private static func separator(in buffer: UnsafeBufferPointer<UInt8>) -> Separator {
        var counts = [0, 0, 0]
        var isQuoted = false
        for byte in buffer {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == UInt8(ascii: "\n") { break }
            if let kind = Separator.allCases.firstIndex(where: { $0.byte == byte }) { counts[kind] += 1 }
        }
        let most = counts.max() ?? 0
        return counts.firstIndex(of: most).map { Separator.allCases[$0] } ?? .comma
    }

    /// "line 3, column 2 (age)".
    package func place(_ row: Row, _ column: Int) -> String {
        let name = heading[column]
        return
            "line \(row.line), column \(column + 1)\(name.isEmpty ? "" : " (\(ExchangeError.shown(name)))")"
    }
}

/// Cuts a text into rows, one after the other.
private struct RowReader {
    private let buffer: UnsafeBufferPointer<UInt8>
    private let separator: UInt8
    private var position = 0
    private var line = 1

    init(_ buffer: UnsafeBufferPointer<UInt8>, separator: UInt8) {
        self.buffer = buffer
        self.separator = separator
        if buffer.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private var byte: UInt8? { position < buffer.count ? buffer[position] : nil }

    /// Whether a line ends here.
    private var isAtLineEnd: Bool {
        guard let byte else { return true }
        return byte == Self.lineFeed
            || byte == Self.carriageReturn && position + 1 < buffer.count
                && buffer[position + 1] == Self.lineFeed
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")) && byte != separator
    }

    /// - Returns: `nil` behind the last row.
    mutating func next() throws(ExchangeError) -> Table.Row? {
        guard position < buffer.count else { return nil }
        var row = Table.Row(line: line)
        while true {
            let start = row.bytes.count
            func place() -> String { "line \(line), column \(row.count + 1)" }
            while let byte, isBlank(byte) { position += 1 }
            if byte == Self.quote {
                try readQuoted(into: &row, from: start)
                while let byte, isBlank(byte) { position += 1 }
                guard isAtLineEnd || byte == separator else {
                    throw ExchangeError(
                        "there is text behind the closing quotation mark; one within a cell is written twice",
                        at: place())
                }
            } else {
                let begin = position
                while !isAtLineEnd, let byte, byte != separator {
                    guard byte != 0 else { throw ExchangeError("there is a zero byte", at: place()) }
                    guard byte != Self.quote else {
                        throw ExchangeError(
                            "there is a quotation mark within a cell that does not begin with one",
                            at: place())
                    }
                    guard byte != Self.carriageReturn else {
                        throw ExchangeError(
                            "there is a carriage return without a line feed", at: place())
                    }
                    position += 1
                }
                var end = position
                while end > begin, isBlank(buffer[end - 1]) { end -= 1 }
                row.bytes += buffer[begin..<end]
            }
            guard row.bytes.count - start <= Table.cellLimit else {
                throw ExchangeError("a cell of more than \(Table.cellLimit) bytes", at: place())
            }
            if row.bytes[start...].contains(where: { $0 >= 0x80 }),
                String(validating: row.bytes[start...], as: UTF8.self) == nil
            {
                throw ExchangeError("the text is no UTF-8", at: place())
            }
            row.ends.append(row.bytes.count)
            if isAtLineEnd { break }
            guard row.count <= Table.columnLimit else {
                throw ExchangeError("more than \(Table.columnLimit) columns", at: "line \(line)")
            }
            position += 1
        }
        if byte == Self.carriageReturn { position += 1 }
        position += 1
        line += 1
        return row
    }

    /// Reads from a quotation mark to the one that closes it.
    private mutating func readQuoted(into row: inout Table.Row, from start: Int) throws(ExchangeError) {
        let place = "line \(line), column \(row.count + 1)"
        position += 1
        while true {
            guard let byte else {
                throw ExchangeError("the quotation mark that opens this cell is never closed", at: place)
            }
            position += 1
            if byte == Self.quote {
                guard self.byte == Self.quote else { return }
                position += 1
            }
            guard byte != 0 else { throw ExchangeError("there is a zero byte", at: place) }
            if byte == Self.lineFeed { line += 1 }
            row.bytes.append(byte)
            guard row.bytes.count - start <= Table.cellLimit else {
                throw ExchangeError(
                    "a cell of more than \(Table.cellLimit) bytes: is its quotation mark closed?", at: place)
            }
        }
    }
}
