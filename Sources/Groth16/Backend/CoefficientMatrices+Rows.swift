// SPDX-License-Identifier: Apache-2.0

import FiniteFields

// The records by row, for backends that keep matrices in a form of their own.
extension CoefficientMatrices {
    /// The owner of the records' memory, and where they lie: what makes these matrices the same as others.
    package var source: (owner: AnyObject, address: UInt) { (owner, UInt(bitPattern: base)) }

    /// The number of terms of row `row` of matrix `matrix` (0 = A, 1 = B).
    ///
    /// - Precondition: matrix and row exist.
    package func termCount(matrix: Int, row: Int) -> Int {
        precondition(matrix >= 0 && matrix < 2 && row >= 0 && row < rowCount)
        let slot = matrix * rowCount + row
        precondition(slot < index.slots, "the rows are not indexed")
        return Int(index.start[slot + 1] - index.start[slot])
    }

    /// Copies terms of a row: their signals, and their coefficients times R² mod r as the records have them.
    ///
    /// - Parameter terms: which of the row's terms, counted from 0.
    /// - Precondition: matrix, row and terms exist, and there is room for `terms.count` signals and values.
    package func copyTerms(
        _ terms: Range<Int>, matrix: Int, row: Int, signals: UnsafeMutablePointer<UInt32>,
        values: UnsafeMutableRawPointer
    ) {
        precondition(terms.lowerBound >= 0 && terms.upperBound <= termCount(matrix: matrix, row: row))
        let first = Int(index.start[matrix * rowCount + row]) + terms.lowerBound
        let (valueSize, recordSize) = (Scalar.byteCount, Self.recordSize)
        for i in 0..<terms.count {
            let record = base + Int(index.order[first + i]) * recordSize
            signals[i] = record.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            (values + i * valueSize).copyMemory(from: record + 12, byteCount: valueSize)
        }
    }
}
