// SPDX-License-Identifier: Apache-2.0

import FiniteFields
import Groth16
import ProofFixtures
import TestSupport

/// Random matrices with given lengths of rows: those of A, then those of B.
struct SparseRecords<Fr: PrimeField> {
    let bytes: RecordBytes
    let rows: Int
    let columns: Int
    private let count: Int

    init(lengths: [Int], columns: Int, using generator: inout SeededGenerator) {
        let rows = lengths.count / 2
        var records: [(matrix: UInt32, row: UInt32, signal: UInt32, value: Fr)] = []
        for (slot, length) in lengths.enumerated() {
            for _ in 0..<length {
                records.append(
                    (
                        UInt32(slot / rows), UInt32(slot % rows),
                        UInt32.random(in: 0..<UInt32(columns), using: &generator),
                        Bool.random(using: &generator) ? .one : .random(using: &generator)
                    ))
            }
        }
        // Keys list them in any order.
        bytes = RecordBytes(records.shuffled(using: &generator))
        count = records.count
        self.rows = rows
        self.columns = columns
    }

    func matrices() throws -> CoefficientMatrices<Fr> {
        let view = UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(bytes.buffer)[..<(count * CoefficientMatrices<Fr>.recordSize)])
        return try CoefficientMatrices(viewing: view, owner: bytes, rowCount: rows, columnCount: columns)
    }
}
