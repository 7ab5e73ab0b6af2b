// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Foundations
import Outcomes
import StrictJSON

/// What a submitter asks for. Two submissions of one `id` are the same job when everything else is equal too.
public struct JobSpecification: Sendable, Equatable, Codable {
    /// The job's name in its tenant, and the key by which a repeated submission is recognised: 1 to 64
    /// characters out of `A-Z a-z 0-9 _ -`.
    public var id: String
    /// SHA-256 of the circuit's proving key, 64 lower-case hexadecimal digits; registered before.
    public var circuit: String
    /// The witness file that will be uploaded.
    public var witness: WitnessReference
    /// 0 (served first) to 9 (served last).
    public var priority: Int
    /// Unix milliseconds until which a worker may begin; `nil` for ever.
    public var deadline: Int64?
    /// After how many failed attempts the job is dead: 1 to 100.
    public var maxAttempts: Int
    /// Where the end of the job is posted to, `http` or `https`; `nil` for nowhere.
    public var callback: String?

    /// What is asked for, as the properties say; nothing is checked here, but by the coordinator.
    public init(
        id: String, circuit: String, witness: BlobReference, priority: Int = 5, deadline: Int64? = nil,
        maxAttempts: Int = 3, callback: String? = nil
    ) {
        self.init(
            id: id, circuit: circuit, witness: WitnessReference(witness), priority: priority,
            deadline: deadline, maxAttempts: maxAttempts, callback: callback)
    }

    private init(
        id: String, circuit: String, witness: WitnessReference, priority: Int, deadline: Int64?,
        maxAttempts: Int, callback: String?
    ) {
        self.id = id
        self.circuit = circuit
        self.witness = witness
        self.priority = priority
        self.deadline = deadline
        self.maxAttempts = maxAttempts
        self.callback = callback
    }

    /// Fills in what is left out; without `id` one is made.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: SubmissionKeys.self)
        self.init(
            id: try container.decodeIfPresent(String.self, forKey: .id) ?? JobID.generate().text,
            circuit: try container.decode(String.self, forKey: .circuit),
            witness: try container.decode(WitnessReference.self, forKey: .witness),
            priority: try container.decodeIfPresent(Int.self, forKey: .priority) ?? 5,
            deadline: try container.decodeIfPresent(Int64.self, forKey: .deadline),
            maxAttempts: try container.decodeIfPresent(Int.self, forKey: .maxAttempts) ?? 3,
            callback: try container.decodeIfPresent(String.self, forKey: .callback))
    }

    /// Checks what is not a matter of types.
    ///
    /// - Throws: `.invalid`, which names the field.
    package func validate() throws(StoreError) {
        do { _ = try JobID(id) } catch { throw .invalid("id: \(error)") }
        guard BlobReference.isDigest(circuit) else {
            throw .invalid("circuit: not 64 lower-case hexadecimal digits")
        }
        guard BlobReference.isDigest(witness.sha256 ?? witness.tag ?? "") else {
            throw .invalid("witness.sha256: not 64 lower-case hexadecimal digits")
        }
        guard witness.size > 0 else { throw .invalid("witness.size: not a positive number") }
        guard (0...9).contains(priority) else { throw .invalid("priority: not one of 0 to 9") }
        guard (1...100).contains(maxAttempts) else { throw .invalid("maxAttempts: not one of 1 to 100") }
        if let deadline, deadline <= 0 { throw .invalid("deadline: not a moment in unix milliseconds") }
        if let callback {
            do { _ = try WebAddress(callback) } catch { throw .invalid("callback: \(error)") }
        }
    }
}

/// The members of a submission: those of a specification, which stands in one object with its witness.
private enum SubmissionKeys: String, CodingKey {
    case id, circuit, witness, priority, deadline, maxAttempts, callback, witnessData
}

/// A submission: what is asked for and, where it is small, the witness itself, which then is not uploaded for
/// itself.
///
/// In JSON the specification's members, and `witnessData` in base64.
public struct JobRequest: Sendable, Equatable, Codable {
    /// What is asked for.
    public var specification: JobSpecification
    /// The bytes of the witness file; `nil` where it is uploaded.
    public var witnessData: Data?

    /// A request with the bytes of the witness file, or without, where it follows.
    public init(_ specification: JobSpecification, witnessData: Data? = nil) {
        self.specification = specification
        self.witnessData = witnessData
    }

    /// As `JobSpecification`.
    public init(from decoder: any Decoder) throws {
        specification = try JobSpecification(from: decoder)
        witnessData = try decoder.container(keyedBy: SubmissionKeys.self).decodeIfPresent(
            Data.self, forKey: .witnessData)
    }

    public func encode(to encoder: any Encoder) throws {
        try specification.encode(to: encoder)
        var container = encoder.container(keyedBy: SubmissionKeys.self)
        try container.encodeIfPresent(witnessData, forKey: .witnessData)
    }
}

/// A witness by its size and by what its file is recognised by.
///
/// The SHA-256 of a witness that has few secrets, or small ones, tells them to whoever tries. So a submitter
/// says it once, to the coordinator alone, which keeps and tells a **tag** instead: HMAC-SHA256 of the
/// SHA-256 under a key that only it has and that differs for each job.
public struct WitnessReference: Sendable, Equatable, Codable {
    /// SHA-256 of the file, 64 lower-case hexadecimal digits: in submissions only.
    public var sha256: String?
    /// What the file is recognised by, 64 lower-case hexadecimal digits: in answers only.
    public var tag: String?
    /// What the tag was made with, 64 lower-case hexadecimal digits: told to the worker that leases the job,
    /// which has the witness anyway.
    public var key: String?
    /// Its length in bytes.
    public var size: Int64

    /// A witness as it is submitted.
    public init(_ file: BlobReference) {
        sha256 = file.sha256
        size = file.size
    }

    /// A witness as the coordinator tells of it.
    public init(tag: String, key: String? = nil, size: Int64) {
        self.tag = tag
        self.key = key
        self.size = size
    }
}

extension WitnessReference: AnswersWithMore {
    package static var answerKeys: Set<String> { ["tag", "key"] }
}

/// A file by its content.
public struct BlobReference: Sendable, Equatable, Codable {
    /// SHA-256 of its bytes: 64 lower-case hexadecimal digits.
    public var sha256: String
    /// Its length in bytes.
    public var size: Int64

    /// The file with this SHA-256 and so many bytes; nothing is checked.
    public init(sha256: String, size: Int64) {
        self.sha256 = sha256
        self.size = size
    }

    /// Whether `text` is a SHA-256 in lower-case hexadecimal digits.
    public static func isDigest(_ text: String) -> Bool { isSHA256(text) }
}
