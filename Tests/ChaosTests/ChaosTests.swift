// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Real coordinators, workers, provers and databases that are killed, cut off and misled. One test after the
/// other: each needs the machine for itself.
@Suite(.serialized, .enabled(if: ChaosScript.python != nil, "no Python 3 here")) struct ChaosTests {
    /// Half a minute for each store, or as many seconds as `MARTLET_CHAOS_SECONDS` says; `make soak` runs for
    /// longer.
    @Test(arguments: ["sqlite", "postgres"]) func randomKillsLoseNothing(store: String) throws {
        let seconds =
            ProcessInfo.processInfo.environment["MARTLET_CHAOS_SECONDS"].flatMap(Int.init) ?? 30
        try ChaosScript.run(
            "chaos.py", ["--store", store, "--seconds", "\(seconds)", "--jobs", "\(seconds * 20 / 3)"],
            limit: Double(seconds) + 600)
    }

    @Test(.enabled(if: ChaosScript.mayMakeNamespaces, "network namespaces need root and iproute2"))
    func aNetworkIsCut() throws { try ChaosScript.run("disturb.py", ["network"], limit: 400) }

    @Test(.enabled(if: ChaosScript.mayMount, "a disk of its own needs leave to mount"))
    func aDiskIsFull() throws { try ChaosScript.run("disturb.py", ["disk"], limit: 400) }

    @Test(.enabled(if: ChaosScript.mayMount, "a disk of its own needs leave to mount"))
    func aWorkersDiskIsFull() throws { try ChaosScript.run("disturb.py", ["sick"], limit: 400) }

    @Test func aProofThatWasChangedIsRefused() throws {
        try ChaosScript.run("disturb.py", ["forged"], limit: 200)
    }

    @Test func aClockJumps() throws { try ChaosScript.run("disturb.py", ["clock"], limit: 400) }
}

/// The scripts in Tests/Scripts that run a service of real processes.
enum ChaosScript {
    static let python = find("python3")

    static let mayMakeNamespaces: Bool = {
        guard find("ip") != nil, let unshare = find("unshare"), let ends = find("true") else { return false }
        let outcome = try? MartletCommand.run(URL(filePath: unshare), ["--net", ends])
        return outcome?.status == 0
    }()

    static let mayMount: Bool = {
        guard let unshare = find("unshare"), let mount = find("mount") else { return false }
        let outcome = try? MartletCommand.run(
            URL(filePath: unshare), ["--mount", mount, "-t", "tmpfs", "tmpfs", "/mnt"])
        return outcome?.status == 0
    }()

    private static func find(_ program: String) -> String? {
        ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func run(_ script: String, _ options: [String], limit: Double) throws {
        let scripts = Vectors.directory.deletingLastPathComponent().appending(path: "Scripts")
        let outcome = try MartletCommand.run(
            URL(filePath: try #require(python)),
            [scripts.appending(path: script).path] + options + [
                "--martlet", try BuiltProgram.url("martlet").path, "--vectors",
                Vectors.url("snarkjs/groth16-bn128-multiplier").path,
            ], limit: limit)
        print(outcome.output)
        #expect(outcome.status == 0, "\(outcome.output.suffix(20_000)) \(outcome.errors)")
    }
}
