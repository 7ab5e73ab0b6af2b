// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
public import Coordination
import Coordinator
import Foundation
import ProvingEngine

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Makes, lists and revokes the tokens by which a coordinator knows its callers.",
        discussion: """
            Works on the coordinator's store, also while the coordinator runs: a revoked token is refused within two seconds. \
            The secret is printed once and kept nowhere.
            """,
        subcommands: [Create.self, List.self, Revoke.self, CallbackSecretCommand.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Makes a token and prints it.")

        @OptionGroup var store: StoreArguments

        @Flag(
            help:
                "Make the store if there is none, for tokens from before the first `martlet serve`, which makes it otherwise."
        )
        var makeStore = false

        @Option(help: "submitter, worker, metrics or operator.")
        var role: Role

        @Option(
            help: ArgumentHelp(
                "The tenant whose jobs they are: 1 to 64 of A-Z a-z 0-9 . _ -.", valueName: "name"))
        var tenant = "default"

        @Option(
            help: ArgumentHelp(
                "The number of the tenant's jobs that may be open at the same time.", valueName: "n"))
        var maxOpenJobs: Int?

        @Option(help: ArgumentHelp("How long it is valid (default: for ever).", valueName: "time"))
        var expires: TimeSpan?

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard AccessToken.isTenant(tenant) else {
                throw ValidationError("--tenant must be 1 to 64 of A-Z a-z 0-9 . _ -.")
            }
            guard maxOpenJobs.map({ $0 > 0 }) ?? true else {
                throw ValidationError("--max-open-jobs must be a positive number.")
            }
            guard expires.map({ $0.seconds > 0 }) ?? true else {
                throw ValidationError("--expires must be positive; without it a token is valid for ever.")
            }
            guard maxOpenJobs == nil || [.submitter, .operator].contains(role) else {
                throw ValidationError(
                    "--max-open-jobs is for those who submit, and the role \(role.rawValue) does not.")
            }
        }

        func run() async throws {
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            let (token, secret) = TokenSecret.make(
                role: role, tenant: tenant, maxOpenJobs: maxOpenJobs, now: now,
                expiresAt: expires.map { now + Int64($0.seconds * 1000) })
            try await with(store.open(isThere: !makeStore, hint: ", and --make-store would make one")) {
                try await $0.add(token)
            }
            if json {
                try Console.printJSON(["id": token.id, "token": secret])
            } else {
                print(secret)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the tokens.")

        @OptionGroup var store: StoreArguments

        @Flag(help: "Print JSON.")
        var json = false

        struct Row: Encodable {
            var id: String
            var role: String
            var tenant: String
            var maxOpenJobs: Int?
            var createdAt: Int64
            var expiresAt: Int64?
        }

        func run() async throws {
            let tokens = try await with(store.open(isThere: true)) { try await $0.tokens() }
            if json {
                // Without the hashes: nobody needs them.
                try Console.printJSON(
                    tokens.map {
                        Row(
                            id: $0.id, role: $0.role.rawValue, tenant: $0.tenant,
                            maxOpenJobs: $0.maxOpenJobs, createdAt: $0.createdAt, expiresAt: $0.expiresAt)
                    })
                return
            }
            func day(_ moment: Int64?) -> String {
                moment.map { Date(timeIntervalSince1970: Double($0) / 1000).formatted(.iso8601) } ?? "never"
            }
            Console.printTable(
                [["TOKEN", "ROLE", "TENANT", "OPEN JOBS", "MADE", "EXPIRES"]]
                    + tokens.map {
                        [
                            $0.id, $0.role.rawValue, $0.tenant, $0.maxOpenJobs.map(String.init) ?? "any",
                            day($0.createdAt), day($0.expiresAt),
                        ]
                    })
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Makes a token worthless.")

        @OptionGroup var store: StoreArguments

        @Argument(help: ArgumentHelp("The part of the token before the dot.", valueName: "id"))
        var id: String

        func validate() throws {
            // The rest is the secret, which no message repeats.
            guard !id.contains(".") else {
                throw ValidationError("Give the part of the token before the dot, not all of it.")
            }
        }

        func run() async throws {
            try await with(store.open(isThere: true)) { try await $0.removeToken(id) }
        }
    }
}

extension Role: ExpressibleByArgument {}

/// Runs `body` on a store and closes it.
private func with<R: Sendable>(
    _ store: any JobStore, _ body: (any JobStore) async throws -> R
) async throws -> R {
    do {
        let result = try await body(store)
        await store.close()
        return result
    } catch {
        await store.close()
        throw error
    }
}
