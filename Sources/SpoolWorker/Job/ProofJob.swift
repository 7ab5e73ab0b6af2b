// SPDX-License-Identifier: Apache-2.0

package import Failures
package import Foundation
import Foundations
import JobQueue
import StrictJSON

/// What `job.json` says: which proof is wanted of which files.
///
/// Written by `martlet submit` and by any program that brings jobs to a spool, so it is read strictly: an
/// unknown or misspelt key is an error, and each error names the key.
package struct ProofJob: Sendable, Equatable, Codable {
    /// The version of the form that this library reads and writes.
    package static let currentVersion = 1
    /// The proof systems that the worker proves.
    package static let knownSystems = ["groth16"]

    /// The version of the file's form.
    package var version = ProofJob.currentVersion
    /// The proof system: `groth16`.
    package var system: String
    /// The absolute path of the proving key on the worker's machine.
    package var zkey: String
    /// The plain name of the witness in the job's directory.
    package var witness: String
    /// The absolute path of the circuit, with which an unsatisfied constraint can be named; nil for none.
    package var r1cs: String?
    /// What the proving key's SHA-256 must be, 64 lower-case hexadecimal digits; nil to take any.
    package var zkeySha256: String?
    /// What the witness is recognised by, 64 lower-case hexadecimal digits: HMAC-SHA256, under the spool's
    /// secret, of the 32 bytes of its SHA-256; nil to take any.
    package var witnessTag: String?
    /// Unix seconds, for the reader only: the deadline in the entry's name is the one that counts.
    package var deadline: Double?
    /// Anything the producer wants to say; at most 1000 characters. Not logged.
    package var note: String?

    /// A job; use `validate()` before it is written.
    package init(
        system: String = "groth16", zkey: String, witness: String = "witness.wtns", r1cs: String? = nil,
        zkeySha256: String? = nil, witnessTag: String? = nil, note: String? = nil
    ) {
        self.system = system
        self.zkey = zkey
        self.witness = witness
        self.r1cs = r1cs
        self.zkeySha256 = zkeySha256
        self.witnessTag = witnessTag
        self.note = note
    }

    /// Reads and checks a `job.json`; unknown members are refused.
    ///
    /// - Throws: `JobFailure` with the code `badInput` and a message that names the member.
    package init(parsing data: Data) throws(JobFailure) {
        do throws(JSONError) {
            self = try StrictJSONDecoder(unknownKeys: .refuse).decode(ProofJob.self, from: data)
        } catch {
            throw ProofJob.failure(error.reason.isGrammar ? "not JSON: \(error)" : error.message)
        }
        try validate()
    }

    /// Checks the rules that are not a matter of types.
    ///
    /// - Throws: `JobFailure` with the code `badInput` and a message that names the member.
    package func validate() throws(JobFailure) {
        guard version == ProofJob.currentVersion else {
            throw ProofJob.failure("version \(version) is not known here, only \(ProofJob.currentVersion)")
        }
        guard ProofJob.knownSystems.contains(system) else {
            let known = ProofJob.knownSystems.joined(separator: ", ")
            throw ProofJob.failure("system \(quoted(system, limit: 120)) is not one of: \(known)")
        }
        try ProofJob.check(path: zkey, key: "zkey")
        if let r1cs { try ProofJob.check(path: r1cs, key: "r1cs") }
        do {
            try SpoolQueue.checkFileName(witness)
        } catch {
            throw ProofJob.failure("witness: \(error)")
        }
        for (key, digest) in [("zkeySha256", zkeySha256), ("witnessTag", witnessTag)] {
            guard let digest else { continue }
            guard isSHA256(digest) else {
                throw ProofJob.failure("\(key) is not 64 lower-case hexadecimal digits")
            }
        }
        if let note, note.count > 1000 { throw ProofJob.failure("note has more than 1000 characters") }
    }

    /// The text of `job.json`: sorted keys, one line. Equal jobs have equal texts.
    package var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // No value of this type is without a form in JSON but a deadline that is no number, which no reader
        // makes.
        return ((try? encoder.encode(self)) ?? Data()) + Data("\n".utf8)
    }

    private static func check(path: String, key: String) throws(JobFailure) {
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw failure("\(key) is not an absolute path: \(quoted(path, limit: 120))")
        }
        guard !path.utf8.contains(0), path.utf8.count <= 4096 else {
            throw failure("\(key) is not a path that the system can open")
        }
    }

    private static func failure(_ reason: String) -> JobFailure {
        JobFailure(code: .badInput, message: "job.json: \(reason)")
    }
}
