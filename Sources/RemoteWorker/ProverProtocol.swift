// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Outcomes

/// A line to the process that proves: which files to read, and where the proof goes.
package struct ProverRequest: Sendable, Equatable, Codable {
    var id: String
    var zkey: String
    /// SHA-256 of the proving key, compared whenever the file is mapped anew; nil to take what is there.
    var digest: String?
    var witness: String
    var proof: String
    var `public`: String

    package init(
        id: String, zkey: String, digest: String? = nil, witness: String, proof: String,
        public publicInputs: String
    ) {
        self.id = id
        self.zkey = zkey
        self.digest = digest
        self.witness = witness
        self.proof = proof
        self.public = publicInputs
    }
}

/// A line from the process that proves. One of the optional parts is there.
package struct ProverMessage: Sendable, Equatable, Codable {
    struct Failure: Sendable, Equatable, Codable {
        var code: FailureCode
        var message: String
    }

    package struct Ready: Sendable, Equatable, Codable {
        /// What may compute.
        package var backend: String
        /// Threads of one proof.
        package var threads: Int
    }

    /// The request that this is about; nil for `ready`.
    var id: String?
    /// The process can take requests.
    var ready: Ready?
    /// A phase begins.
    var phase: JobPhase?
    /// The proof is made, verified and written.
    var done: ProofFacts?
    /// There is no proof.
    var failed: Failure?
}

/// Cuts what arrives into lines.
struct LineBuffer {
    private var bytes: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: how many bytes a line may have.
    init(limit: Int) { self.limit = limit }

    /// The lines that are complete with these bytes, without their ends; nil when one is too long.
    mutating func take(_ new: UnsafeRawBufferPointer) -> [Data]? {
        var lines: [Data] = []
        for byte in new {
            if byte == UInt8(ascii: "\n") {
                lines.append(Data(bytes))
                bytes.removeAll(keepingCapacity: true)
            } else {
                guard bytes.count < limit else { return nil }
                bytes.append(byte)
            }
        }
        return lines
    }
}
