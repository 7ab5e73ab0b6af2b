// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import ProvingEngine
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Jobs from strangers: none of them stops a worker, and each ends in `dead/` with a reason.
@Suite(.serialized) struct UntrustedJobTests {
    private func job(_ more: String = "", zkey: String = Multiplier.zkey, witness: String = "witness.wtns")
        -> String
    {
        #"{"version":1,"system":"groth16","zkey":"\#(zkey)","witness":"\#(witness)"\#(more)}"#
    }

    /// A job may name any file that the worker can read: nothing of that comes back with the reason.
    @Test func nothingOfAFileIsTold() throws {
        let spool = try Sandbox()
        let secret = spool.folder + "/secret"
        try Data("hunter2 is the password, and this file is no key\n".utf8).write(
            to: URL(fileURLWithPath: secret))
        try spool.produce("key", job: job(zkey: secret))
        try spool.produce("circuit", job: job(#","r1cs":"\#(secret)""#))
        let worker = try MartletProcess.drain(spool.path)
        #expect(worker.status == 0, "\(worker.errors)")
        for id in ["key", "circuit"] {
            let reason = try spool.reason(id)
            #expect(reason.code == "bad-input" && reason.message.contains("not a"), "\(reason.message)")
            for word in ["hunt", "68 75 6e 74", "68756e74"] {
                #expect(!reason.message.contains(word), "\(reason.message)")
            }
        }
    }

    @Test func hostileDirectoriesDoNotStopTheWorker() throws {
        let spool = try Sandbox()
        let manager = FileManager.default
        // What the job says.
        try spool.produce("not-json", job: "{")
        try spool.produce("array", job: "[1,2]")
        try spool.produce("deep", job: String(repeating: "[", count: 100_000))
        try spool.produce("unknown-key", job: job(#","colour":"blue""#))
        try spool.produce("no-zkey", job: #"{"version":1,"system":"groth16","witness":"witness.wtns"}"#)
        try spool.produce("version", job: job().replacingOccurrences(of: ":1,", with: ":2,"))
        try spool.produce("system", job: job().replacingOccurrences(of: "groth16", with: "groth17"))
        try spool.produce("climb", job: job(witness: "../../../../etc/passwd"))
        try spool.produce("absolute", job: job(witness: Multiplier.witness))
        try spool.produce("job-as-witness", job: job(witness: "job.json"))
        try spool.produce("long", job: job(witness: String(repeating: "w", count: 5000)))
        try spool.produce("huge", job: String(repeating: " ", count: 2 << 20) + job())
        // What it points to.
        try spool.produce("missing", job: job(), files: [:])
        try spool.produce("empty", job: job(), files: ["witness.wtns": "/dev/null"])
        try spool.produce("relative-key", job: job(zkey: "circuit_final.zkey"))
        try spool.produce("no-key", job: job(zkey: "/nowhere/circuit_final.zkey"))
        try spool.produce("directory-key", job: job(zkey: "/"))
        try spool.produce("endless-key", job: job(zkey: "/dev/zero"))
        let pipe = spool.folder + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        try spool.produce("pipe-key", job: job(zkey: pipe))
        try spool.produce("witness-key", job: job(zkey: Multiplier.witness))
        // What is there.
        for name in ["link", "pipe", "folder"] {
            let entry = "\(spool.path)/new/5.9999999999.000.\(name)"
            try spool.produce(name, job: job(), files: [:])
            switch name {
            case "link":
                try manager.createSymbolicLink(
                    atPath: entry + "/witness.wtns", withDestinationPath: Multiplier.witness)
            case "pipe": try #require(mkfifo(entry + "/witness.wtns", 0o600) == 0)
            default:
                try manager.createDirectory(
                    atPath: entry + "/witness.wtns", withIntermediateDirectories: false)
            }
        }
        let dead = try spool.names("new").map { $0.replacingOccurrences(of: "5.9999999999.000.", with: "") }
        // And entries that are no jobs.
        try Data("x".utf8).write(
            to: URL(fileURLWithPath: spool.path + "/new/" + String(repeating: "n", count: 255)))
        try Data("x".utf8).write(to: URL(fileURLWithPath: spool.path + "/new/5.9999999999.000.file"))
        try manager.createSymbolicLink(
            atPath: spool.path + "/new/5.9999999999.000.elsewhere", withDestinationPath: "/")
        try manager.createDirectory(
            atPath: spool.path + "/new/5.9999999999.000.bad id", withIntermediateDirectories: false)
        try spool.submit("zz-good")

        let worker = try MartletProcess.drain(spool.path)
        #expect(worker.status == 0 && worker.signal == nil, "\(worker.errors)")
        try spool.expectEnded(done: ["zz-good"], dead: dead)
        #expect(try spool.names("dead").count { $0.hasPrefix("foreign.") } == 4)
        for id in dead {
            let reason = try spool.reason(id)
            #expect(["bad-input", "damaged"].contains(reason.code), "\(id): \(reason.code)")
            #expect(reason.attempts <= 1 && !reason.message.isEmpty, "\(id)")
        }
        #expect(try spool.reason("unknown-key").message.hasPrefix(#"job.json: unknown member "colour""#))
        #expect(try spool.reason("no-zkey").message.hasPrefix("job.json: zkey: missing"))
    }

    @Test func malformedFilesAreTheirSendersFault() throws {
        let spool = try Sandbox()
        var dead: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: Multiplier.malformed("")).sorted() {
            let id = name.replacingOccurrences(of: ".", with: "-")
            if name.hasSuffix(".wtns") {
                try spool.submit(id, witness: Multiplier.malformed(name))
            } else if name.hasPrefix("z"), name.hasSuffix(".zkey") {
                try spool.submit(id, zkey: Multiplier.malformed(name))
            } else {
                continue
            }
            dead.append(id)
        }
        #expect(dead.count > 15)
        try spool.submit("zz-good")
        let start = Date()
        let worker = try MartletProcess.drain(spool.path)
        #expect(worker.status == 0 && worker.signal == nil, "\(worker.errors)")
        #expect(Date().timeIntervalSince(start) < 30)
        try spool.expectEnded(done: ["zz-good"], dead: dead)
        for id in dead {
            let reason = try spool.reason(id)
            #expect(
                ["bad-input", "unsatisfied"].contains(reason.code) && reason.attempts == 1, "\(id): \(reason)"
            )
        }
    }

    @Test func keysComeFromTheOperatorsDirectoriesOnly() throws {
        let spool = try Sandbox()
        let keys = spool.folder + "/keys"
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: Multiplier.zkey, toPath: keys + "/mine.zkey")
        try FileManager.default.createSymbolicLink(
            atPath: keys + "/link.zkey", withDestinationPath: Multiplier.zkey)
        try spool.submit("inside", zkey: keys + "/mine.zkey")
        try spool.submit("outside")
        try spool.submit("link", zkey: keys + "/link.zkey")
        try spool.submit("climb", zkey: keys + "/../keys/../../x.zkey")
        try spool.submit("r1cs", zkey: keys + "/mine.zkey", r1cs: Multiplier.r1cs)
        #expect(try MartletProcess.drain(spool.path, ["--keys", keys]).status == 0)
        try spool.expectEnded(done: ["inside"], dead: ["climb", "link", "outside", "r1cs"])
        #expect(try MartletProcess.drain(spool.path, ["--keys", keys + "/no"]).status == 2)
    }

    @Test func aShellScriptThatFollowsTheDocumentBringsAJob() throws {
        let document = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/spool.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        let start = try #require(text.range(of: "```sh\n#!/bin/sh"))
        let end = try #require(text.range(of: "\n```", range: start.upperBound..<text.endIndex))
        let spool = try Sandbox()
        let script = spool.folder + "/spool-submit"
        try String(text[start.lowerBound..<end.lowerBound].dropFirst("```sh\n".count))
            .write(toFile: script, atomically: true, encoding: .utf8)
        let shell = URL(fileURLWithPath: "/bin/sh")
        for (id, code) in [("by-shell", 0), ("by-shell", 0), ("bad id", 64)] {
            let ending = try MartletProcess(
                [script, spool.path, id, Multiplier.zkey, Multiplier.witness], program: shell
            ).finish()
            #expect(ending.status == code, "\(ending.errors)")
        }
        let worker = try MartletProcess.drain(spool.path)
        #expect(worker.status == 0, "\(worker.errors)")
        try spool.expectEnded(done: ["by-shell"])
    }
}
