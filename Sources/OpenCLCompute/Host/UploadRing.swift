import Dispatch

/// Pinned memory through which large uploads go, a piece after the other.
final class UploadRing {
    /// Smaller uploads are not worth it.
    static let leastBytes = 1 << 20
    static let pieceBytes = 2 << 20
    private static let slots = 3

    private let threads: Int
    private let staging: [StagingBuffer]
    private var users = [DeviceEvent?](repeating: nil, count: slots)
    private var areFilled = [Bool](repeating: false, count: slots)

    /// - Parameter threads: how many copy; one alone is slower than the bus.
    init(threads: Int, on queue: isolated DeviceQueue) throws(OpenCLError) {
        self.threads = threads
        var staging: [StagingBuffer] = []
        for _ in 0..<Self.slots { staging.append(try queue.allocateStaging(Self.pieceBytes)) }
        self.staging = staging
    }

    /// Copies a piece to its slot as soon as the transfer that used the slot has ended.
    ///
    /// - Returns: where it is.
    func fill(_ number: Int, from piece: UnsafeRawBufferPointer) throws(OpenCLError) -> UnsafeRawPointer? {
        let slot = number % Self.slots
        try users[slot]?.wait()
        users[slot] = nil
        areFilled[slot] = true
        nonisolated(unsafe) let target = staging[slot].bytes
        nonisolated(unsafe) let piece = piece
        let share = (piece.count + threads - 1) / threads
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let range = min(thread * share, piece.count)..<min((thread + 1) * share, piece.count)
            UnsafeMutableRawBufferPointer(rebasing: target[range])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[range]))
        }
        return UnsafeRawPointer(target.baseAddress)
    }

    /// Says which transfer reads a piece.
    func isUsed(_ number: Int, until event: DeviceEvent) { users[number % Self.slots] = event }

    /// Overwrites all that is here, when the transfers have ended.
    func clear() {
        for slot in staging.indices where areFilled[slot] {
            // Where even waiting fails the device is lost, and reads no more.
            try? users[slot]?.wait()
            users[slot] = nil
            staging[slot].bytes.initializeMemory(as: UInt8.self, repeating: 0)
            areFilled[slot] = false
        }
    }
}
