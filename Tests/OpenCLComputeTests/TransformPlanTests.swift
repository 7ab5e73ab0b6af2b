// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import OpenCLCompute
import OpenCLGroth16
import TestSupport
import Testing

@Suite struct TransformPlanTests {
    /// Every layer is in one pass, every pass fits its tile, and the wide ones have runs of columns.
    @Test(arguments: 4...10) func passesCoverAllLayers(logTile: Int) {
        for logSize in 0...27 {
            let plan = TransformPlan(logSize: logSize, logTile: logTile)
            #expect(plan.passes.reduce(0) { $0 + $1.logRows } == logSize)
            var stride = 0
            for pass in plan.passes {
                #expect(pass.logStride == stride && pass.logRows > 0)
                #expect(pass.logRows + pass.logColumns <= min(logTile, logSize))
                #expect(pass.logColumns <= pass.logStride && (stride == 0 || pass.logColumns >= 2))
                stride += pass.logRows
            }
        }
    }

    @Test func fewPassesInTilesOf48KiB() {
        let logTile = TransformPlan.logTile(localMemory: 48 << 10, elementSize: 32)
        #expect(logTile == 10)
        let counts = [0, 1, 10, 11, 18, 19, 26].map {
            TransformPlan(logSize: $0, logTile: logTile).passes.count
        }
        #expect(counts == [0, 1, 1, 2, 2, 3, 3])
        #expect(
            TransformPlan(logSize: 22, logTile: 10).description == "2^22: 10 + 6 + 6 layers in tiles of 2^10")
        #expect(TransformPlan.logTile(localMemory: 32 << 10, elementSize: 32) == 9)
    }
}

@Suite struct SparseLayoutTests {
    /// Every row with terms is there once, with its terms where they should be.
    @Test func everyRowOnce() throws {
        var generator = SeededGenerator.fresh()
        let rows = 300
        let lengths = (0..<2 * rows).map { i in
            i % 50 == 7
                ? Int.random(in: 30...9000, using: &generator) : Int.random(in: 0...4, using: &generator)
        }
        let records = SparseRecords<BN254.Fr>(lengths: lengths, columns: 10, using: &generator)
        let layout = SparseLayout(try records.matrices())
        var found: [UInt32: Int] = [:]
        for (i, target) in layout.targets.enumerated() {
            found[target] = Int(layout.starts[i + 1] - layout.starts[i])
        }
        for (i, target) in layout.longTargets.enumerated() {
            let pieces = Int(layout.pieces[i])..<Int(layout.pieces[i + 1])
            for piece in pieces {
                let length = layout.bounds[piece + 1] - layout.bounds[piece]
                #expect(length > 0 && length <= SparseLayout.pieceLength)
            }
            found[target] = Int(layout.bounds[pieces.upperBound] - layout.bounds[pieces.lowerBound])
        }
        #expect(found.count == layout.targets.count + layout.longTargets.count)
        #expect(found.count == lengths.count { $0 > 0 })
        for (target, length) in found {
            let (matrix, row) = SparseLayout.slot(of: target)
            #expect(lengths[matrix * rows + row] == length)
        }
        #expect(Int(layout.bounds.last ?? 0) == lengths.reduce(0, +))
        #expect(layout.ranges.map(\.matrix) == [0, 1, 0, 1])
        #expect(layout.ranges.reduce(0) { $0 + $1.terms.count } == lengths.reduce(0, +))
    }
}
