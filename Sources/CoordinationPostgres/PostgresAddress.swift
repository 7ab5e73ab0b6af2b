// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Coordination

/// libpq's functions.
///
/// Unchecked: a table of pointers that never change.
struct LibPQ: @unchecked Sendable {
    let functions: martlet_libpq

    /// Loaded when it is first asked for.
    static let loaded: Result<LibPQ, StoreError> = {
        var table = martlet_libpq()
        guard martlet_libpq_load("libpq.so.5", &table) == 0 else {
            return .failure(
                .unavailable(
                    "PostgreSQL's library, libpq.so.5, cannot be loaded; Debian has it in the package libpq5")
            )
        }
        return .success(LibPQ(functions: table))
    }()
}

/// Where a database is, and how to get in. Its password is in no message.
struct PostgresAddress: Sendable {
    let library: LibPQ
    let url: String
    /// `HOST:PORT/DATABASE`, for messages.
    let place: String
    private let password: String?

    /// - Throws: `.invalid` for an address that libpq does not understand; its own words could give the
    ///   password away.
    init(_ url: String) throws(StoreError) {
        let library = try LibPQ.loaded.get()
        let expected =
            "postgres://USER:PASSWORD@HOST:PORT/DATABASE is expected, special characters percent-encoded"
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://"),
            let options = library.functions.conninfoParse(url, nil)
        else { throw .invalid("store: not the address of a PostgreSQL database: \(expected)") }
        defer { library.functions.conninfoFree(options) }
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { found[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.library = library
        // A password with a bare "/" or "@" would be taken for a part of the host, and be told in messages
        // about it.
        guard !url.contains("@") || found["user"] != nil,
            ["host", "port", "dbname"].allSatisfy({
                !(found[$0] ?? "").contains("@") || found["host"]?.first == "/"
            })
        else { throw .invalid("store: the address of the PostgreSQL database is ambiguous: \(expected)") }
        password = found["password"].flatMap { $0.isEmpty ? nil : $0 }
        self.url = url
        let host = found["host"].flatMap { $0.isEmpty ? nil : $0 } ?? "localhost"
        place = "\(host):\(found["port"] ?? "5432")/\(found["dbname"] ?? found["user"] ?? "")"
    }

    /// Why there is no connection, from libpq's message.
    func explained(_ message: String) -> String { PostgresReason.text(cleaned(message), at: place) }

    /// A message of libpq's or the server's on one line, without the password.
    func cleaned(_ message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
            .joined(separator: " ")
        guard let password else { return line }
        return line.replacing(password, with: "…")
    }
}
