// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
public import Outcomes
import StrictJSON

extension MartletClient {
    /// The job as it is now and after every change, up to its end; the stream ends with it.
    ///
    /// A connection that breaks is made anew, so a state may come twice. Errors are `ClientError`s.
    public func events(_ id: String) -> AsyncThrowingStream<ResultDocument, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await self.follow(id) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func follow(_ id: String, _ yield: (ResultDocument) -> Void) async throws(ClientError) {
        var failures = 0
        while true {
            do throws(ClientError) {
                if try await read(
                    id,
                    { job in
                        failures = 0
                        yield(job)
                    })
                {
                    return
                }
                throw .unreachable("the stream of events ended before the job")
            } catch {
                guard error.isWorthRepeating, failures < options.retries else { throw error }
            }
            failures += 1
            try await pause(afterFailures: failures)
        }
    }

    /// Reads one stream; true when it told of the job's end.
    private func read(_ id: String, _ yield: (ResultDocument) -> Void) async throws(ClientError) -> Bool {
        var request = self.request(.GET, jobPath(id) + "/events")
        request.headers.add(name: "Accept", value: "text/event-stream")
        let response = try await open(request, timeout: nil)
        guard response.status.code == 200 else { throw try await refusal(response) }
        var parser = EventParser()
        do {
            for try await piece in response.body {
                for event in try parser.take(piece.readableBytesView) where event.name == "job" {
                    let job = try Self.job(event.data)
                    yield(job)
                    if job.state.isFinal { return true }
                }
            }
        } catch {
            throw translated(error)
        }
        return false
    }
}

extension MartletClient {
    private static func job(_ text: String) throws(ClientError) -> ResultDocument {
        do throws(JSONError) {
            return try StrictJSONDecoder().decode(from: text)
        } catch {
            throw .invalidAnswer("an event is not a job: \(error)")
        }
    }
}

/// Reads `text/event-stream`.
package struct EventParser {
    package struct Event: Equatable {
        package var name: String
        package var data: String
    }

    private static let limit = 4 << 20
    private var line: [UInt8] = []
    private var name = ""
    private var data: [String] = []
    private var size = 0
    private var endedWithReturn = false

    package init() {}

    /// The events that are complete with these bytes.
    ///
    /// - Throws: `ClientError.invalidAnswer` for an event of more than 4 MiB.
    package mutating func take(_ bytes: some Sequence<UInt8>) throws(ClientError) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") && endedWithReturn {
                endedWithReturn = false
                continue
            }
            endedWithReturn = byte == UInt8(ascii: "\r")
            guard byte == UInt8(ascii: "\n") || endedWithReturn else {
                line.append(byte)
                size += 1
                guard size <= Self.limit else { throw .invalidAnswer("an event has more than 4 MiB") }
                continue
            }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        let text = String(decoding: line, as: UTF8.self)
        line.removeAll(keepingCapacity: true)
        if text.isEmpty {
            defer { (name, data, size) = ("", [], 0) }
            return data.isEmpty
                ? nil : Event(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count == 2 ? parts[1] : ""
        if value.first == " " { value.removeFirst() }
        switch parts[0] {
        case "event": name = String(value)
        case "data": data.append(String(value))
        default: break
        }
        if data.isEmpty && name.isEmpty { size = 0 }
        return nil
    }
}
