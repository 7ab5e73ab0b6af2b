// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import Testing

/// A PostgreSQL server in a temporary folder, on a Unix socket only.
///
/// A shell stands between it and this process: when this process is gone, however it ended, so are the server
/// and its folder.
final class PostgresServer: Sendable {
    /// The folder of the newest `initdb` and `postgres`.
    private static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.sorted { (Double($0) ?? 0) > (Double($1) ?? 0) }.map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }
    }()

    static let isInstalled = programs != nil

    /// The server that tests share; each makes its own database.
    static let shared = Result { try PostgresServer() }

    private let folder: String
    private let programs: String
    private let shell = Process()
    private let commands = Pipe()

    /// The server refuses to run as root: then it is the package's own user that runs it.
    private static let script = """
        folder=$1 programs=$2
        trap '' INT TERM
        as_user() {
            if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
        }
        cd "$folder" && mkdir data && chmod 711 "$folder"
        if [ "$(id -u)" = 0 ]; then chown postgres "$folder" data; fi
        as_user "$programs/initdb" -A trust -N -U martlet -E UTF8 --locale=C -D "$folder/data" >>log 2>&1
        while read -r command; do
            case $command in
                # Where the server runs already, a second one refuses and ends.
                start)
                    as_user "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \\
                        -c max_connections=300 >>log 2>&1 & ;;
                kill) kill -9 "$(head -n 1 data/postmaster.pid)" ;;
            esac
        done
        as_user "$programs/pg_ctl" -D "$folder/data" -m immediate stop >>log 2>&1
        cd / && rm -rf "$folder"
        """

    init() throws {
        programs = try #require(Self.programs)
        // The path of a socket may have 107 bytes only.
        folder = NSTemporaryDirectory() + "/pg" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", Self.script, "sh", folder, programs]
        shell.standardInput = commands
        shell.standardOutput = FileHandle.standardError
        try shell.run()
        try start()
    }

    /// Starts the server and returns once it answers.
    func start() throws {
        for _ in 0..<300 {
            try commands.fileHandleForWriting.write(contentsOf: Data("start\n".utf8))
            for _ in 0..<10 {
                if try run("pg_isready", "-q") == 0 { return }
                usleep(20_000)
            }
        }
        let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "no log"
        throw Failure(description: "PostgreSQL does not start: \(log.suffix(2000))")
    }

    /// Kills the server as a loss of power would.
    func kill() throws {
        try commands.fileHandleForWriting.write(contentsOf: Data("kill\n".utf8))
        while try run("pg_isready", "-q") == 0 { usleep(1000) }
    }

    /// Ends the server and removes its folder.
    func stop() {
        try? commands.fileHandleForWriting.close()
        shell.waitUntilExit()
    }

    /// Makes a database and gives its address.
    func makeDatabase() throws -> String {
        let name = "t" + UUID().uuidString.lowercased().filter { $0 != "-" }
        guard try run("createdb", name) == 0 else { throw Failure(description: "createdb failed") }
        let host = folder.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? folder
        return "postgres://martlet@\(host)/\(name)"
    }

    private func run(_ program: String, _ arguments: String...) throws -> Int32 {
        try MartletCommand.run(
            URL(filePath: "\(programs)/\(program)"), ["-h", folder, "-U", "martlet"] + arguments
        ).status
    }

    private struct Failure: Error, CustomStringConvertible { var description: String }
}
