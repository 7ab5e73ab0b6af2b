// SPDX-License-Identifier: Apache-2.0

package import Compute
public import Failures
public import FiniteFields

/// The constraint matrices A and B of a Groth16 key, as records in the layout of a zkey's section 4.
///
/// A record is `{u32 matrix (0 = A, 1 = B), u32 row, u32 wire, value}`, little-endian; `value` is the
/// coefficient times R² mod r, so that its Montgomery product with a canonical witness value is the term in
/// Montgomery form. The records are used where they lie (a mapped file, any alignment); only an index of four
/// bytes a record and eight bytes a row is built, which lists them by row.
///
/// Unchecked: the memory that it views never changes.
public struct CoefficientMatrices<Scalar: PrimeField>: @unchecked Sendable {
    /// What can be wrong with the records; indices count records from 0.
    public enum Fault: CodedError, Equatable {
        /// A record names a matrix other than A and B.
        case matrix(record: Int, value: UInt32)
        /// A record's row is beyond the last.
        case row(record: Int, value: UInt32)
        /// A record's wire is beyond the last.
        case wire(record: Int, value: UInt32)
        /// A record's coefficient is not below the modulus.
        case value(record: Int)

        public var code: FailureCode { .badInput }
        public var message: String {
            switch self {
            case .matrix(let record, let value): "record \(record): there is no matrix \(value)"
            case .row(let record, let value): "record \(record): there is no row \(value)"
            case .wire(let record, let value): "record \(record): there is no wire \(value)"
            case .value(let record): "record \(record): the value is not below the group's order"
            }
        }
    }

    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let owner: AnyObject
    @usableFromInline let index: RowIndex
    /// R as an element.
    @usableFromInline let radix: Scalar
    /// The number of records.
    public let count: Int
    /// The number of rows, which is the domain's size.
    public let rowCount: Int
    /// The number of columns, one a wire.
    public let columnCount: Int

    /// Bytes of a record: matrix, row and wire of four bytes each, little-endian, and a coefficient.
    @inlinable public static var recordSize: Int { 12 + Scalar.byteCount }

    /// Checks and indexes the records.
    ///
    /// - Parameters:
    ///   - bytes: the memory of the records.
    ///   - owner: what keeps that memory alive.
    ///   - rowCount: the rows that there may be.
    ///   - columnCount: the columns that there may be, one a wire.
    ///   - indexed: whether rows can be multiplied afterwards; without it nothing is built.
    /// - Precondition: the byte count is a multiple of `recordSize`, there are fewer than 2³² records, and
    ///   the memory lives as long as `owner`.
    /// - Complexity: O(records + rows), one thread.
    /// - Throws: the first `Fault` found.
    @inlinable
    public init(
        viewing bytes: UnsafeRawBufferPointer, owner: AnyObject, rowCount: Int, columnCount: Int,
        indexed: Bool = true
    ) throws(Fault) {
        precondition(bytes.count % Self.recordSize == 0)
        let count = bytes.count / Self.recordSize
        precondition(count <= Int(UInt32.max) && rowCount >= 0)
        let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!
        let modulus = Scalar.modulus
        let index = RowIndex(
            slots: indexed ? 2 * rowCount : 0, records: indexed ? count : 0)
        for record in 0..<count {
            let at = base + record * Self.recordSize
            let matrix = at.loadUnaligned(as: UInt32.self)
            let row = at.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            let wire = at.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            guard matrix < 2 else { throw .matrix(record: record, value: matrix) }
            guard row < rowCount else { throw .row(record: record, value: row) }
            guard wire < columnCount else { throw .wire(record: record, value: wire) }
            guard at.loadUnaligned(fromByteOffset: 12, as: Scalar.Limbs.self).isLess(than: modulus) else {
                throw .value(record: record)
            }
            if indexed { index.tally(slot: Int(matrix) * rowCount + Int(row)) }
        }
        index.endTally()
        for record in 0..<(indexed ? count : 0) {
            let at = base + record * Self.recordSize
            let row = Int(at.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            index.place(UInt32(record), slot: Int(at.loadUnaligned(as: UInt32.self)) * rowCount + row)
        }
        index.endPlacing()
        self.base = base
        self.owner = owner
        self.index = index
        radix = Scalar(canonical: Scalar.one.montgomery) ?? .zero
        self.count = count
        self.rowCount = rowCount
        self.columnCount = columnCount
    }

    /// - Throws: where the matrices do not fit a witness of so many values, or the domain.
    package func check(witnessCount: Int, logDomainSize: Int) throws(ComputeError) {
        guard logDomainSize >= 0 && logDomainSize < Scalar.twoAdicity else {
            throw .unsupportedSize(operation: "quotient", size: logDomainSize)
        }
        guard columnCount == witnessCount else {
            throw .lengthMismatch(operation: "quotient", left: columnCount, right: witnessCount)
        }
        guard rowCount == 1 << logDomainSize else {
            throw .lengthMismatch(operation: "quotient", left: rowCount, right: 1 << logDomainSize)
        }
    }

    /// The memory of the records, which lives as long as the matrices.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count * Self.recordSize)
    }

