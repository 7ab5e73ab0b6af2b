// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields

/// Inverses that are asked for one by one and computed together: one inversion for all, and three products
/// each.
struct InverseQueue {
    private var wires: [Int] = []
    private var values: [Scalar] = []

    /// So many that the inversion costs no more than the products, and few enough for the cache.
    static let capacity = 256

    /// Whether it is time to settle.
    var isFull: Bool { wires.count >= Self.capacity }

    /// A wire that is to be the inverse of a value, or 0 where that is 0.
    mutating func add(_ wire: Int, inverseOf value: Scalar) {
        if wires.isEmpty {
            wires.reserveCapacity(Self.capacity)
            values.reserveCapacity(Self.capacity)
        }
        wires.append(wire)
        values.append(value)
    }

    /// Computes all and hands them out.
    mutating func settle(_ elements: UnsafeMutableBufferPointer<Scalar>) {
        if wires.isEmpty { return }
        Scalar.batchInvert(&values)
        for (wire, inverse) in zip(wires, values) { elements[wire] = inverse }
        values.withUnsafeMutableBytes { overwrite($0) }
        wires.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    /// Overwrites and forgets all.
    mutating func wipe() {
        values.withUnsafeMutableBytes { overwrite($0) }
        (wires, values) = ([], [])
    }
}

/// A wire that is an inverse, whose value is still to come: constraints may have it, sums may not.
public struct PendingInverse: Sendable {
    /// The wire; its value says nothing.
    let wire: Linear
}
