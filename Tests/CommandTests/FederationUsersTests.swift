// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import Testing

/// Operator and client as two users of one machine, of whom neither can do the other's part: the client's
/// directory is closed to the operator, and the federation's is not the client's to write.
@Suite(.enabled(if: geteuid() == 0, "only root can be two other users"))
struct FederationUsersTests {
    /// A user without a name, in no group.
    private enum User: UInt32 {
        case carl = 61_001
        case olga = 61_002
    }

    private let folder: TemporaryFolder
    private let program: String

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.url.path)
        // What is built may be in a directory of root's own.
        program = folder.path("martlet")
        try FileManager.default.copyItem(at: try BuiltProgram.url("martlet"), to: URL(filePath: program))
        for user in [User.carl, .olga] {
            try FileManager.default.createDirectory(
                atPath: folder.path("\(user)"), withIntermediateDirectories: false)
            try #require(chown(folder.path("\(user)"), user.rawValue, user.rawValue) == 0)
        }
    }

    /// Runs a program as a user.
    private func run(
        as user: User, _ arguments: [String], expecting status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let who = ["--reuid", "--regid"].map { "\($0)=\(user.rawValue)" }
        let outcome = try MartletCommand.run(
            URL(filePath: "/usr/bin/env"), ["setpriv"] + who + ["--clear-groups"] + arguments,
            environment: ["TMPDIR": folder.path("\(user)"), "HOME": folder.path("\(user)")])
        #expect(
            outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)",
            sourceLocation: sourceLocation)
        return outcome.output + outcome.errors
    }

    private func fl(
        as user: User, _ arguments: [String], expecting status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        try run(as: user, [program, "fl"] + arguments, expecting: status, sourceLocation: sourceLocation)
    }

    @Test func neitherDoesTheOthersPart() throws {
        let (fed, client) = (folder.path("olga/fed"), folder.path("carl/own"))
        let task = try RoundSettlementTests.sample("json")
            .replacing("\"settlement\": \"plain\"", with: "\"settlement\": \"attested\"")
            .replacing("\"minimumClients\": 2", with: "\"minimumClients\": 1")
        try task.write(toFile: folder.path("task.json"), atomically: true, encoding: .utf8)
        // Carl's samples are for him only, and so is whatever he makes of them.
        try RoundSettlementTests.sample("csv").write(
            toFile: folder.path("carl/data.csv"), atomically: true, encoding: .utf8)
        try #require(
            chown(folder.path("carl/data.csv"), User.carl.rawValue, User.carl.rawValue) == 0
                && chmod(folder.path("carl/data.csv"), 0o600) == 0)
        _ = try fl(as: .olga, ["init", fed, "--task", folder.path("task.json"), "--insecure-dev"])
        let code = try fl(as: .olga, ["invite", fed, "--name", "carl"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let published = ["--federation", fed]
        _ = try fl(
            as: .carl,
            ["identity", client] + published + [
                "--data", folder.path("carl/data.csv"), "--name", "carl", "--invitation", code,
            ])
        // What is each one's own is closed to the other.
        let cat = try run(as: .olga, ["cat", client + "/registration.json"], expecting: 1)
        #expect(cat.contains("Permission denied"), "\(cat)")
        for file in ["invitations.json", ".registry.lock"] {
            let denied = try run(as: .carl, ["cat", "\(fed)/\(file)"], expecting: 1)
            #expect(denied.contains("Permission denied"), "\(denied)")
        }
        let own = try fl(as: .carl, ["register", fed, client + "/registration.json"], expecting: 3)
        #expect(own.contains("Permission denied"), "\(own)")
        let closed = try fl(as: .olga, ["register", fed, client + "/registration.json"], expecting: 2)
        #expect(closed.contains("Permission denied"), "\(closed)")
        // He hands the one file over that she needs, and it says nothing of the code.
        let handed = folder.path("carl/registration.json")
        _ = try run(as: .carl, ["cp", client + "/registration.json", handed])
        #expect(try !String(contentsOfFile: handed, encoding: .utf8).contains(code))
        _ = try fl(as: .olga, ["register", fed, handed])
        #expect(try fl(as: .olga, ["register", fed, handed]).contains("was registered before, number 0"))
        // He trains from what is published, and she makes a round of what he hands over.
        _ = try fl(as: .olga, ["start", fed])
        let update = folder.path("carl/update.json")
        _ = try fl(as: .carl, ["train", client] + published + ["--output", update])
        let round = try fl(as: .carl, ["round", fed, update], expecting: 3)
        #expect(round.contains("Permission denied"), "\(round)")
        _ = try fl(as: .olga, ["round", fed, update])
        #expect(try fl(as: .carl, ["verify", fed]).contains("1 round with 1 update holds"))
        // Nothing in the federation's directory was made by him.
        let files = FileManager.default.enumerator(atPath: fed)?.allObjects ?? []
        #expect(files.count > 8)
        for case let file as String in files {
            let owner =
                try FileManager.default.attributesOfItem(atPath: "\(fed)/\(file)")[.ownerAccountID] as? Int
            #expect(owner == Int(User.olga.rawValue), "\(file)")
        }
    }
}