    /// The inner product of row `row` of matrix `matrix` (0 = A, 1 = B) with canonical `witness`, Montgomery
    /// form.
    ///
    /// - Precondition: matrix and row exist, and the witness has `columnCount` values.
    @inlinable
    public func product(
        matrix: Int, row: Int, witness: UnsafeBufferPointer<Scalar.Limbs>
    ) -> Scalar {
        Scalar(montgomery: scaledProduct(matrix: matrix, row: row, witness: witness).canonical)
    }

    /// R times the inner product of row `row` of matrix `matrix` with canonical `witness`, Montgomery form,
    /// as `product`.
    ///
    /// In this form the terms of witness values that are one, most of those that are not zero, are the
    /// records' values.
    ///
    /// - Precondition: matrix and row exist, and the witness has `columnCount` values.
    @inlinable
    public func scaledProduct(
        matrix: Int, row: Int, witness: UnsafeBufferPointer<Scalar.Limbs>
    ) -> Scalar {
        precondition(matrix >= 0 && matrix < 2 && row >= 0 && row < rowCount && witness.count >= columnCount)
        var sum = Scalar.zero
        // What other values than one make, not times R.
        var rest = Scalar.zero
        var hasRest = false
        let slot = matrix * rowCount + row
        precondition(slot < index.slots, "the rows are not indexed")
        for at in Int(index.start[slot])..<Int(index.start[slot + 1]) {
            let record = base + Int(index.order[at]) * Self.recordSize
            let wire = Int(record.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            let value = witness[wire]
            if value == .zero { continue }
            let coefficient = Scalar(
                montgomery: record.loadUnaligned(fromByteOffset: 12, as: Scalar.Limbs.self))
            if value == Self.integerOne {
                sum += coefficient
            } else {
                rest += coefficient * Scalar(montgomery: value)
                hasRest = true
            }
        }
        return hasRest ? sum + rest * radix : sum
    }

    @inlinable @inline(__always)
    static var integerOne: Scalar.Limbs {
        var one = Scalar.Limbs.zero
        one[0] = 1
        return one
    }
}

/// A counting sort of records into slots: the records of slot i are `order[start[i] ..< start[i + 1]]`.
///
/// Filled once by tallying every record's slot and then placing every record; read-only afterwards.
@usableFromInline
final class RowIndex {
    @usableFromInline let start: UnsafeMutablePointer<UInt32>
    @usableFromInline let order: UnsafeMutablePointer<UInt32>
    @usableFromInline let slots: Int

    @usableFromInline
    init(slots: Int, records: Int) {
        self.slots = slots
        start = .allocate(capacity: slots + 1)
        start.initialize(repeating: 0, count: slots + 1)
        order = .allocate(capacity: records)
        order.initialize(repeating: 0, count: records)
    }

    deinit {
        start.deallocate()
        order.deallocate()
    }

    @inlinable @inline(__always)
    func tally(slot: Int) { start[slot + 1] += 1 }

    /// Turns the tallies into the slots' first positions.
    @inlinable
    func endTally() {
        for slot in 0..<slots { start[slot + 1] += start[slot] }
    }

    /// Puts a record into its slot; `start[slot]` moves on to the slot's end meanwhile.
    @inlinable @inline(__always)
    func place(_ record: UInt32, slot: Int) {
        order[Int(start[slot])] = record
        start[slot] += 1
    }

    /// Moves the ends, which are the next slots' beginnings, back into place.
    @inlinable
    func endPlacing() {
        for slot in stride(from: slots, to: 0, by: -1) { start[slot] = start[slot - 1] }
        start[0] = 0
    }
}
