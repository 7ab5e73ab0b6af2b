// SPDX-License-Identifier: Apache-2.0

import Foundations
package import Outcomes

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A file that goes into a job's directory.
package struct JobFile: Sendable {
    /// Where the content comes from.
    package enum Source: Sendable {
        /// The bytes themselves.
        case bytes(Data)
        /// A copy of the regular file at this path; a symbolic link is followed.
        case copy(path: String)
        /// The regular file at this path, which is gone from there once the job is queued.
        ///
        /// On one file system nothing is copied; the file's mode becomes 0600. No symbolic link is taken.
        case move(path: String)
    }

    /// The plain name of the file in the job's directory, see `SpoolQueue.checkFileName(_:)`.
    package var name: String
    /// Where the content comes from.
    package var source: Source

    /// A file called `name` in the job's directory.
    package init(name: String, source: Source) {
        self.name = name
        self.source = source
    }
}

/// A job to be queued. Its body and files are opaque to the queue.
package struct JobSubmission: Sendable {
    /// The identifier; nil to have one made.
    package var id: JobID?
    /// 0 (served first) to 9 (served last).
    package var priority: Int
    /// Until when a worker may claim the job, in unix seconds (1 to 9999999998); nil for ever.
    package var deadline: UInt64?
    /// What becomes `job.json`.
    package var body: Data
    /// What identifies body and files: a second submission of `id` with an equal digest is the same job.
    ///
    /// 1 to 200 characters out of `A-Z a-z 0-9 : + / = . _ -`.
    package var bodyDigest: String
    /// The files beside `job.json`.
    package var files: [JobFile]

    /// A job of middle priority unless said otherwise.
    package init(
        id: JobID? = nil, priority: Int = 5, deadline: UInt64? = nil, body: Data, bodyDigest: String,
        files: [JobFile] = []
    ) {
        self.id = id
        self.priority = priority
        self.deadline = deadline
        self.body = body
        self.bodyDigest = bodyDigest
        self.files = files
    }

    static func isValidDigest(_ digest: String) -> Bool {
        (1...200).contains(digest.utf8.count)
            && digest.utf8.allSatisfy { $0.isAlphanumeric || ":+/=._-".utf8.contains($0) }
    }

    /// Checks everything that can be checked without a look at the disk.
    func validate(maximumBodyBytes: Int) throws(SpoolError) {
        guard QueuedName.priorities.contains(priority) else {
            throw .invalidSubmission("priority \(priority) is not one of 0 to 9")
        }
        if let deadline, !(1..<QueuedName.noDeadline).contains(deadline) {
            throw .invalidSubmission("deadline \(deadline) is not one of 1 to \(QueuedName.noDeadline - 1)")
        }
        guard body.count <= maximumBodyBytes else {
            throw .invalidSubmission(
                "the body has \(body.count) bytes, at most \(maximumBodyBytes) are allowed")
        }
        guard JobSubmission.isValidDigest(bodyDigest) else {
            throw .invalidSubmission("the body digest is not 1 to 200 of A-Z a-z 0-9 : + / = . _ -")
        }
        var seen: Set<String> = []
        for file in files {
            try SpoolQueue.checkFileName(file.name)
            guard seen.insert(file.name).inserted else {
                throw .invalidSubmission("two files are called \(quoted(file.name, limit: 200))")
            }
        }
    }
}
