// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations

/// What another program took for the same work.
package struct PeerFigure: Equatable, Sendable {
    package var peer: String
    package var version: String
    /// The work, in the same words as `BenchmarkResult.work`.
    package var work: String
    package var curve: BenchmarkCurve
    package var logSize: Int?
    package var threads: Int
    package var cpuSeconds: Double
    /// What is known of the machine.
    package var machine: String

    /// The columns of the file, in order.
    package static let columns = [
        "peer", "version", "work", "curve", "log2_size", "threads", "cpu_seconds", "machine",
    ]

    /// Reads the file at `path`.
    ///
    /// - Throws: `.peers` with file, line and reason; line 0 when the file cannot be read at all.
    package static func read(path: String) throws(BenchmarkError) -> [PeerFigure] {
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path)) } catch {
            throw .option("\(path): cannot be read: \(SystemReason.text(error))")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw .peers(file: path, line: 1, reason: "the file is not UTF-8 text")
        }
        return try parse(text, file: path)
    }

    /// Reads comma-separated values: a line with the names of the columns, then one line a figure. Lines that
    /// begin with '#' and empty ones are skipped; a field in double quotes may hold commas, and a doubled
    /// quote stands for one.
    ///
    /// - Throws: `.peers` with file, line and reason.
    package static func parse(_ text: String, file: String) throws(BenchmarkError) -> [PeerFigure] {
        var figures: [PeerFigure] = []
        var hasHeader = false
        // CR LF is one Character, so lines are split at any newline.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let content = line.trimmingCharacters(in: .whitespaces.union(["\u{feff}"]))
            if content.isEmpty || content.hasPrefix("#") { continue }
            let parser = LineParser(file: file, line: index + 1)
            let fields = try parser.fields(content)
            if hasHeader {
                figures.append(try parser.figure(fields))
            } else {
                try parser.requireHeader(fields)
                hasHeader = true
            }
        }
        guard hasHeader else {
            throw .peers(
                file: file, line: 1, reason: "no line with the columns \(columns.joined(separator: ","))")
        }
        return figures
    }
}

/// One line of the file, with its place for messages.
private struct LineParser {
    let file: String
    let line: Int

    private func failure(_ reason: String) -> BenchmarkError {
        .peers(file: file, line: line, reason: reason)
    }

    func fields(_ text: String) throws(BenchmarkError) -> [String] {
        var fields: [String] = []
        var rest = Substring(text)
        while true {
            var field = ""
            if rest.first == "\"" {
                rest.removeFirst()
                while true {
                    guard let quote = rest.firstIndex(of: "\"") else {
                        throw failure("a quote is not closed")
                    }
                    field += rest[..<quote]
                    rest = rest[rest.index(after: quote)...]
                    guard rest.first == "\"" else { break }
                    field.append(rest.removeFirst())
                }
                guard rest.isEmpty || rest.first == "," else { throw failure("text after a closing quote") }
            } else {
                field = rest.prefix { $0 != "," }.trimmingCharacters(in: .whitespaces)
                rest = rest.drop { $0 != "," }
            }
            fields.append(field)
            if rest.isEmpty { return fields }
            rest.removeFirst()
        }
    }

    func requireHeader(_ fields: [String]) throws(BenchmarkError) {
        guard fields == PeerFigure.columns else {
            throw failure("the columns must be \(PeerFigure.columns.joined(separator: ","))")
        }
    }

    func figure(_ fields: [String]) throws(BenchmarkError) -> PeerFigure {
        guard fields.count == PeerFigure.columns.count else {
            throw failure("\(fields.count) fields instead of \(PeerFigure.columns.count)")
        }
        guard !fields[0].isEmpty else { throw failure("peer is empty") }
        guard !fields[2].isEmpty else { throw failure("work is empty") }
        return PeerFigure(
            peer: fields[0], version: fields[1], work: fields[2], curve: try curve(fields[3]),
            logSize: fields[4].isEmpty ? nil : try integer(fields[4], "log2_size", 0...60),
            threads: try integer(fields[5], "threads", 1...4096), cpuSeconds: try seconds(fields[6]),
            machine: fields[7])
    }

    private func curve(_ text: String) throws(BenchmarkError) -> BenchmarkCurve {
        guard let curve = BenchmarkCurve(rawValue: text) else {
            throw failure(
                "curve: '\(text)' is not one of \(BenchmarkCurve.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        return curve
    }

    private func integer(
        _ text: String, _ column: String, _ range: ClosedRange<Int>
    ) throws(BenchmarkError) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw failure("\(column): '\(text)' is not an integer in \(range.lowerBound)…\(range.upperBound)")
        }
        return value
    }

    private func seconds(_ text: String) throws(BenchmarkError) -> Double {
        guard let value = Double(text), value.isFinite, value > 0 else {
            throw failure("cpu_seconds: '\(text)' is not a positive number")
        }
        return value
    }
}
