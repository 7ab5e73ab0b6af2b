// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    package import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

/// A directory in `tmp/` that is being filled. Its lock keeps others from taking it for a dead process's.
struct Staging {
    let name: String
    let directory: Descriptor
}

extension SpoolQueue {
    /// Brings a job into the spool. When this returns, the job is on the disk.
    ///
    /// The first submission of an identifier stores the job. A later one with an equal body digest changes
    /// nothing and says where the job is, done and dead included; where an earlier submission died half-way,
    /// it completes that one with the body, files, priority and deadline given now.
    ///
    /// - Throws: `SpoolError.invalidSubmission`, `invalidFileName` and `unsafeFile` for what breaks a rule;
    ///   `conflict` for a known identifier with another digest; `busy`, `noSpace` and `system` when the
    ///   machine is at fault. After an error nothing of this submission is in `new/` or `ids/`, save where
    ///   writing a directory to the disk failed at the very end: then submitting again tells.
    package func submit(_ job: JobSubmission) throws(SpoolError) -> SubmitOutcome {
        try job.validate(maximumBodyBytes: options.maximumBodyBytes)
        let id = job.id ?? .generate()
        var staging: Staging?
        defer { if let staging { abandon(staging) } }
        while true {
            if let lock = try lock(id, creating: false) {
                defer { lock.release() }
                guard lock.digest == job.bodyDigest else { throw .conflict(id) }
                if let found = try locate(id) { return .existing(id, found.state) }
                if staging == nil { staging = try stage(job) }
                try commit(staging!, job, id)
                break
            }
            if staging == nil { staging = try stage(job) }
            guard let record = try makeRecord(id, staging!) else { continue }
            defer { record.close() }
            do throws(SpoolError) {
                try records.synchronize()
                guard try !done.has(id.text), try !dead.has(id.text) else { throw .conflict(id) }
                FaultInjection.reached(.submitLinked)
                try commit(staging!, job, id)
            } catch {
                // Where the job is still in tmp/ it was not queued, and the record must not stay.
                if (try? temporary.has(staging!.name)) ?? false { try? records.unlink(id.text) }
                throw error
            }
            break
        }
        staging?.directory.close()
        staging = nil
        FaultInjection.reached(.submitCommitted)
        removeSources(of: job)
        return .queued(id)
    }

    private func entryName(_ job: JobSubmission, _ id: JobID) -> String {
        QueuedName(priority: job.priority, deadline: job.deadline, attempt: 0, id: id).text
    }

    /// Makes the record of `id` out of the staged digest and holds its lock; nil when there is a record
    /// already.
    private func makeRecord(_ id: JobID, _ staging: Staging) throws(SpoolError) -> Descriptor? {
        let file = try staging.directory.open("digest", O_RDWR)
        do throws(SpoolError) {
            guard try file.tryLock() else { throw .busy(id) }
            try staging.directory.link("digest", to: records, id.text)
            return file
        } catch {
            file.close()
            if error.errnoCode == EEXIST { return nil }
            throw error
        }
    }

    private func commit(_ staging: Staging, _ job: JobSubmission, _ id: JobID) throws(SpoolError) {
        do {
            try temporary.rename(staging.name, to: new, entryName(job, id))
        } catch  where error.errnoCode == ENOTEMPTY || error.errnoCode == EEXIST {
            throw .conflict(id)
        }
        try new.synchronize()
        try temporary.synchronize()
    }

    /// Makes an empty directory in `tmp/` that is locked by this process.
    func makeStaging(_ kind: String) throws(SpoolError) -> Staging {
        let name = temporaryName(kind)
        try temporary.makeDirectory(name)
        do throws(SpoolError) {
            let directory = try temporary.openDirectory(name)
            guard try directory.tryLock() else {
                throw .system(operation: "lock", path: directory.path, errno: EWOULDBLOCK)
            }
            return Staging(name: name, directory: directory)
        } catch {
            try? temporary.removeTree(RawName(name))
            throw error
        }
    }

    /// Removes what was staged. Does nothing to a directory that was renamed away.
    func abandon(_ staging: Staging) {
        defer { staging.directory.close() }
        // The directory may be a job or a result by now: then it must keep its content.
        guard let facts = try? staging.directory.facts(), let named = try? temporary.facts(of: staging.name),
            named.isSame(as: facts)
        else { return }
        wipePayload(in: staging.directory)
        try? temporary.removeTree(RawName(staging.name))
    }

    private func stage(_ job: JobSubmission) throws(SpoolError) -> Staging {
        let staging = try makeStaging("submit")
        do {
            let directory = staging.directory
            try directory.writeNewFile("job.json", job.body)
            try directory.writeNewFile("digest", Data((job.bodyDigest + "\n").utf8))
            // The lease is made here, so that a claim needs no space on the disk.
            try directory.writeNewFile("lease", Data())
            for file in job.files {
                switch file.source {
                case .bytes(let data): try directory.writeNewFile(file.name, data)
                case .copy(let path): try directory.copyFile(from: path, to: file.name)
                case .move(let path): try takeFile(path, into: directory, as: file.name)
                }
            }
            try directory.synchronize()
        } catch {
            abandon(staging)
            throw error
        }
        FaultInjection.reached(.submitStaged)
        return staging
    }

    /// Gives the file at `path` a second name in `directory`, or copies it where that is not possible.
    private func takeFile(_ path: String, into directory: Descriptor, as name: String) throws(SpoolError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw .from("stat", path, errno) }
        guard FileFacts(facts).isRegular else { throw .unsafeFile(path: path, reason: "not a regular file") }
        if linkat(AT_FDCWD, path, directory.raw, name, 0) != 0 {
            let code = errno
            guard [EXDEV, EPERM, EMLINK, EACCES].contains(code) else { throw .from("link", path, code) }
            return try directory.copyFile(from: path, to: name)
        }
        let file = try directory.open(name, O_RDONLY | O_NONBLOCK)
        defer { file.close() }
        guard try file.facts().isRegular else { throw .unsafeFile(path: path, reason: "not a regular file") }
        guard fchmod(file.raw, 0o600) == 0 else { throw .from("change mode", path, errno) }
        try file.synchronize()
    }

    private func removeSources(of job: JobSubmission) {
        for file in job.files {
            if case .move(let path) = file.source, unlink(path) != 0, errno != ENOENT {
                note(path, .from("unlink", path, errno))
            }
        }
    }
}
