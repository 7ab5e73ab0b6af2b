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
        guard file.bytes.count == file.count else {
            throw FormatError(
                .cannotRead("it is opened for reading on demand and needed in memory"), file: file.name)
        }
        self.file = file
        let labels = try WireLabels(r1cs)
        var starts = [Int](repeating: 0, count: r1cs.wireCount)
        var lines = SymbolLines(file)
        while let line = try lines.next(limit: Self.lineLimit) {
            guard let wire = line.wire, wire != 0 else { continue }
            guard wire < starts.count else {
                throw lines.error(
                    .otherCircuit(
                        "\(line.shortName) is wire \(wire), and the last wire of \(r1cs.name) is \(starts.count - 1)"
                    ))
            }
            guard labels.accept(line.label, for: wire) else { continue }
            if starts[wire] == 0 {
                starts[wire] = line.name.startIndex
            } else if labels.areKnown {
                throw lines.error(.malformedLine("a second line for label \(line.label)"))
            }
        }
        if let wire = starts.indices.dropFirst().first(where: { starts[$0] == 0 }) {
            throw FormatError(
                .otherCircuit("no line names wire \(wire)\(labels.text(of: wire)) of \(r1cs.name)"),
                file: file.name)
        }
        self.starts = starts
    }

    /// The name of a wire's signal, such as `main.sum[3]`; `nil` for the constant wire and wires that do not
    /// exist.
    public func name(ofWire wire: Int) -> String? {
        guard starts.indices.contains(wire), starts[wire] > 0 else { return nil }
        defer { withExtendedLifetime(file) {} }
        // The file was checked line by line: a name ends before the next control character or the file's end.
        let name = file.bytes[starts[wire]...].prefix(Self.lineLimit).prefix { $0 > 0x20 }
        return String(decoding: name, as: UTF8.self)
    }
}

/// Section 3 of an r1cs: the label of each wire. Where there is none any label will do.
private struct WireLabels {
    private let owner: MappedFile
    private let bytes: UnsafeRawBufferPointer?

    init(_ r1cs: R1CSFile) throws(FormatError) {
        owner = r1cs.container.file
        bytes = try r1cs.container.find(3).map { (section) throws(FormatError) in
            try r1cs.container.bytes(section)
        }
    }

    private subscript(wire: Int) -> UInt64? {
        bytes.map { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * wire, as: UInt64.self)) }
    }

    var areKnown: Bool { bytes != nil }

    func accept(_ label: UInt64, for wire: Int) -> Bool { self[wire].map { $0 == label } ?? true }

    func text(of wire: Int) -> String { self[wire].map { ", label \($0)," } ?? "" }
}

/// The lines of a `.sym` file, one after another.
private struct SymbolLines {
    struct Line {
        let label: UInt64
        /// `nil` for a signal that was optimised away.
        let wire: Int?
        let name: Slice<UnsafeRawBufferPointer>

        var shortName: String { String(decoding: name.prefix(80), as: UTF8.self) }
    }

    private let file: MappedFile
    private var position = 0
    private var number = 0

    init(_ file: MappedFile) { self.file = file }

    func error(_ reason: FormatError.Reason) -> FormatError {
        FormatError(reason, file: file.name, place: FormatError.Place(name: "line \(number)"))
    }

    /// - Throws: `.malformedLine`.
    mutating func next(limit: Int) throws(FormatError) -> Line? {
        guard position < file.count else { return nil }
        number += 1
        let rest = file.bytes[position...]
        guard
            let end = rest.prefix(limit + 2).firstIndex(of: 0x0a)
                ?? (rest.count <= limit ? rest.endIndex : nil)
        else { throw error(.malformedLine("more than \(limit) bytes")) }
        var line = rest[..<end]
        position = end + 1
        if line.last == 0x0d { line = line.dropLast() }
        let fields = line.split(separator: 0x2c, maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count == 4 else {
            throw error(.malformedLine("\(fields.count) fields in place of label, wire, component and name"))
        }
        guard let label = Self.number(fields[0]) else {
            throw error(.malformedLine("the label is no number"))
        }
        let isGone = fields[1].elementsEqual("-1".utf8)
        guard let wire = isGone ? 0 : Self.number(fields[1]).flatMap({ Int(exactly: $0) }) else {
            throw error(.malformedLine("the wire is neither a number nor -1"))
        }
        guard Self.number(fields[2]) != nil || fields[2].elementsEqual("-1".utf8) else {
            throw error(.malformedLine("the component is no number"))
        }
        guard !fields[3].isEmpty, fields[3].allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw error(.malformedLine("the name has other characters than letters, digits and signs"))
        }
        return Line(label: label, wire: isGone ? nil : wire, name: fields[3])
    }

    /// Decimal digits without a leading zero.
    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        guard (1...19).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30
        else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }
}
