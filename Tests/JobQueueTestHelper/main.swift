// SPDX-License-Identifier: Apache-2.0

// A program for the process tests of JobQueue: submits to a spool, or works on one in the simplest way.
//
//   spool-test-helper submit DIR ID [BYTES]     one job with a witness of BYTES bytes
//   spool-test-helper work DIR [MS] [BEHAVIOUR] works until nothing is left; every job takes MS milliseconds
//                                               BEHAVIOUR: prove (default), flaky, reject, hang
//
// Exit status: 0 well, 1 an error of the queue (its code on standard output), 64 misuse.

import Foundation
import Foundations
import JobQueue
import Outcomes

/// Prints a line at once, also into a pipe.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else { exit(64) }

func submit(_ queue: SpoolQueue) throws(SpoolError) {
    guard arguments.count > 2, let id = try? JobID(arguments[2]) else { exit(64) }
    let size = arguments.count > 3 ? Int(arguments[3]) ?? 16 : 16
    let outcome = try queue.submit(
        JobSubmission(
            id: id, body: Data("{\"version\":1}\n".utf8),
            bodyDigest: "digest-\(arguments[2])",
            files: [JobFile(name: "witness.wtns", source: .bytes(Data(repeating: 7, count: size)))]))
    say("\(outcome)")
}

func work(_ queue: SpoolQueue) throws(SpoolError) {
    let milliseconds = arguments.count > 2 ? UInt32(arguments[2]) ?? 0 : 0
    let behaviour = arguments.count > 3 ? arguments[3] : "prove"
    while true {
        try queue.reap()
        guard let job = try queue.claim() else {
            let status = try queue.status(listingJobs: false)
            if status.queued == 0 && status.running == 0 { return }
            usleep(5_000)
            continue
        }
        say("claimed \(job.id) \(job.attempt)")
        try job.heartbeat(phase: "prove", fraction: 0.5)
        usleep(milliseconds * 1000)
        FaultInjection.reached("mid-proof")
        switch behaviour {
        case "reject": try job.fail(code: "unsatisfied", message: "constraint 3", retryable: false)
        case "flaky" where job.attempt < 2:
            try job.fail(code: "internal", message: "once more", retryable: true)
        case "hang":
            say("hanging \(job.id)")
            while true { sleep(1) }
        default:
            let witness = try job.openFile("witness.wtns").read(limit: 1 << 20)
            let proof = Data("\(job.id) \(witness.count) \(getpid())\n".utf8)
            let outcome = try job.publish(["proof.json": proof]) { staged in
                guard try staged.read("proof.json") == proof else { throw CocoaError(.fileReadCorruptFile) }
            }
            say("\(outcome) \(job.id)")
        }
    }
}

do throws(SpoolError) {
    let queue = try SpoolQueue(path: arguments[1])
    switch arguments[0] {
    case "submit": try submit(queue)
    case "work": try work(queue)
    default: exit(64)
    }
} catch {
    say("error \(error.word)")
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
