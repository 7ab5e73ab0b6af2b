// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
public import ProofAggregation

/// The file of an aggregate proof: "mrtlagg" and the version 1, one byte each; the curve
/// (`CurveNames.number`) and the number of proofs as 32-bit integers; then the parts in the order of the
/// declarations, rounds one after another. All numbers are little-endian; coordinates are canonical, points
/// affine and uncompressed, the identity all zero; pairing values are compressed to T₂
/// (`Fp12.torusCompressed`).
extension AggregateProof {
    private static var magic: [UInt8] { AggregateHeader.magic + [1] }
    /// Proofs that a file may be for: 2^20.
    public static var countLimit: Int { 1 << 20 }

    private static var curveNumber: UInt32 { Suite.names.number }

    /// The bytes of the file.
    ///
    /// - Precondition: all pairing values are of their group.
    public var encoded: [UInt8] {
        var writer = Writer()
        writer.bytes = Self.magic
        writer.put(Self.curveNumber)
        writer.put(UInt32(count))
        writer.put(ab)
        writer.put(c)
        writer.put(product)
        writer.put(sum)
        for round in rounds {
            for side in [round.left, round.right] {
                writer.put(side.ab)
                writer.put(side.c)
                writer.put(side.product)
                writer.put(side.sum)
            }
        }
        writer.put(finalA)
        writer.put(finalB)
        writer.put(finalC)
        for pair in [keyV, openingV] {
            writer.put(pair.first)
            writer.put(pair.second)
        }
        for pair in [keyW, openingW] {
            writer.put(pair.first)
            writer.put(pair.second)
        }
        return writer.bytes
    }

    /// 20 rounds on the greater curve, and what is around them, are half of that.
    package static var sizeLimit: Int { 128 << 10 }

    /// Reads a file.
    ///
    /// - Throws: a `FormatError` where it cannot be read or is of another kind, otherwise as
    ///   `init(encoded:)`.
    public init(_ file: MappedFile) throws {
        do {
            guard file.count <= Self.sizeLimit else {
                throw AggregationError.malformed("no aggregate proof: \(file.count) bytes", offset: 0)
            }
            self = try Self(encoded: file.read(at: 0, count: file.count))
        } catch let error as AggregationError {
            throw file.otherKind(than: .aggregate) ?? error
        }
    }

    /// Reads the bytes of a file. Coordinates are below the modulus; whether points and pairing values are of
    /// their groups is for the verifier to say.
    ///
    /// - Throws: `.malformed` with the byte's offset: another format, curve or version, too many proofs,
    ///   missing or spare bytes, a coordinate that is not canonical.
    public init(encoded bytes: [UInt8]) throws(AggregationError) {
        var reader = Reader(bytes: bytes)
        guard bytes.count >= 8, Array(bytes[..<7]) == Array(Self.magic[..<7]) else {
            throw .malformed("no aggregate proof", offset: 0)
        }
        guard bytes[7] == Self.magic[7] else {
            throw .malformed("version \(bytes[7]) is not known", offset: 7)
        }
        reader.offset = 8
        guard try reader.uint32() == Self.curveNumber else {
            throw .malformed("it is not on \(Suite.id.rawValue)", offset: 8)
        }
        let count = Int(try reader.uint32())
        guard count > 0, count <= Self.countLimit else {
            throw .malformed("\(count) proofs are not 1 to \(Self.countLimit)", offset: 12)
        }
        let ab = try reader.targets()
        let c = try reader.targets()
        let product = try reader.target()
        let sum = try reader.g1()
        var rounds: [Round] = []
        for _ in 0..<Self.roundCount(for: count) {
            func side() throws(AggregationError) -> Round.Side {
                Round.Side(
                    ab: try reader.targets(), c: try reader.targets(), product: try reader.target(),
                    sum: try reader.g1())
            }
            rounds.append(Round(left: try side(), right: try side()))
        }
        self.init(
            count: count, ab: ab, c: c, product: product, sum: sum, rounds: rounds,
            finalA: try reader.g1(), finalB: try reader.g2(), finalC: try reader.g1(),
            keyV: Pair(first: try reader.g2(), second: try reader.g2()),
            openingV: Pair(first: try reader.g2(), second: try reader.g2()),
            keyW: Pair(first: try reader.g1(), second: try reader.g1()),
            openingW: Pair(first: try reader.g1(), second: try reader.g1()))
        guard reader.offset == bytes.count else {
            throw .malformed("\(bytes.count - reader.offset) bytes too many", offset: reader.offset)
        }
    }

    private struct Writer {
        var bytes: [UInt8] = []

        mutating func put(_ value: UInt32) {
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
            }
        }

        mutating func put(_ elements: [Suite.Fp]) {
            for element in elements { bytes += element.littleEndianBytes }
        }

        mutating func put(_ point: G1) { put([point.x, point.y]) }
        mutating func put(_ point: G2) { put([point.x.c0, point.x.c1, point.y.c0, point.y.c1]) }

        mutating func put(_ value: Target) {
            guard let g = value.torusCompressed else { preconditionFailure("no pairing value") }
            put([g.c0, g.c1, g.c2].flatMap { [$0.c0, $0.c1] })
        }

        mutating func put(_ pair: Pair<Target>) {
            put(pair.first)
            put(pair.second)
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        mutating func take(_ count: Int) throws(AggregationError) -> ArraySlice<UInt8> {
            guard bytes.count - offset >= count else {
                throw .malformed("\(count) bytes are missing", offset: bytes.count)
            }
            defer { offset += count }
            return bytes[offset..<offset + count]
        }

        mutating func uint32() throws(AggregationError) -> UInt32 {
            try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }

        mutating func element() throws(AggregationError) -> Suite.Fp {
            let start = offset
            guard let element = Suite.Fp(littleEndian: try take(Suite.Fp.byteCount)) else {
                throw .malformed("a coordinate is not below the modulus", offset: start)
            }
            return element
        }

        mutating func pair() throws(AggregationError) -> Suite.Fp2 {
            Suite.Fp2(try element(), try element())
        }

        mutating func g1() throws(AggregationError) -> G1 { G1(x: try element(), y: try element()) }
        mutating func g2() throws(AggregationError) -> G2 { G2(x: try pair(), y: try pair()) }

        mutating func target() throws(AggregationError) -> Target {
            Target(torusCompressed: Fp6(try pair(), try pair(), try pair()))
        }

        mutating func targets() throws(AggregationError) -> Pair<Target> {
            Pair(first: try target(), second: try target())
        }
    }
}
