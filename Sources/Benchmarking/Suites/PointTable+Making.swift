// SPDX-License-Identifier: Apache-2.0

import Compute
import EllipticCurves

extension PointTable {
    /// A table of points that are made in runs of up to `chunk`, each with one inversion, on all processors.
    ///
    /// - Parameter make: gives the points of a range of indices; called from several threads.
    static func making(
        count: Int, chunk: Int, _ make: (Range<Int>) -> [Jacobian<Group>]
    ) -> PointTable {
        let storage = PointStorage<Group>(count: count)
        let buffer = UncheckedSendable(storage.buffer)
        Parallel.allCores.forEach((count + chunk - 1) / chunk) { index in
            let range = index * chunk..<min(count, (index + 1) * chunk)
            for (i, point) in zip(range, Jacobian.batchAffine(make(range))) {
                buffer.value.initializeElement(at: i, to: point)
            }
        }
        return PointTable(viewing: UnsafeRawBufferPointer(storage.buffer), owner: storage)
    }
}

/// The memory of a table of points.
private final class PointStorage<Group: CurveGroup> {
    let buffer: UnsafeMutableBufferPointer<Affine<Group>>

    init(count: Int) { buffer = .allocate(capacity: count) }

    deinit { buffer.deallocate() }
}
