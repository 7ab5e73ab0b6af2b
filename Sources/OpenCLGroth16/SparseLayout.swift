// SPDX-License-Identifier: Apache-2.0

package import FiniteFields
package import Groth16

/// The order in which a device keeps the rows of two matrices, so that work-items that run together have
/// equal work.
///
/// Rows without terms are left out. Short rows come first, those of A before those of B, and within a matrix
/// by length; a work-item takes one. Long rows follow, A before B, cut into pieces for a work-group each.
package struct SparseLayout: Equatable {
    /// What one work-item does at most.
    package static var longestShortRow: Int { 32 }
    /// The most terms of a piece.
    package static var pieceLength: Int { 4096 }
    /// The bit of a target that says matrix B.
    package static var targetB: UInt32 { 1 << 31 }

    /// Short rows: the row number, with `targetB` for matrix B.
    package private(set) var targets: [UInt32] = []
    /// The first term of each short row, and the end of the last.
    package private(set) var starts: [UInt32] = [0]
    /// Long rows, as `targets`.
    package private(set) var longTargets: [UInt32] = []
    /// The first piece of each long row, and the number of pieces.
    package private(set) var pieces: [UInt32] = [0]
    /// The first term of each piece, and the number of terms.
    package private(set) var bounds: [UInt32] = []
    /// Terms that belong to one matrix (0 = A, 1 = B), in order.
    package private(set) var ranges: [Range] = []

    package struct Range: Equatable {
        package var matrix: Int
        package var terms: Swift.Range<Int>
    }

    /// - Complexity: O(rows + pieces).
    package init(_ matrices: CoefficientMatrices<some PrimeField>) {
        var term = 0
        for matrix in 0..<2 {
            let first = term
            for row in Self.shortRows(of: matrix, in: matrices) {
                term += matrices.termCount(matrix: matrix, row: Int(row))
                targets.append(row | Self.bit(matrix))
                starts.append(UInt32(term))
            }
            ranges.append(Range(matrix: matrix, terms: first..<term))
        }
        for matrix in 0..<2 {
            let first = term
            for row in 0..<matrices.rowCount {
                let count = matrices.termCount(matrix: matrix, row: row)
                guard count > Self.longestShortRow else { continue }
                for piece in stride(from: 0, to: count, by: Self.pieceLength) {
                    bounds.append(UInt32(term + piece))
                }
                term += count
                longTargets.append(UInt32(row) | Self.bit(matrix))
                pieces.append(UInt32(bounds.count))
            }
            ranges.append(Range(matrix: matrix, terms: first..<term))
        }
        bounds.append(UInt32(term))
    }

    private static func bit(_ matrix: Int) -> UInt32 { matrix == 0 ? 0 : targetB }

    /// The short rows of a matrix, by length: a counting sort.
    private static func shortRows(
        of matrix: Int, in matrices: CoefficientMatrices<some PrimeField>
    ) -> [UInt32] {
        let isShort = { $0 > 0 && $0 <= longestShortRow }
        var place = [Int](repeating: 0, count: longestShortRow + 2)
        for row in 0..<matrices.rowCount {
            let count = matrices.termCount(matrix: matrix, row: row)
            if isShort(count) { place[count + 1] += 1 }
        }
        for length in 1..<place.count { place[length] += place[length - 1] }
        var rows = [UInt32](repeating: 0, count: place[longestShortRow + 1])
        for row in 0..<matrices.rowCount {
            let count = matrices.termCount(matrix: matrix, row: row)
            guard isShort(count) else { continue }
            rows[place[count]] = UInt32(row)
            place[count] += 1
        }
        return rows
    }

    /// The matrix (0 = A, 1 = B) and row of a target.
    package static func slot(of target: UInt32) -> (matrix: Int, row: Int) {
        (target & targetB == 0 ? 0 : 1, Int(target & ~targetB))
    }
}
