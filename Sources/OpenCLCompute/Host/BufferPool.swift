// SPDX-License-Identifier: Apache-2.0

import COpenCL
import Synchronization

/// Device memory that is in nobody's use and waits to be used again: drivers take long to give and to take
/// back memory.
///
/// All of it has been overwritten with zeros. Whoever owns the pool empties it before the device's context
/// goes.
final class BufferPool: Sendable {
    // Unchecked: a handle of OpenCL, which may be used by any thread.
    private struct Entry: @unchecked Sendable {
        let handle: cl_mem
        let byteCount: Int
    }

    private static let mostEntries = 64

    private let library: OpenCLLibrary
    private let limit: Int
    /// The one that has waited longest first.
    private let entries = Mutex<[Entry]>([])

    /// - Parameter limit: bytes that may wait.
    init(_ library: OpenCLLibrary, limit: Int) {
        self.library = library
        self.limit = limit
    }

    var byteCount: Int { entries.withLock { Self.byteCount($0) } }

    /// Keeps a buffer, and lets others go where it is too many; false where it is not kept.
    func keep(_ handle: cl_mem, byteCount: Int) -> Bool {
        guard byteCount <= limit else { return false }
        let entry = Entry(handle: handle, byteCount: byteCount)
        entries.withLock { entries in
            while entries.count >= Self.mostEntries || Self.byteCount(entries) + byteCount > limit {
                release(entries.removeFirst())
            }
            entries.append(entry)
        }
        return true
    }

    /// A buffer of just that size.
    func take(byteCount: Int) -> cl_mem? {
        entries.withLock { entries in
            entries.lastIndex { $0.byteCount == byteCount }.map { entries.remove(at: $0) }
        }?.handle
    }

    /// Lets the one go that has waited longest; false where there is none.
    func dropOne() -> Bool {
        entries.withLock { entries in
            guard !entries.isEmpty else { return false }
            release(entries.removeFirst())
            return true
        }
    }

    private func release(_ entry: Entry) { _ = library.table.releaseMemObject(entry.handle) }

    private static func byteCount(_ entries: [Entry]) -> Int { entries.reduce(0) { $0 + $1.byteCount } }
}
