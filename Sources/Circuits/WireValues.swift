// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields

/// The values of the wires of one run, Montgomery form; memory that they leave is overwritten.
///
/// Unchecked: several builders write at the same time, each to a range of wires of its own, and nobody lets
/// the memory grow meanwhile.
final class WireValues: @unchecked Sendable {
    /// The values by wire, as far as there is memory: those that nobody has written say nothing.
    private(set) var elements: UnsafeMutableBufferPointer<Scalar>

    init() { elements = .init(start: nil, count: 0) }

    deinit { elements.deallocate() }

    /// Makes room for so many values, of which the first `count` are kept.
    func reserve(_ capacity: Int, keeping count: Int) {
        if capacity <= elements.count { return }
        let larger = UnsafeMutableBufferPointer<Scalar>.allocate(
            capacity: max(capacity, 1024, 2 * elements.count))
        _ = larger.update(fromContentsOf: elements.prefix(count))
        wipe(count)
        elements = larger
    }

    /// Overwrites the first `count` values and frees the memory of all.
    func wipe(_ count: Int) {
        overwrite(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: elements.prefix(count))))
        elements.deallocate()
        elements = .init(start: nil, count: 0)
    }
}
