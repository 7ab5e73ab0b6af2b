// SPDX-License-Identifier: Apache-2.0

/// The names of a circuit's signals by wire, from the `.sym` file that circom writes with `--sym`.
///
/// A line is `label,wire,component,name`, decimal numbers, the wire -1 for a signal that was optimised away.
/// Lines end with a newline, with or without a carriage return before it. The file is read where it lies;
/// eight bytes a wire are kept.
public struct SignalNames: Sendable {
    private let file: MappedFile
    /// Where the name of each wire starts in the file; 0, where no name can start, for the constant wire.
    private let starts: [Int]

    /// No name is longer, nor anything else in a line.
    private static let lineLimit = 4096

    /// Reads the names and checks that they are those of a circuit: each wire has the label that the r1cs
    /// says.
    ///
    /// - Complexity: O(size of the file), one pass.
    /// - Throws: `.malformedLine`; `.otherCircuit` where labels, wires and the r1cs do not fit each other;
    ///   `.cannotRead` for files opened with `.onDemand`.
    public init(_ file: MappedFile, of r1cs: R1CSFile) throws(FormatError) {
        self.file = file
        // Section 3: the label of each wire. Where there is none any label will do.
        guard let section = r1cs.container.find(3) else {
            starts = try Self.starts(file, of: r1cs, labels: nil)
            return
        }
        starts = try r1cs.container.withBytes(of: section) { labels throws(FormatError) in
            try Self.starts(file, of: r1cs, labels: labels)
        }
    }

    private static func starts(
        _ file: MappedFile, of r1cs: R1CSFile, labels: RawSpan?
    ) throws(FormatError) -> [Int] {
        guard file.memory.count == file.count else {
            throw FormatError(
                .cannotRead("it is opened for reading on demand and needed in memory"), file: file.name)
        }
        return try file.withBytes { text throws(FormatError) in
            var starts = [Int](repeating: 0, count: r1cs.wireCount)
            var lines = SymbolLines(name: file.name)
            while let line = try lines.next(in: text, limit: lineLimit) {
                guard let wire = line.wire, wire != 0 else { continue }
                guard wire < starts.count else {
                    let name = text.text(line.name.prefix(80))
                    throw lines.error(
                        .otherCircuit(
                            "\(name) is wire \(wire), and the last wire of \(r1cs.name) is \(starts.count - 1)"
                        ))
                }
                // The section has eight bytes a wire.
                if let labels, labels.littleEndianUInt64(at: 8 * wire) != line.label { continue }
                if starts[wire] == 0 {
                    starts[wire] = line.name.lowerBound
                } else if labels != nil {
                    throw lines.error(.malformedLine("a second line for label \(line.label)"))
                }
            }
            if let wire = starts.indices.dropFirst().first(where: { starts[$0] == 0 }) {
                let label =
                    if let labels { ", label \(labels.littleEndianUInt64(at: 8 * wire))," } else { "" }
                throw FormatError(
                    .otherCircuit("no line names wire \(wire)\(label) of \(r1cs.name)"), file: file.name)
            }
            return starts
        }
    }

    /// The name of a wire's signal, such as `main.sum[3]`; `nil` for the constant wire and wires that do not
    /// exist.
    public func name(ofWire wire: Int) -> String? {
        guard starts.indices.contains(wire), starts[wire] > 0 else { return nil }
        let start = starts[wire]
        // The file was checked line by line: a name ends before the next control character or the file's end.
        return file.withBytes { text in
            let limit = min(start + Self.lineLimit, text.byteCount)
            return text.text(start..<((start..<limit).first { text[$0] <= 0x20 } ?? limit))
        }
    }
}

extension RawSpan {
    /// The bytes in `range` as UTF-8.
    fileprivate func text(_ range: Range<Int>) -> String {
        extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

/// The lines of a `.sym` file, one after another.
private struct SymbolLines {
    struct Line {
        let label: UInt64
        /// `nil` for a signal that was optimised away.
        let wire: Int?
        /// Where the name is in the file.
        let name: Range<Int>
    }

    /// What the file is called in errors.
    private let name: String
    private var position = 0
    private var number = 0

    init(name: String) { self.name = name }

    func error(_ reason: FormatError.Reason) -> FormatError {
        FormatError(reason, file: name, place: FormatError.Place(name: "line \(number)"))
    }

    /// The next line of `text`, which is the whole file.
    ///
    /// - Throws: `.malformedLine`.
    mutating func next(in text: RawSpan, limit: Int) throws(FormatError) -> Line? {
        let start = position
        guard start < text.byteCount else { return nil }
        number += 1
        let room = start..<min(start + limit + 2, text.byteCount)
        let newline = room.first { text[$0] == 0x0a }
        guard var end = newline ?? (text.byteCount - start <= limit ? text.byteCount : nil) else {
            throw error(.malformedLine("more than \(limit) bytes"))
        }
        position = end + 1
        if end > start, text[end - 1] == 0x0d { end -= 1 }
        var fields: [Range<Int>] = []
        var field = start
        for comma in start..<end where text[comma] == 0x2c && fields.count < 4 {
            fields.append(field..<comma)
            field = comma + 1
        }
        fields.append(field..<end)
        guard fields.count == 4 else {
            throw error(.malformedLine("\(fields.count) fields in place of label, wire, component and name"))
        }
        guard let label = Self.number(text, fields[0]) else {
            throw error(.malformedLine("the label is no number"))
        }
        let isGone = Self.isNone(text, fields[1])
        guard let wire = isGone ? 0 : Self.number(text, fields[1]).flatMap({ Int(exactly: $0) }) else {
            throw error(.malformedLine("the wire is neither a number nor -1"))
        }
        guard Self.number(text, fields[2]) != nil || Self.isNone(text, fields[2]) else {
            throw error(.malformedLine("the component is no number"))
        }
        guard !fields[3].isEmpty, fields[3].allSatisfy({ (0x21...0x7e).contains(text[$0]) }) else {
            throw error(.malformedLine("the name has other characters than letters, digits and signs"))
        }
        return Line(label: label, wire: isGone ? nil : wire, name: fields[3])
    }

    /// Whether a field is `-1`.
    private static func isNone(_ text: RawSpan, _ field: Range<Int>) -> Bool {
        field.count == 2 && text[field.lowerBound] == 0x2d && text[field.lowerBound + 1] == 0x31
    }

    /// Decimal digits without a leading zero.
    private static func number(_ text: RawSpan, _ digits: Range<Int>) -> UInt64? {
        guard (1...19).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains(text[$0]) }),
            digits.count == 1 || text[digits.lowerBound] != 0x30
        else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt64(text[$1] - 0x30) }
    }
}
