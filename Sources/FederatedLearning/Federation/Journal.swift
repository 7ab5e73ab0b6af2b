// SPDX-License-Identifier: Apache-2.0

import Circuits
import Foundation
import Foundations
import SnarkFormats

/// `journal.jsonl` of a client: what it has pinned, seen and answered, one JSON object a line in the order of
/// time. It is only appended to, and each line is on the disk before anything is done that it tells of.
struct Journal {
    static let format = "martlet-fl-journal/1"

    /// A state of the chain that the client has verified the history up to.
    struct Place: Codable, Hashable {
        /// How many rounds led to it.
        var round: Int
        var state: Element
    }

    /// What the client holds a federation to.
    struct Pin: Codable, Hashable {
        var task: Element
        /// Digests of the verification keys of clients' proofs, and of what settles rounds (`Plan.settling`).
        var clientKey: Element
        var settlingKey: Element
        /// What the registry has of the client, and where.
        var leaf: Element
        var index: Int
    }

    /// What the client has said in a round; nobody gets to hear anything else of it there.
    struct Answer: Codable, Hashable {
        /// The round that the update is for.
        var round: Int
        /// The state that the update starts from.
        var state: Element
        var nullifier: Element
        /// The hash of the update.
        var update: Element
    }

    /// One of the members beside `format`.
    struct Line: Codable, Hashable {
        var format = Journal.format
        var pin: Pin?
        var seen: Place?
        var answer: Answer?
        /// A round in which the client may have said something that the journal has lost.
        var unsure: Int?
    }

    private let path: String
    /// The bytes of whole lines: what is beyond was cut off by a crash, before anything followed from it.
    private var length = 0
    private(set) var pin: Pin?
    private(set) var seen: Place?
    private(set) var answers: [Int: Answer] = [:]
    private(set) var unsure: Set<Int> = []

    /// Reads the journal in a client's directory; there need not be one yet.
    ///
    /// - Throws: `.badInput` for what is no journal.
    init(of client: String) throws(FederationError) {
        path = client + "/journal.jsonl"
        guard FileManager.default.fileExists(atPath: path) else { return }
        let file = try JSONFile.open(path, from: .federation)
        let data = file.withBytes { bytes in bytes.withUnsafeBytes { Data($0) } }
        for (number, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropLast().enumerated()
        {
            func fail(_ reason: String) -> FederationError {
                FederationError(.badInput, file: path, "line \(number + 1): \(reason)")
            }
            let entry: Line
            do throws(FederationError) {
                entry = try JSONFile.decode(Line.self, Data(line), file: path)
            } catch {
                throw fail(error.reason)
            }
            guard entry.format == Self.format else {
                throw fail("format: \(quoted(entry.format, limit: 60)) is not \"\(Self.format)\"")
            }
            take(entry)
            length += line.count + 1
        }
    }

    private mutating func take(_ line: Line) {
        if let pin = line.pin { self.pin = pin }
        if let seen = line.seen { self.seen = seen }
        if let answer = line.answer { answers[answer.round] = answer }
        if let round = line.unsure { unsure.insert(round) }
    }

    /// Appends a line, and returns when it is on the disk.
    ///
    /// - Precondition: the caller has the lock of the client's directory.
    mutating func append(_ line: Line) throws(FederationError) {
        func check(_ result: Int32) throws(FederationError) {
            guard result == 0 else {
                throw FederationError(
                    .infrastructure, file: path, "cannot be written: \(SystemReason.text(errno))")
            }
        }
        // The members are numbers and decimal strings.
        guard let text = try? JSONFile.encode(line) else { preconditionFailure("a line in JSON") }
        let isNew = !FileManager.default.fileExists(atPath: path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try check(descriptor < 0 ? -1 : 0)
        defer { close(descriptor) }
        try check(ftruncate(descriptor, off_t(length)))
        let count = text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count >= 0 && count < text.count { errno = ENOSPC }
        try check(count == text.count ? 0 : -1)
        try check(fsync(descriptor))
        if isNew {
            let folder = open(
                (path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            try check(folder < 0 ? -1 : 0)
            defer { close(folder) }
            try check(fsync(folder))
        }
        length += text.count
        take(line)
    }
}
