// SPDX-License-Identifier: Apache-2.0

import Foundation
import FuzzSupport

@testable import SpoolWorker

/// What a submitter writes into a spool.
enum JobTargets {
    static let all = [jobs]

    /// `job.json`. What is read is written, and that reads the same.
    private static let jobs = FuzzTarget(
        "job", lengthLimit: 1_000,
        words: [
            "\"version\":", "\"system\":", "\"zkey\":", "\"witness\":", "\"r1cs\":", "\"zkeySha256\":",
            "\"witnessTag\":",
            "\"deadline\":", "\"note\":", "\"groth16\"", "null", "1e308", "-1", "..", "/", "\\u0000",
        ].map { Array($0.utf8) },
        seeds: {
            let digest = String(repeating: "0a", count: 32)
            var job = ProofJob(zkey: "/keys/a.zkey", r1cs: "/keys/a.r1cs", zkeySha256: digest, note: "n")
            let full = job.json
            job = ProofJob(zkey: "/k")
            job.deadline = 1.75e9
            return [Array(full), Array(job.json)]
        },
        read: { bytes in
            let job = try ProofJob(parsing: Data(bytes))
            demand(job.zkey.hasPrefix("/") && !job.witness.utf8.contains(0x2f), "paths that lead elsewhere")
            demand(reread("job") { try ProofJob(parsing: job.json) } == job, "another job")
        })
}
