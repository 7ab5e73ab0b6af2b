// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Foundations

/// A folder is one store's: what no circuit and no job of another one names would look abandoned to that, and
/// be removed.
extension DataFolder {
    /// The file that names the store, by its id; behind that where it was when the folder became its own.
    private static let mark = "store"

    /// Makes this the folder of `store`, or sees that it is.
    ///
    /// A folder that does not say whose it is, new or of a version before, becomes the store's if it holds
    /// nothing that the store does not know.
    ///
    /// - Throws: `badInput` for another store's folder, naming both.
    func bind(to store: any JobStore) async throws(JobFailure) {
        let own = store.identity
        if try mark() == nil { try await refuseForeignFiles(store) }
        // Another coordinator may have been faster, on this store or on another one.
        let owner = try mark(orFirst: Data("\(own.id) \(own.place)\n".utf8)) ?? ""
        let words = owner.prefix { !$0.isNewline }.split(separator: " ", maxSplits: 1)
        guard words.first.map(String.init) != own.id else { return }
        throw JobFailure(
            code: .badInput,
            message: """
                \(path): is the data folder of another store, \(words.joined(separator: " at ")), not of \
                \(own.id) at \(own.place): each store needs a folder of its own (--data). Should they be one, \
                restored from an old backup, remove \(path)/\(Self.mark)
                """)
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

    /// - Throws: `badInput` where a key is no circuit's of the store, or a witness no job's.
    private func refuseForeignFiles(_ store: any JobStore) async throws(JobFailure) {
        let (blobs, witnesses) = (try names("blobs"), try names("witnesses"))
        let foreign: String?
        do throws(StoreError) {
            let circuits = Set(try await store.circuits().map(\.digest))
            let jobs = try await store.known(witnesses)
            foreign =
                blobs.first { !circuits.contains($0) }.map { "blobs/" + $0 }
                ?? witnesses.first { !jobs.contains($0) }.map { "witnesses/" + $0 }
        } catch {
            throw JobFailure(code: .infrastructure, message: "the store: \(error.message)")
        }
        guard let foreign else { return }
        let own = store.identity
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
