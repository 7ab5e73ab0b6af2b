// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import JobQueue
import Outcomes
import SpoolWorker
import Testing

@Suite struct ProofJobTests {
    private let digest = String(repeating: "0a", count: 32)

    @Test func aJobIsReadAsItWasWritten() throws {
        let job = ProofJob(
            zkey: "/keys/a \"b\".zkey", r1cs: "/keys/a.r1cs", zkeySha256: digest, witnessTag: digest,
            note: "ü")
        #expect(try ProofJob(parsing: job.json) == job)
        #expect(try ProofJob(parsing: ProofJob(zkey: "/k").json) == ProofJob(zkey: "/k"))
        // One line, and no keys without a value.
        let text = String(decoding: ProofJob(zkey: "/k").json, as: UTF8.self)
        #expect(text == #"{"system":"groth16","version":1,"witness":"witness.wtns","zkey":"/k"}"# + "\n")
    }

    @Test func theDocumentedFormIsRead() throws {
        let text = """
            {"version":1,"system":"groth16","zkey":"/abs/path/circuit_final.zkey","witness":"witness.wtns",
             "r1cs":"/abs/path","deadline":1893456000,"note":"n"}
            """
        let job = try ProofJob(parsing: Data(text.utf8))
        #expect(job.r1cs == "/abs/path" && job.deadline == 1_893_456_000)
    }

    @Test(arguments: [
        ("", "job.json: not JSON"), ("{", "job.json: not JSON"),
        ("[]", "job.json: an object is expected, and an array is there"),
        ("{}", "job.json: version: missing"),
        (#"{"version":"1"}"#, "job.json: version: a whole number is expected, and a string is there"),
        (#"{"version":1.5}"#, "job.json: version: a whole number is expected"),
        (
            #"{"version":1,"system":"groth16","zkey":null}"#,
            "job.json: zkey: a string is expected, and null is there"
        ),
        (
            #"{"version":1,"system":"groth16","zkey":7}"#,
            "job.json: zkey: a string is expected, and a number is there"
        ),
        (
            #"{"version":1,"zkey":"/a","zkey":"/b"}"#,
            "job.json: not JSON: zkey: the member occurs twice (line 1, column 26)"
        ),
        (#"{"version":1,}"#, "job.json: not JSON: version: a comma with nothing after it"),
        (#"{"version":2,"system":"groth16","zkey":"/k","witness":"w"}"#, "version 2 is not known"),
        (
            #"{"version":1,"system":"plonk","zkey":"/k","witness":"w"}"#,
            #"system "plonk" is not one of: groth16"#
        ),
        (#"{"version":1,"system":"groth16","zkey":"k","witness":"w"}"#, "zkey is not an absolute path"),
        (#"{"version":1,"system":"groth16","zkey":"/k\u0000","witness":"w"}"#, "zkey is not a path"),
        (#"{"version":1,"system":"groth16","zkey":"/k","witness":"../w"}"#, "witness: invalid file name"),
        (#"{"version":1,"system":"groth16","zkey":"/k","witness":"lease"}"#, "witness: invalid file name"),
        (#"{"version":1,"system":"groth16","zkey":"/k","witness":"w","wit":1}"#, #"unknown member "wit""#),
        (
            #"{"version":1,"system":"groth16","zkey":"/k","witness":"w","r1cs":"c"}"#,
            "r1cs is not an absolute path"
        ),
        (
            #"{"version":1,"system":"groth16","zkey":"/k","witness":"w","zkeySha256":"AB"}"#,
            "zkeySha256 is not 64"
        ),
    ])
    func aWrongOneIsRefusedByName(text: String, message: String) {
        do {
            _ = try ProofJob(parsing: Data(text.utf8))
            Issue.record("taken: \(text)")
        } catch {
            #expect(error.code == .badInput && !error.isRetryable)
            #expect(error.message.contains(message), "\(error.message)")
        }
    }

    @Test func failuresHaveTheirExitCodes() {
        let codes = Dictionary(
            uniqueKeysWithValues: FailureCode.ofErrors.map { ($0.rawValue, $0.exitCode) })
        #expect(
            codes == [
                "bad-input": 2, "unsatisfied": 2, "invalid-proof": 1, "infrastructure": 3, "out-of-memory": 3,
                "internal": 3,
            ])
        #expect(!JobFailure(code: .unsatisfied, message: "").isRetryable)
        #expect(JobFailure(code: .infrastructure, message: "").isRetryable)
        #expect(JobFailure(SpoolError.noSpace(operation: "write", path: "/x")).code == .infrastructure)
        #expect(JobFailure(InvalidJobID("")).code == .badInput)
    }
}
