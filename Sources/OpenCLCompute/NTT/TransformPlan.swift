// SPDX-License-Identifier: Apache-2.0

/// How a transform of 2^logSize elements is cut into passes over tiles that fit a work-group's local memory.
///
/// The narrowest layers, whose blocks are short and adjacent, make one pass of whole tiles. The others share
/// what is left evenly; their tiles have `2^logColumns` neighbouring columns, so that memory is met in runs
/// of some length. Every pass reads and writes the vector once.
package struct TransformPlan: Sendable, Equatable, CustomStringConvertible {
    /// Adjacent layers that run in one go.
    package struct Pass: Sendable, Equatable {
        /// The number of layers: a tile has 2^logRows rows.
        package var logRows: Int
        /// Columns of a tile.
        package var logColumns: Int
        /// The distance between the rows of a tile, in elements.
        package var logStride: Int
    }

    package let logSize: Int
    /// The most elements of a tile.
    package let logTile: Int
    /// The narrowest layers first, as the forward transform runs them; the inverse runs the passes backwards.
    /// None for a size of 1.
    package let passes: [Pass]

    /// A run of four columns of 32 bytes is 128 bytes of a vector, a usual line of a GPU's cache.
    private static var leastLogColumns: Int { 2 }

    /// - Precondition: logSize ≥ 0, logTile ≥ 4.
    package init(logSize: Int, logTile: Int) {
        precondition(logSize >= 0 && logTile >= 4)
        self.logSize = logSize
        self.logTile = logTile
        let narrow = min(logSize, logTile)
        guard narrow > 0 else {
            passes = []
            return
        }
        var passes = [Pass(logRows: narrow, logColumns: 0, logStride: 0)]
        let limit = logTile - Self.leastLogColumns
        var left = logSize - narrow
        var stride = narrow
        for remaining in (0..<(left + limit - 1) / limit).map({ $0 + 1 }).reversed() {
            var rows = (left + remaining - 1) / remaining
            // Layers run in pairs.
            if rows % 2 == 1 && rows < min(limit, left) { rows += 1 }
            passes.append(Pass(logRows: rows, logColumns: min(logTile - rows, stride), logStride: stride))
            stride += rows
            left -= rows
        }
        self.passes = passes
    }

    /// The largest tile, up to 2^10 elements of `elementSize` bytes, that leaves a quarter of local memory to
    /// the driver.
    package static func logTile(localMemory: Int, elementSize: Int) -> Int {
        var log = 10
        while log > 4 && elementSize << log > localMemory / 4 * 3 { log -= 1 }
        return log
    }

    package var description: String {
        let layers = passes.map { "\($0.logRows)" }.joined(separator: " + ")
        return "2^\(logSize): "
            + (passes.isEmpty ? "nothing to do" : "\(layers) layers in tiles of 2^\(min(logSize, logTile))")
    }
}
