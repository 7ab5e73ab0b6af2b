// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder is one store's: what no circuit and no job of another one names would look abandoned to that, and
/// be removed.
extension DataFolder {
    /// The file that names the store, by its id; behind that where it was when the folder became its own.
    static let mark = "store"

    /// Makes this the folder of `store`, or sees that it is.
    ///
    /// A folder that does not say whose it is, new or of a version before, becomes the store's if it holds
    /// nothing that the store does not know.
    ///
    /// - Returns: what keeps other coordinators from the folder, for as long as it exists: all others where
    ///   the store is one coordinator's, as a copy of it has the same id.
    /// - Throws: `badInput` for another store's folder, naming both, and for one within such a folder;
    ///   `infrastructure` while a coordinator that may not share it uses the folder.
    func bind(to store: any JobStore) async throws(JobFailure) -> OpenFile {
        let own = store.identity
        if try mark() == nil {
            try refuseBelowAnother()
            try await refuseForeignFiles(store)
        }
        // Another coordinator may have been faster, on this store or on another one.
        let owner = try mark(orFirst: Data("\(own.id) \(own.place)\n".utf8)) ?? ""
        let words = owner.prefix { !$0.isNewline }.split(separator: " ", maxSplits: 1)
        guard !words.isEmpty else {
            throw JobFailure(
                code: .badInput,
                message: """
                    \(path)/\(Self.mark): is damaged, it names no store; should the folder be that of \
                    \(own.id) at \(own.place), write that id to it
                    """
            )
        }
        guard words.first.map(String.init) != own.id else { return try lock(isShared: store.isShared) }
        throw JobFailure(
            code: .badInput,
            message: """
                \(path): is the data folder of another store, \(words.joined(separator: " at ")), not of \
                \(own.id) at \(own.place): each store needs a folder of its own (--data). Should they be one, \
                restored from an old backup, remove \(path)/\(Self.mark)
                """)
    }

    /// - Throws: `badInput` for a folder within another data folder: what is made here would be a file of
    ///   that.
    private func refuseBelowAnother() throws(JobFailure) {
        var folder = URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL
        while folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
            func has(_ name: String) -> Bool {
                FileManager.default.fileExists(atPath: folder.appending(path: name).path)
            }
            if has(Self.mark), has("tags.key"), has("blobs") {
                throw JobFailure(
                    code: .badInput, message: "\(path): lies within \(folder.path), which is a data folder")
            }
        }
    }

    private func lock(isShared: Bool) throws(JobFailure) -> OpenFile {
        let file: OpenFile
        do throws(ServiceError) { file = try OpenFile("\(path)/\(Self.mark)", O_RDONLY) } catch {
            throw JobFailure(error)
        }
        guard flock(file.descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 else { return file }
        throw JobFailure(
            code: .infrastructure,
            message: errno == EWOULDBLOCK
                ? "\(path): another coordinator uses this data folder, with a copy of the store"
                : "\(path)/\(Self.mark): cannot be locked: \(SystemReason.text(errno))")
    }

    /// What the file says that names the store; where there is none it is made with `data`.
    private func mark(orFirst data: Data? = nil) throws(JobFailure) -> String? {
        do throws(FileError) {
            let folder = try PrivateFolder(path)
            guard let data else {
                return try folder.read(Self.mark, limit: 4096).map { String(decoding: $0, as: UTF8.self) }
            }
            return String(decoding: try folder.content(of: Self.mark, orFirst: data), as: UTF8.self)
        } catch {
            throw JobFailure(error)
        }
    }

    /// - Throws: `badInput` where a key is no circuit's of the store, a witness no job's, or the key of a
    ///   circuit is missing.
    private func refuseForeignFiles(_ store: any JobStore) async throws(JobFailure) {
        let (blobs, witnesses) = (try names("blobs"), try names("witnesses"))
        let (foreign, missing): (String?, String?)
        do throws(StoreError) {
            let circuits = Set(try await store.circuits().map(\.digest))
            let jobs = try await store.known(witnesses)
            missing = circuits.subtracting(blobs).min()
            foreign =
                blobs.first { !circuits.contains($0) }.map { "blobs/" + $0 }
                ?? witnesses.first { !jobs.contains($0) }.map { "witnesses/" + $0 }
        } catch {
            throw JobFailure(code: .infrastructure, message: "the store: \(error.message)")
        }
        let own = store.identity
        if let missing {
            // A disk that is not mounted looks like a new folder.
            throw JobFailure(
                code: .badInput,
                message: """
                    \(path): has not the key \(missing), a circuit of the store \(own.id) at \(own.place): is its \
                    data folder elsewhere, or not mounted? Should the keys be lost, write \(own.id) to \
                    \(path)/\(Self.mark) and register them again
                    """)
        }
        guard let foreign else { return }
        throw JobFailure(
            code: .badInput,
            message: """
                \(path): does not say whose data folder it is, and holds files that the store \(own.id) at \
                \(own.place) does not know, \(foreign) among them: give the store a folder of its own (--data). \
                Should this be its own, write \(own.id) to \(path)/\(Self.mark)
                """)
    }

    /// What is in one of its folders, but for what file systems put there.
    private func names(_ folder: String) throws(JobFailure) -> [String] {
        do throws(FileError) {
            return try PrivateFolder(path + "/" + folder).names().filter { !$0.hasPrefix(".") }
        } catch {
            throw JobFailure(error)
        }
    }
}
