// SPDX-License-Identifier: Apache-2.0

import FiniteFields
import Groth16
import OpenCLCompute

/// The matrices A and B of a Groth16 key, resident on a device in compressed rows.
///
/// Coefficients carry the factors that the quotient needs in the end, so they belong to one size of domain:
/// with n its size, what `products` gives is A·w/n and B·w/(n·R) in Montgomery form.
final class DeviceMatrices<F: PrimeField>: Resident {
    let columnCount: Int
    let logDomainSize: Int
    private let layout: (shortRows: Int, longRows: Int, pieces: Int)
    private let targets: DeviceBuffer
    private let starts: DeviceBuffer
    private let longTargets: DeviceBuffer
    private let pieces: DeviceBuffer
    private let bounds: DeviceBuffer
    private let signals: DeviceBuffer
    private let values: DeviceBuffer

    var byteCount: Int {
        targets.byteCount + starts.byteCount + longTargets.byteCount + pieces.byteCount + bounds.byteCount
            + signals.byteCount + values.byteCount
    }

    /// Copies the matrices to the device, where the coefficients are put into their form.
    ///
    /// - Precondition: matrices have at most 2^logDomainSize rows; the program is `QuotientProgram`'s for F.
    private init(
        _ matrices: CoefficientMatrices<F>, logDomainSize: Int, program: DeviceProgram,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        precondition(matrices.rowCount <= 1 << logDomainSize)
        let layout = SparseLayout(matrices)
        columnCount = matrices.columnCount
        self.logDomainSize = logDomainSize
        self.layout = (layout.targets.count, layout.longTargets.count, layout.bounds.count - 1)
        targets = try queue.upload(layout.targets, "rows")
        starts = try queue.upload(layout.starts, "rows' terms")
        longTargets = try queue.upload(layout.longTargets, "long rows")
        pieces = try queue.upload(layout.pieces, "long rows' pieces")
        bounds = try queue.upload(layout.bounds, "pieces' terms")
        signals = try queue.allocate(4 * matrices.count, "matrices' signals")
        values = try queue.allocate(MemoryLayout<F>.stride * matrices.count, "matrices' coefficients")

        var terms = TermBatch<F>(matrices)
        for target in layout.targets + layout.longTargets {
            let (matrix, row) = SparseLayout.slot(of: target)
            try terms.add(matrix: matrix, row: row, signals: signals, values: values, on: queue)
        }
        try terms.flush(signals: signals, values: values, on: queue)

        // A record has a coefficient times R². A product on the device divides by R, as does the term's with
        // w.
        let inverse = F(UInt64(1) << UInt64(logDomainSize)).inverse() ?? .one
        let factors = [inverse.canonical, F(montgomery: inverse.canonical).canonical]
        for range in layout.ranges {
            let start = range.terms.lowerBound
            try queue.launchParts(program, "scale_values", items: range.terms.count) {
                arguments, first, count in
                arguments.buffer(values)
                arguments.value(UInt32(start + first))
                arguments.value(UInt32(count))
                arguments.value(factors[range.matrix])
            }
        }
    }

    /// The matrices as they are on the device; copied there where they are not.
    static func resident(
        _ matrices: CoefficientMatrices<F>, logDomainSize: Int, program: DeviceProgram,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> DeviceMatrices {
        let (owner, address) = matrices.source
        let source = ResidentSource(
            owner: owner, address: address, form: "matrices over \(F.name), 2^\(logDomainSize)")
        if let resident: DeviceMatrices = queue.residents.find(source) { return resident }
        let resident = try DeviceMatrices(
            matrices, logDomainSize: logDomainSize, program: program, on: queue)
        queue.residents.insert(resident, from: source)
        return resident
    }

    /// a ← A·w/n and b ← B·w/(n·R), Montgomery form; n elements each, zeros behind the last row.
    ///
    /// `witness` has columnCount canonical values.
    func products(
        _ witness: borrowing DeviceBuffer, _ a: borrowing DeviceBuffer, _ b: borrowing DeviceBuffer,
        program: DeviceProgram, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        precondition(witness.byteCount >= MemoryLayout<F>.stride * columnCount)
        try queue.fill(a)
        try queue.fill(b)
        try queue.launchParts(program, "sparse_rows", items: layout.shortRows) { arguments, first, count in
            arguments.buffer(witness)
            arguments.buffer(starts)
            arguments.buffer(targets)
            arguments.buffer(signals)
            arguments.buffer(values)
            arguments.buffer(a)
            arguments.buffer(b)
            arguments.value(UInt32(first))
            arguments.value(UInt32(count))
        }
        guard layout.longRows > 0 else { return }
        let sums = try queue.allocate(
            MemoryLayout<F>.stride * layout.pieces, "sums of long rows' pieces", isSecret: true)
        let piecesOfLaunch = DeviceQueue.itemsOfLaunch / SparseLayout.pieceLength
        for first in stride(from: 0, to: layout.pieces, by: piecesOfLaunch) {
            try queue.launch(program, "sparse_pieces", groups: min(piecesOfLaunch, layout.pieces - first)) {
                $0.buffer(witness)
                $0.buffer(bounds)
                $0.buffer(signals)
                $0.buffer(values)
                $0.buffer(sums)
                $0.value(UInt32(first))
            }
        }
        try queue.launchParts(program, "sparse_gather", items: layout.longRows) { arguments, first, count in
            arguments.buffer(sums)
            arguments.buffer(pieces)
            arguments.buffer(longTargets)
            arguments.buffer(a)
            arguments.buffer(b)
            arguments.value(UInt32(first))
            arguments.value(UInt32(count))
        }
    }
}
