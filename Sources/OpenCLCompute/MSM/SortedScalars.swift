// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// The digits of scalars on a device, sorted by the bucket that each adds a point to; what all tables that
/// are summed over the same scalars share.
///
/// The memory is overwritten when it goes.
struct SortedScalars: ~Copyable {
    let plan: MSMPlan
    let count: Int
    /// (level·terms + index)·2 + sign of each digit other than zero, in the order of their buckets.
    let entries: DeviceBuffer
    /// Where the entries of each bucket end; behind them what the scan needed.
    let ends: DeviceBuffer

    /// Sorts `count` scalars that lie on the device, from the one at `first` on: canonical,
    /// `plan.scalarBytes` each.
    ///
    /// - Parameter program: the program `SumPrograms.scalars`.
    /// - Precondition: `count` is at most the plan's `terms`.
    static func sort(
        _ scalars: borrowing DeviceBuffer, first: Int = 0, count: Int, plan: MSMPlan, program: DeviceProgram,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> SortedScalars {
        precondition(
            count <= plan.terms && plan.scalarBytes * (first + count) <= scalars.byteCount)
        let blockSize = program.workGroup * MSMPlan.scanItems
        let sizes = plan.offsetCounts(blockSize: blockSize)
        let entries = try queue.allocate(4 * count * plan.windows, "sorted digits", isSecret: true)
        let ends = try queue.allocate(4 * sizes.reduce(0, +), "places of digits", isSecret: true)
        try queue.fill(ends, count: 4 * plan.buckets)
        try queue.launch(program, "digits_count", groups: program.groups(for: count)) {
            $0.buffer(scalars)
            add(first, count, plan, to: &$0)
            $0.buffer(ends)
        }
        try scan(ends, sizes, program, on: queue)
        let perPass = min(plan.windows, max(1, queue.tuning.placedBytes / (4 * max(1, count))))
        let passes = (plan.windows + perPass - 1) / perPass
        try queue.launch(program, "digits_place", groups: passes * program.groups(for: count)) {
            $0.buffer(scalars)
            add(first, count, plan, to: &$0)
            $0.value(UInt32(perPass))
            $0.value(UInt32(plan.terms))
            $0.buffer(ends)
            $0.buffer(entries)
        }
        return SortedScalars(plan: plan, count: count, entries: entries, ends: ends)
    }

    private static func add(_ first: Int, _ count: Int, _ plan: MSMPlan, to arguments: inout KernelArguments)
    {
        arguments.value(UInt32(first))
        arguments.value(UInt32(count))
        arguments.value(UInt32(plan.windowBits))
        arguments.value(UInt32(plan.windows))
        arguments.value(UInt32(plan.groups))
        arguments.words(halves(plan))
    }

    /// Σ 2^(windowBits·w + windowBits − 1) over all windows but the highest, the least significant word
    /// first.
    private static func halves(_ plan: MSMPlan) -> [UInt32] {
        let zero = [UInt32](repeating: 0, count: plan.scalarBytes / 4)
        return (0..<plan.windows - 1).reduce(into: zero) { words, window in
            let bit = plan.windowBits * (window + 1) - 1
            words[bit / 32] |= 1 << UInt32(bit % 32)
        }
    }

    /// Replaces counts by their exclusive prefix sums. `sizes` are the numbers of values at each level of the
    /// scan, the first those asked for; each level's lie behind those of the one before.
    private static func scan(
        _ values: borrowing DeviceBuffer, _ sizes: [Int], _ program: DeviceProgram,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        let starts = sizes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        func launch(_ kernel: String, _ level: Int, _ queue: isolated DeviceQueue) throws(OpenCLError) {
            try queue.launch(program, kernel, groups: sizes[level + 1]) {
                $0.buffer(values)
                $0.value(UInt32(starts[level]))
                $0.value(UInt32(sizes[level]))
                $0.value(UInt32(starts[level + 1]))
            }
        }
        let levels = sizes.count - 1
        for level in 0..<levels { try launch("scan_blocks", level, queue) }
        for level in (0..<max(0, levels - 1)).reversed() { try launch("scan_add", level, queue) }
    }

    /// Writes scalars to the device and sorts them.
    static func sort<Limbs: FixedLimbs>(
        _ scalars: UnsafeBufferPointer<Limbs>, plan: MSMPlan, program: DeviceProgram,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> SortedScalars {
        let bytes = UnsafeRawBufferPointer(scalars)
        let buffer = try queue.allocate(bytes.count, "scalars", isSecret: true)
        try queue.write(bytes, to: buffer)
        return try sort(buffer, count: scalars.count, plan: plan, program: program, on: queue)
    }
}
