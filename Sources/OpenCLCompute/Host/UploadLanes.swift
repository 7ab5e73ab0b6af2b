// SPDX-License-Identifier: Apache-2.0

import COpenCL
import Dispatch
import Synchronization

/// Threads that copy large uploads into pinned memory and hand them to the device, piece by piece: from other
/// memory the driver uploads at a fraction of the bus' speed.
///
/// Unchecked: each lane is used by one thread of an upload, and uploads follow each other on the queue's
/// thread.
final class UploadLanes: @unchecked Sendable {
    /// Smaller uploads are not worth it.
    static let leastBytes = 1 << 20
    /// The size of a piece, and of the memory for it.
    static let pieceBytes = 1 << 20
    /// Pieces that a thread has memory for: while one is on its way the next is copied.
    static let slots = 2

    /// What one thread uses.
    private final class Lane {
        private let slots: [StagingBuffer]
        private var users: [DeviceEvent?]
        private var isFilled: [Bool]
        private var next = 0

        init(_ slots: [StagingBuffer]) {
            self.slots = slots
            users = slots.map { _ in nil }
            isFilled = slots.map { _ in false }
        }

        /// Copies a piece as soon as there is room, and starts its transfer.
        func send(
            _ piece: UnsafeRawBufferPointer, to buffer: cl_mem, at offset: Int, in context: DeviceContext
        ) throws(OpenCLError) -> DeviceEvent {
            let slot = next
            next = (next + 1) % slots.count
            try users[slot]?.wait()
            users[slot] = nil
            isFilled[slot] = true
            slots[slot].bytes.copyMemory(from: piece)
            var handle: cl_event?
            let table = context.library.table
            try context.check(
                table.enqueueWriteBuffer(
                    context.compute, buffer, 0, offset, piece.count, slots[slot].bytes.baseAddress, 0, nil,
                    &handle), "clEnqueueWriteBuffer")
            guard let handle else {
                throw OpenCLError("clEnqueueWriteBuffer", 0, on: context.device.name, detail: "no event")
            }
            let event = DeviceEvent(context, handle)
            users[slot] = event
            try context.check(table.flush(context.compute), "clFlush")
            return event
        }

        /// Overwrites what was here, when the transfers have ended.
        func clear() {
            for slot in slots.indices where isFilled[slot] {
                // Where even waiting fails the device is lost, and reads no more.
                try? users[slot]?.wait()
                users[slot] = nil
                slots[slot].bytes.initializeMemory(as: UInt8.self, repeating: 0)
                isFilled[slot] = false
            }
        }
    }

    private let context: DeviceContext
    private let lanes: [Lane]

    /// - Parameter memory: for each thread `slots` pieces' memory.
    init(_ context: DeviceContext, memory: [[StagingBuffer]]) {
        self.context = context
        lanes = memory.map { Lane($0) }
    }

    /// Starts to upload `bytes`, which may be reused on return; in order with the commands before and after.
    ///
    /// - Parameter isSecret: whether the pinned memory is to be overwritten.
    /// - Returns: the transfers with the numbers of their bytes.
    func upload(
        _ bytes: UnsafeRawBufferPointer, to buffer: cl_mem, at offset: Int, isSecret: Bool
    ) throws(OpenCLError) -> [(byteCount: Int, event: DeviceEvent)] {
        let next = Atomic(0)
        let sent = Mutex<[(byteCount: Int, event: DeviceEvent)]>([])
        let failure = Mutex<OpenCLError?>(nil)
        // Unchecked: the bytes are only read, and a buffer's handle may be used by any thread.
        nonisolated(unsafe) let (bytes, buffer) = (bytes, buffer)
        DispatchQueue.concurrentPerform(iterations: lanes.count) { number in
            let lane = lanes[number]
            defer { if isSecret { lane.clear() } }
            while failure.withLock({ $0 == nil }) {
                let first = next.add(Self.pieceBytes, ordering: .relaxed).oldValue
                guard first < bytes.count else { return }
                let piece = UnsafeRawBufferPointer(
                    rebasing: bytes[first..<min(first + Self.pieceBytes, bytes.count)])
                do throws(OpenCLError) {
                    let event = try lane.send(piece, to: buffer, at: offset + first, in: context)
                    sent.withLock { $0.append((piece.count, event)) }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return sent.withLock { $0 }
    }
}
