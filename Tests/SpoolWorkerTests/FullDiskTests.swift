// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes
import ProvingEngine
import SystemTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite(.serialized, .enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
struct FullDiskTests {
    let disk: SmallDisk
    let spool: Sandbox

    init() throws {
        disk = try SmallDisk(kibibytes: 512)
        spool = try Sandbox(in: disk.path)
    }

    private func worker() throws -> MartletProcess {
        try MartletProcess(["worker", "--queue", "spool:" + spool.path, "--threads", "1"])
    }

    @Test func aFinishedProofIsKeptUntilThereIsRoom() throws {
        try spool.submit("a")
        try disk.fill()
        let process = try worker()
        #expect(eventually { process.errors.contains("no room to publish") }, "\(process.errors)")
        #expect(try spool.names("done").isEmpty && spool.names("cur").count == 1)
        disk.free()
        #expect(try eventually { try spool.names("done") == ["a"] }, "\(process.errors)")
        process.send(SIGTERM)
        #expect(process.finish().status == 0)
        try spool.expectEnded(done: ["a"])
        #expect(try spool.result("a").attempt == 1)
        // The proof was made once.
        #expect(process.errors.components(separatedBy: " claimed ").count == 2)
    }

    @Test func aWorkerThatIsToldToStopHandsTheJobBack() throws {
        try spool.submit("a")
        try disk.fill()
        let process = try worker()
        #expect(eventually { process.errors.contains("no room to publish") }, "\(process.errors)")
        process.send(SIGTERM)
        let ending = process.finish()
        #expect(ending.status == 0 && ending.errors.contains("handed back"), "\(ending.errors)")
        #expect(try spool.names("new") == ["5.9999999999.000.a"])
        disk.free()
        #expect(try MartletProcess.drain(spool.path).status == 0)
        try spool.expectEnded(done: ["a"])
    }

    @Test func aDeathWaitsForRoomForItsReason() throws {
        try spool.submit("bad", witness: Multiplier.unsatisfied)
        try disk.fill()
        let process = try worker()
        #expect(eventually { process.errors.contains("the queue cannot be told") }, "\(process.errors)")
        disk.free()
        #expect(try eventually { try spool.names("dead") == ["bad"] }, "\(process.errors)")
        process.send(SIGTERM)
        #expect(process.finish().status == 0)
        #expect(try spool.reason("bad").code == "unsatisfied")
    }

    @Test func aSubmissionSaysSo() throws {
        try disk.fill()
        let ending = try MartletProcess.run([
            "submit", "--queue", "spool:" + spool.path, "--zkey", Multiplier.zkey, "--witness",
            Multiplier.witness,
        ])
        #expect(ending.status == 3 && ending.errors.contains("no space left"), "\(ending.errors)")
        #expect(try spool.names("new").isEmpty && spool.names("tmp").isEmpty)
    }
}
