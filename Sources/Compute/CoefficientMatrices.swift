public import FiniteFields

/// The constraint matrices A and B of a Groth16 key, as records in the layout of a zkey's section 4.
///
/// A record is `{u32 matrix (0 = A, 1 = B), u32 row, u32 signal, value}`, little-endian; `value` is the coefficient
/// times R² mod r, so that its Montgomery product with a canonical witness value is the term in Montgomery form.
/// The records are used where they lie (a mapped file, any alignment); only an index of four bytes a record is built,
/// which lists them by row.
public struct CoefficientMatrices<Scalar: PrimeField>: @unchecked Sendable {
    /// What can be wrong with the records; indices count records from 0.
    public enum Fault: Error, Equatable {
        case matrix(record: Int, value: UInt32)
        case row(record: Int, value: UInt32)
        case signal(record: Int, value: UInt32)
        case value(record: Int)
    }

    /// The records of one matrix by row: those of row i are `order[start[i] ..< start[i + 1]]`.
    @usableFromInline
    struct Rows: Sendable {
        @usableFromInline var start: [UInt32]
        @usableFromInline var order: [UInt32]

        @usableFromInline
        init(start: [UInt32], order: [UInt32]) {
            self.start = start
            self.order = order
        }
    }

    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let owner: AnyObject
    @usableFromInline let rows: [Rows]
    /// The number of records.
    public let count: Int
    public let rowCount: Int
    public let columnCount: Int

    @inlinable public static var recordSize: Int { 12 + Scalar.byteCount }

    /// Checks and indexes the records.
    ///
    /// - Precondition: the byte count is a multiple of `recordSize`, and the memory outlives `owner`.
    /// - Throws: the first `Fault` found.
    @inlinable
    public init(viewing bytes: UnsafeRawBufferPointer, owner: AnyObject, rowCount: Int, columnCount: Int) throws(Fault) {
        precondition(bytes.count % Self.recordSize == 0)
        let count = bytes.count / Self.recordSize
        let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!
        let modulus = Scalar.modulus
        var starts = [[UInt32](repeating: 0, count: rowCount + 1), [UInt32](repeating: 0, count: rowCount + 1)]
        for record in 0..<count {
            let at = base + record * Self.recordSize
            let matrix = at.loadUnaligned(as: UInt32.self)
            let row = at.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            let signal = at.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            guard matrix < 2 else { throw .matrix(record: record, value: matrix) }
            guard row < rowCount else { throw .row(record: record, value: row) }
            guard signal < columnCount else { throw .signal(record: record, value: signal) }
            guard at.loadUnaligned(fromByteOffset: 12, as: Scalar.Limbs.self).isLess(than: modulus) else {
                throw .value(record: record)
            }
            starts[Int(matrix)][Int(row) + 1] += 1
        }
        for matrix in 0..<2 {
            for row in 0..<rowCount { starts[matrix][row + 1] += starts[matrix][row] }
        }
        var next = starts
        var orders = starts.map { [UInt32](repeating: 0, count: Int($0[rowCount])) }
        for record in 0..<count {
            let at = base + record * Self.recordSize
            let matrix = Int(at.loadUnaligned(as: UInt32.self))
            let row = Int(at.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            orders[matrix][Int(next[matrix][row])] = UInt32(record)
            next[matrix][row] += 1
        }
        self.base = base
        self.owner = owner
        self.count = count
        self.rowCount = rowCount
        self.columnCount = columnCount
        rows = zip(starts, orders).map { Rows(start: $0, order: $1) }
    }

    /// The inner product of row `row` of matrix `matrix` (0 = A, 1 = B) with canonical `witness`, Montgomery form.
    @inlinable
    public func product(
        matrix: Int, row: Int, witness: UnsafeBufferPointer<Scalar.Limbs>
    ) -> Scalar {
        var sum = Scalar.zero
        let index = rows[matrix]
        for at in Int(index.start[row])..<Int(index.start[row + 1]) {
            let record = base + Int(index.order[at]) * Self.recordSize
            let signal = Int(record.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            let value = witness[signal]
            if value == .zero { continue }
            let coefficient = Scalar(montgomery: record.loadUnaligned(fromByteOffset: 12, as: Scalar.Limbs.self))
            sum += coefficient * Scalar(montgomery: value)
        }
        return sum
    }
}
