// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import CoordinationPostgres
import CoordinationSQLite
import Failures
import Foundation
import ProvingEngine
import SnarkFormats

/// Where a coordinator keeps its jobs: `sqlite:FILE`, or `postgres://…` for several coordinators.
struct StoreLocation: ExpressibleByArgument {
    enum Kind: Equatable {
        case sqlite(path: String)
        case postgres(url: String)
    }
    var kind: Kind

    init?(argument: String) {
        if ["postgres://", "postgresql://"].contains(where: argument.hasPrefix) {
            kind = .postgres(url: argument)
            return
        }
        guard argument.hasPrefix("sqlite:") else { return nil }
        let path = String(argument.dropFirst("sqlite:".count))
        // A store in memory would be one for nobody.
        guard !path.isEmpty, path != ":memory:" else { return nil }
        kind = .sqlite(path: path)
    }

    /// - Parameter serving: whether a coordinator is to work on it, which must be the only one on a file.
    /// - Throws: `JobFailure` with the code `badInput` for what is no store, and `infrastructure`.
    func open(serving: Bool) async throws(JobFailure) -> any JobStore {
        if case .sqlite(let path) = kind { try Self.requireDatabase(path) }
        do throws(StoreError) {
            switch kind {
            case .sqlite(let path):
                let folder = URL(filePath: path).deletingLastPathComponent().path
                if !folder.isEmpty, !FileManager.default.fileExists(atPath: folder) {
                    try? FileManager.default.createDirectory(
                        atPath: folder, withIntermediateDirectories: true,
                        attributes: [.posixPermissions: 0o700])
                }
                let database = try SQLiteDatabase(path: path)
                if serving { try database.keepOthersFromServing() }
                return try await SQLJobStore(database)
            case .postgres(let url):
                return try await SQLJobStore(PostgresDatabase(url: url))
            }
        } catch {
            throw JobFailure(code: .infrastructure, message: "the store: \(error.message)")
        }
    }

    /// Refuses what is there and is plainly no store, before anything is made or opened.
    ///
    /// - Throws: `.badInput`, naming the file; what cannot be read, the database itself has words for.
    private static func requireDatabase(_ path: String) throws(JobFailure) {
        func mistake(_ why: String) -> JobFailure {
            JobFailure(code: .badInput, message: "the store: \(path): \(why)")
        }
        try OutputFile.requireNoFile(inTheWayOf: URL(filePath: path).deletingLastPathComponent().path)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return }
        guard !isDirectory.boolValue else { throw mistake("it is a directory, where a file is wanted") }
        guard let file = FileHandle(forReadingAtPath: path) else { return }
        defer { try? file.close() }
        let mark = Data("SQLite format 3\0".utf8)
        guard let start = try? file.read(upToCount: mark.count), !start.isEmpty, start != mark else { return }
        throw mistake("not an SQLite database")
    }
}

/// `--store`, or `--store-file` where an address has a password in it.
struct StoreArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where jobs are kept (default: sqlite:martlet/jobs.sqlite below the user's data folder).",
            valueName: "sqlite:file|postgres://…"))
    var store: StoreLocation?

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the store's address: for addresses with a password.",
            valueName: "file"), completion: .file())
    var storeFile: String?

    func validate() throws {
        guard store == nil || storeFile == nil else {
            throw ValidationError("Give --store or --store-file, not both.")
        }
    }

    /// - Parameters:
    ///   - isThere: refuses a file that would have to be made; a server's database is there, or is not
    ///     reached.
    ///   - hint: what else there is to say where there is none.
    ///   - serving: see `StoreLocation.open`.
    /// - Throws: `JobFailure`.
    func open(
        isThere: Bool = false, hint: String = "", serving: Bool = false
    ) async throws(JobFailure) -> any JobStore {
        let location = try location()
        if isThere, case .sqlite(let path) = location.kind, !FileManager.default.fileExists(atPath: path) {
            throw JobFailure(code: .badInput, message: "the store: \(path): there is no such file\(hint)")
        }
        return try await location.open(serving: serving)
    }

    private func location() throws(JobFailure) -> StoreLocation {
        if let store { return store }
        guard let storeFile else {
            guard let standard = StoreLocation(argument: "sqlite:\(UserData.folder)/jobs.sqlite") else {
                throw JobFailure(code: .internal, message: "--store: no default")
            }
            return standard
        }
        let line = try SecretFile.firstLine(of: storeFile)
        guard let location = StoreLocation(argument: line) else {
            throw JobFailure(code: .badInput, message: "\(storeFile): its first line does not name a store")
        }
        return location
    }
}

/// Where Martlet keeps what is not made again.
enum UserData {
    /// `$XDG_DATA_HOME/martlet`, or `~/.local/share/martlet`.
    static var folder: String {
        let environment = ProcessInfo.processInfo.environment
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/martlet" }
        return (environment["HOME"] ?? ".") + "/.local/share/martlet"
    }
}

/// Files that hold a secret in their first line.
enum SecretFile {
    /// - Throws: `JobFailure` that names the file; never its content.
    static func firstLine(of path: String) throws(JobFailure) -> String {
        let text: String
        do throws(FormatError) {
            text = try MappedFile(secret: path, limit: 1 << 20).text()
        } catch {
            throw JobFailure(error)
        }
        guard let line = text.split(whereSeparator: \.isNewline).first else {
            throw JobFailure(code: .badInput, message: "\(path): is empty")
        }
        return String(line)
    }
}
