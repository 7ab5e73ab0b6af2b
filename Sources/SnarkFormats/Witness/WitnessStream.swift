// SPDX-License-Identifier: Apache-2.0

public import Curves
public import FiniteFields

/// Checks a witness that comes piece by piece, as `WitnessFile` does one that lies in a file, and keeps its
/// public values.
///
/// Takes the one form that circom's calculators and snarkjs write: header, then values, and nothing else. So
/// the number of bytes follows from the number of wires. Memory: the public values, and one value that two
/// pieces share.
public struct WitnessStream: Sendable {
    /// Bytes of a witness file with so many wires.
    public static func byteCount(variableCount: Int) -> Int64 {
        Int64(headerSize) + Int64(valueSize) * Int64(variableCount)
    }

    private static let headerSize = 76
    private static let valueSize = 32

    private let curve: CurveID
    private let limit: Limbs4
    private let variableCount: Int
    private let publicCount: Int
    private let name: String
    private var header: [UInt8] = []
    /// The beginning of a value whose end is still to come.
    private var part: [UInt8] = []
    private var wire = 0
    /// The values of wires 1 to `publicCount`, canonical.
    public private(set) var publicValues: [Limbs4] = []

    /// A stream of which nothing has come yet.
    ///
    /// - Parameters:
    ///   - curve: the circuit's curve.
    ///   - variableCount: the number of its wires.
    ///   - publicCount: how many of them are public: the first ones after the constant one.
    ///   - name: what errors call the witness.
    public init(curve: CurveID, variableCount: Int, publicCount: Int, name: String = "witness") {
        self.curve = curve
        self.variableCount = variableCount
        self.publicCount = publicCount
        self.name = name
        limit = KnownPrimes.scalarLimbs(curve)
        header.reserveCapacity(Self.headerSize)
        part.reserveCapacity(Self.valueSize)
    }

    /// Looks at the next bytes. What is kept of them beyond this call is public, or overwritten with the
    /// next.
    ///
    /// - Throws: as `WitnessFile` and its `values`.
    public mutating func take(_ bytes: RawSpan) throws(FormatError) {
        var offset = 0
        if header.count < Self.headerSize {
            offset = min(bytes.byteCount, Self.headerSize - header.count)
            Self.append(bytes, 0..<offset, to: &header)
            guard header.count == Self.headerSize else { return }
            try checkHeader()
        }
        if !part.isEmpty {
            let end = offset + min(bytes.byteCount - offset, Self.valueSize - part.count)
            Self.append(bytes, offset..<end, to: &part)
            offset = end
            guard part.count == Self.valueSize else { return }
            let value = part.span.bytes.unsafeLoadUnaligned(as: Limbs4.self)
            for index in part.indices { part[index] = 0 }
            part.removeAll(keepingCapacity: true)
            try take(value)
        }
        while bytes.byteCount - offset >= Self.valueSize {
            try take(bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Limbs4.self))
            offset += Self.valueSize
        }
        Self.append(bytes, offset..<bytes.byteCount, to: &part)
    }

    /// Copies bytes one by one into room that is reserved: no copy of them is left elsewhere.
    private static func append(_ bytes: RawSpan, _ range: Range<Int>, to target: inout [UInt8]) {
        for offset in range { target.append(bytes[offset]) }
    }

    /// To be called when all bytes have been taken.
    ///
    /// - Throws: `.truncated` where values are missing.
    public mutating func finish() throws(FormatError) {
        let found =
            header.count < Self.headerSize
            ? header.count : Self.headerSize + wire * Self.valueSize + part.count
        guard wire == variableCount, part.isEmpty else {
            throw FormatError(
                .truncated(
                    needed: UInt64(Self.byteCount(variableCount: variableCount)), available: UInt64(found)),
                file: name, place: FormatError.Place(offset: found))
        }
    }

    private mutating func take(_ value: Limbs4) throws(FormatError) {
        func error(_ reason: FormatError.Reason) -> FormatError {
            FormatError(
                reason, file: name,
                place: FormatError.Place(
                    section: 2, name: "values", offset: Self.headerSize + wire * Self.valueSize, index: wire))
        }
        guard wire < variableCount else { throw error(.trailingBytes(Self.valueSize)) }
        if wire == 0 && value != Limbs4(l: (1, 0, 0, 0)) { throw error(.witnessFirstNotOne) }
        guard value.isLess(than: limit) else { throw error(.valueOutOfRange(limit: "the group order")) }
        if (1..<publicCount + 1).contains(wire) { publicValues.append(value) }
        wire += 1
    }

    /// Magic, version, two sections: the header with the prime and the number of wires, then the values.
    private func checkHeader() throws(FormatError) {
        func error(_ reason: FormatError.Reason, section: UInt32? = nil, at offset: Int) -> FormatError {
            FormatError(reason, file: name, place: FormatError.Place(section: section, offset: offset))
        }
        guard Array(header[..<4]) == Array("wtns".utf8) else {
            throw error(.notThisFormat(expected: "wtns", found: "other bytes"), at: 0)
        }
        let fields = header.span.bytes
        let version = fields.littleEndianUInt32(at: 4)
        guard (1...2).contains(version) else {
            throw error(.unsupportedVersion(version, supported: 1...2), at: 4)
        }
        guard fields.littleEndianUInt32(at: 8) == 2, fields.littleEndianUInt32(at: 12) == 1,
            fields.littleEndianUInt64(at: 16) == 40
        else {
            throw error(
                .inconsistentHeader("a witness has two sections, the header of 40 bytes first"), at: 8)
        }
        guard fields.littleEndianUInt32(at: 24) == UInt32(Self.valueSize),
            let found = KnownPrimes.curve(scalarPrime: Array(header[28..<60]))
        else { throw error(.inconsistentHeader("the prime is that of no known curve"), section: 1, at: 24) }
        guard found == curve else {
            throw error(
                .primeMismatch(
                    what: "prime of the witness",
                    expected: "\(KnownPrimes.decimal(KnownPrimes.scalar(curve))) (\(curve.rawValue))",
                    found: "\(KnownPrimes.decimal(KnownPrimes.scalar(found))) (\(found.rawValue))"),
                section: 1, at: 28)
        }
        let count = Int(fields.littleEndianUInt32(at: 60))
        guard count == variableCount else {
            throw error(
                .countMismatch(what: "wires in the witness", expected: variableCount, found: count),
                section: 1,
                at: 60)
        }
        guard fields.littleEndianUInt32(at: 64) == 2,
            fields.littleEndianUInt64(at: 68) == UInt64(count) * UInt64(Self.valueSize)
        else {
            throw error(
                .inconsistentHeader("the values are not those that the header announces"), section: 2, at: 64)
        }
    }
}
