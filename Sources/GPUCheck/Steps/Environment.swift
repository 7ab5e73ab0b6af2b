// SPDX-License-Identifier: Apache-2.0

import OpenCLCompute

extension StepRun {
    /// What the driver says of the device, and how much of its memory it really gives.
    func environment() throws {
        section.facts.merge([
            "name": device.name, "vendor": device.vendor, "kind": device.kind.rawValue,
            "platform": "\(device.platform), \(device.platformVersion)", "driver": device.driverVersion,
            "version": device.version, "extensions": device.extensions.joined(separator: " "),
        ]) { $1 }
        figure("compute units", Double(device.computeUnits), "")
        figure("clock", Double(device.clockMHz), "MHz")
        figure("global memory", Double(device.globalMemory), "bytes")
        figure("largest buffer, as the driver says", Double(device.maxAllocation), "bytes")
        figure("local memory of a work-group", Double(device.localMemory), "bytes")
        figure("largest work-group", Double(device.maxWorkGroup), "work-items")
        check("a buffer of the largest size holds what is written") { try largestBuffer() }
        check("the memory that Martlet would use is there") { try allMemory() }
    }

    /// On a CPU the memory is the host's, which others need.
    private func sensible(_ byteCount: Int) -> Int {
        (device.isCPU || isQuick ? min(byteCount, 256 << 20) : byteCount) & ~0xfff
    }

    private func largestBuffer() throws -> [String] {
        let size = sensible(min(device.maxAllocation, device.globalMemory / 10 * 9))
        let queue = try openQueue()
        let words = try queue.run { queue in
            let buffer = try queue.allocate(size, "the largest buffer")
            try queue.fill(buffer, with: 0x6d61_7274)
            return try [0, size / 2, size - 4].map { offset in
                var word: UInt32 = 0
                try withUnsafeMutableBytes(of: &word) { try queue.read(buffer, at: offset, into: $0) }
                return word
            }
        }
        figure("largest buffer written", Double(size), "bytes")
        return words.allSatisfy { $0 == 0x6d61_7274 } ? [] : ["other words came back: \(words)"]
    }

    /// Buffers until the budget is full, all of them written.
    private func allMemory() throws -> [String] {
        let queue = try openQueue()
        let wanted = sensible(queue.memoryBudget)
        let largest = device.maxAllocation & ~0xfff
        // Unchecked: used on the queue's thread while this one waits.
        nonisolated(unsafe) let held = HeldBuffers()
        var reason = ""
        while held.byteCount < wanted && reason.isEmpty {
            let size = min(largest, wanted - held.byteCount)
            do {
                try queue.run { queue in
                    let buffer = try queue.allocate(size, "a part of all memory")
                    try queue.fill(buffer, with: 1)
                    try queue.finish()
                    held.add(buffer)
                }
                figure("memory taken, buffer by buffer", Double(held.byteCount), "bytes")
            } catch {
                reason = "\(error)"
            }
        }
        let got = held.byteCount
        figure("memory taken in several buffers", Double(got), "bytes")
        try queue.run { try $0.finish() }
        return got >= wanted ? [] : ["\(got) of \(wanted) bytes: \(reason)"]
    }
}

/// Buffers that live together: a list, since they cannot be copied into an array.
private final class HeldBuffers {
    private final class Node {
        let buffer: DeviceBuffer
        let next: Node?

        init(_ buffer: consuming DeviceBuffer, _ next: Node?) {
            self.buffer = buffer
            self.next = next
        }
    }

    private var first: Node?
    private(set) var byteCount = 0

    func add(_ buffer: consuming DeviceBuffer) {
        byteCount += buffer.byteCount
        first = Node(buffer, first)
    }
}
