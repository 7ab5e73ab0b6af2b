// SPDX-License-Identifier: Apache-2.0

import Circuits
import FiniteFields

/// The sum of the middle entries of each coordinate, in a circuit.
///
/// Each coordinate's entries go through a network of exchanges, whose bits the witness chooses: what comes
/// out is a permutation of what went in, whatever the bits, and is then shown to be in order. Unused slots
/// count as larger than every entry, so they come last.
struct RobustSum {
    let plan: Plan
    let builder: CircuitBuilder
    /// The updates of all slots, unused ones zero.
    let slots: [Update]

    /// - Parameters:
    ///   - packed: for each slot and layer the packed elements.
    ///   - used: one bit a slot, the used ones first.
    /// - Returns: for each layer the sums, and how many entries each has.
    func sums(_ packed: [[[Linear]]], used: [Linear]) -> (sums: [[Linear]], count: Linear) {
        let (mask, count) = selection(used)
        let network = SortingNetwork(size: slots.count)
        let sums = plan.layers.indices.map { layer in
            let packing = plan.updatePackings[layer]
            let limit = packing.offset
            // entries[slot][index]
            let entries = slots.indices.map { slot in
                let wires = slots[slot].layers[layer].elements.map { value in
                    let wire = builder.wire(Scalar(signed: value))
                    builder.enforceSignedRange(wire, bits: packing.bits)
                    return wire
                }
                for (sum, element) in zip(builder.pack(wires, packing), packed[slot][layer]) {
                    builder.enforceEqual(sum, element)
                }
                return wires
            }
            return (0..<plan.layers[layer].weightCount).map { index in
                let column = slots.indices.map { slot in
                    builder.select(used[slot], entries[slot][index], Linear(Scalar(signed: limit)))
                }
                let sorted = sort(column, network, bits: packing.bits + 1)
                return zip(mask, sorted).map { builder.multiply($0, $1) }.sum()
            }
        }
        return (sums, count)
    }

    /// For each place in sorted order 1 where it counts, else 0; and how many do. No constraint: of the
    /// differences of neighbours in `used` one is 1, and says how many slots are used.
    private func selection(_ used: [Linear]) -> (mask: [Linear], count: Linear) {
        var mask = [Linear](repeating: .zero, count: used.count)
        var left = Linear.zero
        for number in 1...used.count {
            let isNumber = number < used.count ? used[number - 1] - used[number] : used[number - 1]
            let (dropped, count) = plan.task.aggregator.dropped(of: number)
            for place in dropped..<(dropped + count) { mask[place] += isNumber }
            left.add(isNumber, times: Scalar(UInt64(count)))
        }
        return (mask, left)
    }

    /// - Parameter bits: differences of two entries are below 2^bits.
    private func sort(_ column: [Linear], _ network: SortingNetwork, bits: Int) -> [Linear] {
        var lanes = column
        for (low, high) in network.comparators {
            let swap = builder.boolean(
                (lanes[low].value.signed ?? 0) > (lanes[high].value.signed ?? 0))
            (lanes[low], lanes[high]) = builder.exchange(swap, lanes[low], lanes[high])
        }
        for (lower, upper) in zip(lanes, lanes.dropFirst()) {
            builder.enforceAtMost(lower, upper, bits: bits)
        }
        return lanes
    }
}

/// Batcher's odd-even merge sort as a list of comparators, for any number of lanes.
///
/// - Reference: Batcher 1968, "Sorting networks and their applications"; Knuth, The Art of Computer
///   Programming 3, algorithm 5.2.2M.
struct SortingNetwork {
    /// Each exchanges two lanes, the first below the second, where they are out of order.
    let comparators: [(Int, Int)]

    init(size: Int) {
        var comparators: [(Int, Int)] = []
        guard size > 1 else {
            self.comparators = []
            return
        }
        let top = 1 << (Bound.bitLength(size - 1) - 1)
        var p = top
        while p > 0 {
            var (q, r, d) = (top, 0, p)
            while true {
                for lane in 0..<(size - d) where lane & p == r { comparators.append((lane, lane + d)) }
                if q == p { break }
                d = q - p
                q >>= 1
                r = p
            }
            p >>= 1
        }
        self.comparators = comparators
    }
}
