// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Digests
import Failures
import Foundation
package import Foundations
import MartletClient

/// Proving keys on this machine's disk, fetched when a job wants one, under a budget of bytes.
///
/// A key is in the file that its SHA-256 names. What an earlier run left is read through once before it is
/// used. When the budget is exceeded, the keys that were used longest ago go; those of jobs under way stay.
package actor KeyStore {
    private struct Stored {
        var bytes: Int64
        var lastUse: Date
        /// How many jobs use it now.
        var users = 0
        var isChecked = false
    }

    package typealias Fetch = @Sendable (_ blob: BlobReference, _ path: String) async throws -> Void

    private let folder: PrivateFolder
    private let budget: Int64
    private let fetch: Fetch
    private var stored: [String: Stored] = [:]
    private var fetching: [String: Task<Void, any Error>] = [:]

    /// - Parameter fetch: downloads a key to a path, complete or not at all.
    package init(_ folder: PrivateFolder, budget: Int64, fetch: @escaping Fetch) throws(FileError) {
        self.folder = folder
        self.budget = budget
        self.fetch = fetch
        for name in try folder.names() {
            var facts = stat()
            guard stat(folder.path + "/" + name, &facts) == 0 else { continue }
            if BlobReference.isDigest(name) {
                let used = Date(timeIntervalSince1970: Double(facts.st_atim.tv_sec))
                stored[name] = Stored(bytes: Int64(facts.st_size), lastUse: used)
            } else if facts.st_mtim.tv_sec < time(nil) - 86_400 {
                // A download that nobody went on with.
                try folder.remove(name)
            }
        }
    }

    /// The path of a circuit's key, which stays there until `give`.
    package func take(_ circuit: Circuit) async throws -> String {
        let digest = circuit.digest
        guard BlobReference.isDigest(digest) else {
            throw JobFailure(code: .infrastructure, message: "the circuit's digest is none")
        }
        stored[digest, default: Stored(bytes: 0, lastUse: Date())].users += 1
        stored[digest]?.lastUse = Date()
        let path = folder.path + "/" + digest
        if !FileManager.default.fileExists(atPath: path) {
            stored[digest]?.isChecked = false
            stored[digest]?.bytes = 0
        }
        do {
            if stored[digest]?.isChecked != true { try await provide(circuit, path) }
        } catch {
            give(digest)
            throw error
        }
        // For the next run. Not the time of the last change: by that a prover sees that a file is another
        // one, to be loaded anew.
        var times = [timespec(tv_sec: time(nil), tv_nsec: 0), timespec(tv_sec: 0, tv_nsec: Self.omitted)]
        _ = utimensat(AT_FDCWD, path, &times, 0)
        return path
    }

    /// `UTIME_OMIT`, which is not imported: the time stays.
    private static let omitted = (1 << 30) - 2

    /// Whether the key on the disk still is the one that it should be. One that is not goes: the next job has
    /// it fetched.
    package func isIntact(_ digest: String) async -> Bool {
        let path = folder.path + "/" + digest
        let found = try? await onBlockingThread { try SHA256Digest.hex(ofFileAt: path) }
        guard found != digest else { return true }
        try? folder.remove(digest)
        stored[digest]?.isChecked = false
        stored[digest]?.bytes = 0
        return false
    }

    /// Says that a job does not need its key any more.
    package func give(_ digest: String) {
        stored[digest]?.users -= 1
        if let key = stored[digest], key.users <= 0, key.bytes == 0 { stored[digest] = nil }
        makeRoom()
    }

    /// Has the key fetched, or the one that is there checked; jobs that want one key wait for one download.
    private func provide(_ circuit: Circuit, _ path: String) async throws {
        let digest = circuit.digest
        if let running = fetching[digest] { return try await running.value }
        let isThere = stored[digest]?.bytes == circuit.zkeyBytes
        if !isThere {
            stored[digest]?.bytes = circuit.zkeyBytes
            makeRoom()
        }
        let task = Task {
            if isThere, try await onBlockingThread({ try SHA256Digest.hex(ofFileAt: path) }) == digest {
                return
            }
            try await self.fetch(BlobReference(sha256: digest, size: circuit.zkeyBytes), path)
        }
        fetching[digest] = task
        defer { fetching[digest] = nil }
        do {
            try await task.value
            stored[digest]?.isChecked = true
        } catch {
            stored[digest]?.bytes = 0
            throw error
        }
    }

    private func makeRoom() {
        var total = stored.values.reduce(0) { $0 + $1.bytes }
        for (digest, key) in stored.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where total > budget {
            guard key.users <= 0 else { continue }
            try? folder.remove(digest)
            stored[digest] = nil
            total -= key.bytes
        }
    }
}
