// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// Reads what a file of gnark's holds, one thing after the other: integers and field elements are big-endian,
/// and coordinates in Fp2 are c1, then c0.
///
/// A point begins with flags. Without compression x and y follow; with it x alone, and the flags tell whether
/// y is the smaller or the larger of the two. All points of a file are of the one or of the other kind.
struct GnarkCursor {
    let file: MappedFile
    let sizes: GnarkSizes
    private(set) var offset = 0

    init(file: MappedFile, sizes: GnarkSizes) {
        self.file = file
        self.sizes = sizes
    }

    /// An error at a place of the file.
    func error(
        _ reason: FormatError.Reason, _ name: String, index: Int? = nil, at offset: Int? = nil
    ) -> FormatError {
        FormatError(
            reason, file: file.name,
            place: FormatError.Place(name: name, offset: offset ?? self.offset, index: index))
    }

    /// Goes on at a place that a header has told.
    mutating func seek(_ offset: Int) { self.offset = offset }

    /// Passes over bytes that are known to be there.
    mutating func skip(_ count: Int) { offset += count }

    /// A copy of the next bytes.
    ///
    /// - Throws: `.truncated`.
    mutating func bytes(_ count: Int, _ name: String, index: Int? = nil) throws(FormatError) -> [UInt8] {
        guard count <= file.count - offset else {
            throw error(
                .truncated(needed: UInt64(count), available: UInt64(file.count - offset)), name, index: index)
        }
        defer { offset += count }
        return try file.read(at: offset, count: count)
    }

    /// The next integer of four or eight bytes.
    ///
    /// - Throws: `.truncated`, and `.valueOutOfRange` for 2^63 and above.
    mutating func integer(_ count: Int, _ name: String, index: Int? = nil) throws(FormatError) -> Int {
        let at = offset
        let value = try bytes(count, name, index: index).bigEndianInteger(at: 0, count: count)
        guard let integer = Int(exactly: value) else {
            throw error(.valueOutOfRange(limit: "2^63"), name, index: index, at: at)
        }
        return integer
    }

    /// A count of four bytes, of things of so many bytes each, which have to be there.
    ///
    /// - Throws: `.truncated`.
    mutating func count(of stride: Int, _ name: String) throws(FormatError) -> Int {
        let at = offset
        let count = try integer(4, name)
        guard count <= (file.count - offset) / stride else {
            throw error(
                .truncated(needed: UInt64(count) * UInt64(stride), available: UInt64(file.count - offset)),
                name, at: at)
        }
        return count
    }

    /// The next scalar.
    ///
    /// - Throws: `.truncated`, `.valueOutOfRange`.
    mutating func scalar<F: PrimeField>(
        _: F.Type, _ name: String, index: Int? = nil
    ) throws(FormatError) -> F {
        let at = offset
        guard let value = F(bigEndian: try bytes(F.byteCount, name, index: index)) else {
            throw error(.valueOutOfRange(limit: "the group order"), name, index: index, at: at)
        }
        return value
    }

    /// Demands that the file ends here.
    ///
    /// - Throws: `.trailingBytes`.
    func finish() throws(FormatError) {
        guard offset == file.count else {
            throw FormatError(
                .trailingBytes(file.count - offset), file: file.name, place: FormatError.Place(offset: offset)
            )
        }
    }

    /// The next point of G1: on the curve and in the subgroup. The identity is allowed.
    ///
    /// - Throws: `.truncated`, `.pointEncoding`, `.coordinateOutOfRange`, `.pointNotOnCurve`,
    ///   `.pointNotInSubgroup`.
    mutating func g1<Suite: CurveSuite>(
        of _: Suite.Type, _ name: String, index: Int? = nil
    ) throws(FormatError) -> Affine<Suite.G1> {
        let reader = GnarkPointReader<Suite>(sizes)
        return try point(sizes.g1, name, index) { bytes throws(GnarkPointFault) in try reader.g1(bytes) }
    }

    /// The next point of G2; as for G1.
    ///
    /// - Throws: as for G1.
    mutating func g2<Suite: CurveSuite>(
        of _: Suite.Type, _ name: String, index: Int? = nil
    ) throws(FormatError) -> Affine<Suite.G2> {
        let reader = GnarkPointReader<Suite>(sizes)
        return try point(sizes.g2, name, index) { bytes throws(GnarkPointFault) in try reader.g2(bytes) }
    }

    private mutating func point<Group: CurveGroup>(
        _ size: Int, _ name: String, _ index: Int?,
        _ read: (UnsafeRawBufferPointer) throws(GnarkPointFault) -> Affine<Group>
    ) throws(FormatError) -> Affine<Group> {
        let at = offset
        let bytes = try bytes(size, name, index: index)
        let point: Affine<Group>
        do throws(GnarkPointFault) {
            point = try bytes.withUnsafeBytes { bytes -> Result<Affine<Group>, GnarkPointFault> in
                do throws(GnarkPointFault) { return .success(try read(bytes)) } catch {
                    return .failure(error)
                }
            }.get()
        } catch {
            throw self.error(error.reason, name, index: index, at: at)
        }
        guard Group.isInSubgroup(point) else {
            throw error(.pointNotInSubgroup, name, index: index, at: at)
        }
        return point
    }

    /// A table of points of G1, which begins at a place that a header has told: on the curve, and not looked
    /// at further.
    ///
    /// - Throws: as for a point, but for the subgroup.
    mutating func table1<Suite: ComputeSuite>(
        of suite: Suite.Type, _ count: Int, at offset: Int, _ name: String, threads: Int
    ) throws(FormatError) -> [Affine<Suite.G1>] {
        self.offset = offset
        let bytes = try bytes(count * sizes.g1, name)
        do throws(GnarkTableFault) {
            return try GnarkTable.g1(bytes, sizes, threads, of: suite)
        } catch {
            throw self.error(
                error.reason, name, index: error.index, at: offset + error.index * sizes.g1)
        }
    }

    /// A table of points of G2; as of G1.
    ///
    /// - Throws: as of G1.
    mutating func table2<Suite: ComputeSuite>(
        of suite: Suite.Type, _ count: Int, at offset: Int, _ name: String, threads: Int
    ) throws(FormatError) -> [Affine<Suite.G2>] {
        self.offset = offset
        let bytes = try bytes(count * sizes.g2, name)
        do throws(GnarkTableFault) {
            return try GnarkTable.g2(bytes, sizes, threads, of: suite)
        } catch {
            throw self.error(
                error.reason, name, index: error.index, at: offset + error.index * sizes.g2)
        }
    }
}
