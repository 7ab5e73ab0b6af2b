// SPDX-License-Identifier: Apache-2.0

package import ConstraintSystems
package import FiniteFields
package import Groth16

/// Records of the matrices A and B while they are written: the layout of `CoefficientMatrices`.
package struct CoefficientRecords<Scalar: PrimeField> {
    private let memory: RecordMemory
    private var at = 0
    /// c·R² as an integer is the Montgomery form of c·R.
    private let radix = Scalar(canonical: Scalar.one.montgomery) ?? .zero

    /// Room for so many records.
    init(count: Int) { memory = RecordMemory(byteCount: count * CoefficientMatrices<Scalar>.recordSize) }

    /// - Precondition: there is room.
    mutating func append(matrix: Int, row: Int, _ term: R1CS<Scalar>.Term) {
        memory.bytes.storeBytes(of: UInt32(matrix), toByteOffset: at, as: UInt32.self)
        memory.bytes.storeBytes(of: UInt32(row), toByteOffset: at + 4, as: UInt32.self)
        memory.bytes.storeBytes(of: term.wire, toByteOffset: at + 8, as: UInt32.self)
        memory.bytes.storeBytes(
            of: (term.coefficient * radix).montgomery, toByteOffset: at + 12, as: Scalar.Limbs.self)
        at += CoefficientMatrices<Scalar>.recordSize
    }

    /// The matrices A and B of a system's constraints alone, without rows for public wires, in an order of
    /// rows of the caller's.
    ///
    /// - Precondition: `row` gives each constraint a row of its own below 2^logDomainSize.
    package static func matrices(
        of system: R1CS<Scalar>, logDomainSize: Int, row: (Int) -> Int
    ) -> CoefficientMatrices<Scalar> {
        var count = 0
        for constraint in 0..<system.constraintCount {
            for matrix in 0..<2 { count += system.combination(matrix, of: constraint).count }
        }
        var records = Self(count: count)
        for constraint in 0..<system.constraintCount {
            let row = row(constraint)
            for matrix in 0..<2 {
                for term in system.combination(matrix, of: constraint) {
                    records.append(matrix: matrix, row: row, term)
                }
            }
        }
        return records.matrices(rowCount: 1 << logDomainSize, columnCount: system.wireCount)
    }

    /// - Precondition: there is no room left, and rows and wires are in range.
    func matrices(rowCount: Int, columnCount: Int) -> CoefficientMatrices<Scalar> {
        do {
            return try CoefficientMatrices(
                viewing: UnsafeRawBufferPointer(rebasing: memory.bytes[..<at]), owner: memory,
                rowCount: rowCount, columnCount: columnCount)
        } catch {
            preconditionFailure("records of a checked system: \(error)")
        }
    }
}

/// Memory of coefficient records.
private final class RecordMemory {
    let bytes: UnsafeMutableRawBufferPointer
    init(byteCount: Int) { bytes = .allocate(byteCount: max(byteCount, 1), alignment: 16) }
    deinit { bytes.deallocate() }
}
