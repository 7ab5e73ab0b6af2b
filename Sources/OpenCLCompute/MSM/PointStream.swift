// SPDX-License-Identifier: Apache-2.0

/// Carries tables that do not fit on a device through it, piece by piece: one piece is uploaded while the one
/// before is summed.
final class PointStream {
    /// Pieces on the device at a time.
    static let slots = 2

    /// Room for one piece.
    final class Slot {
        let points: DeviceBuffer
        private let staging: StagingBuffer
        private var uploaded: DeviceEvent?
        private var used: DeviceEvent?

        fileprivate init(byteCount: Int, on queue: isolated DeviceQueue) throws(OpenCLError) {
            points = try queue.allocate(byteCount, "a piece of a table")
            staging = try queue.allocateStaging(byteCount)
        }

        /// Starts the upload of a piece as soon as what was here before has been used.
        fileprivate func upload(
            _ bytes: UnsafeRawBufferPointer, on queue: isolated DeviceQueue
        ) throws(OpenCLError) {
            try uploaded?.wait()
            uploaded = nil
            guard bytes.count > 0 else { return }
            staging.bytes.copyMemory(from: bytes)
            uploaded = try queue.upload(staging, count: bytes.count, to: points, after: used)
        }

        /// Makes the commands from here on wait for the piece.
        func await(on queue: isolated DeviceQueue) throws(OpenCLError) {
            if let uploaded { try queue.wait(for: uploaded) }
        }

        /// Says that no command from here on uses the piece.
        func release(on queue: isolated DeviceQueue) throws(OpenCLError) { used = try queue.marker() }
    }

    private let slots: [Slot]
    private var next = 0

    /// Makes room for pieces of so many bytes.
    init(byteCount: Int, on queue: isolated DeviceQueue) throws(OpenCLError) {
        var slots: [Slot] = []
        for _ in 0..<Self.slots { slots.append(try Slot(byteCount: byteCount, on: queue)) }
        self.slots = slots
    }

    /// Starts the upload of a piece; at most `slots` of them may be unreleased.
    func upload(_ bytes: UnsafeRawBufferPointer, on queue: isolated DeviceQueue) throws(OpenCLError) -> Slot {
        let slot = slots[next]
        next = (next + 1) % slots.count
        try slot.upload(bytes, on: queue)
        return slot
    }
}
