// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the requests that are being answered take, by whose they are.
final class RequestLoad: Sendable {
    struct Limits: Sendable {
        var requestsPerToken: Int
        var streamsPerToken: Int
        /// Bytes of bodies in memory.
        var bodies: Int
    }

    private struct Holder {
        var requests = 0
        var streams = 0
        var bytes = 0
        var isNothing: Bool { requests == 0 && streams == 0 && bytes == 0 }
    }
    private struct State {
        var holders: [String: Holder] = [:]
        var bytes = 0
    }

    private let state = Mutex(State())
    private let limits: Limits
    /// What the bodies of one token's requests may take; never less than the largest body.
    private let share: Int

    init(_ limits: Limits, largestBody: Int) {
        self.limits = limits
        share = max(limits.bodies / 4, largestBody)
    }

    /// Bytes of bodies that are held.
    var bytes: Int { state.withLock { $0.bytes } }

    /// - Parameter holder: the token's id; `nil` for those who have none, who are not counted one by one.
    /// - Throws: `.quota` where too many of the holder's are being answered.
    func begin(_ holder: String?) throws(ServiceError) -> RequestTicket {
        if let holder {
            let isFine = state.withLock { state in
                guard state.holders[holder]?.requests ?? 0 < limits.requestsPerToken else { return false }
                state.holders[holder, default: Holder()].requests += 1
                return true
            }
            guard isFine else {
                throw ServiceError(
                    .quota, "\(limits.requestsPerToken) requests with this token are being answered")
            }
        }
        return RequestTicket(self, holder)
    }

    fileprivate func end(_ ticket: RequestTicket.Taken, of holder: String?) {
        let (bytes, streams) = (ticket.bytes, ticket.streams)
        state.withLock { state in
            state.bytes -= bytes
            guard let holder, var entry = state.holders[holder] else { return }
            entry.requests -= 1
            entry.streams -= streams
            entry.bytes -= bytes
            state.holders[holder] = entry.isNothing ? nil : entry
        }
    }

    /// True where there was room.
    fileprivate func take(bytes: Int, of holder: String?) -> Bool {
        state.withLock { state in
            guard state.bytes + bytes <= limits.bodies else { return false }
            if let holder {
                guard (state.holders[holder]?.bytes ?? 0) + bytes <= share else { return false }
                state.holders[holder, default: Holder()].bytes += bytes
            }
            state.bytes += bytes
            return true
        }
    }

    fileprivate func takeStream(of holder: String?) -> Bool {
        guard let holder else { return true }
        return state.withLock { state in
            guard state.holders[holder]?.streams ?? 0 < limits.streamsPerToken else { return false }
            state.holders[holder, default: Holder()].streams += 1
            return true
        }
    }
}

/// One request's part of the load, given back with the last reference: at the end of the answer.
final class RequestTicket: Sendable {
    struct Taken {
        var bytes = 0
        var streams = 0
    }

    /// That of the request that the task answers.
    @TaskLocal static var current: RequestTicket?

    private let load: RequestLoad
    private let holder: String?
    private let taken = Mutex(Taken())

    fileprivate init(_ load: RequestLoad, _ holder: String?) {
        self.load = load
        self.holder = holder
    }

    deinit { load.end(taken.withLock { $0 }, of: holder) }

    /// Bytes of the body have come.
    ///
    /// - Throws: `.unavailable` where the bodies of all requests, or of all with this token, take too much
    ///   memory.
    func take(bytes: Int) throws(ServiceError) {
        guard load.take(bytes: bytes, of: holder) else {
            throw ServiceError(.unavailable, "too many large requests at the same time; send it again")
        }
        taken.withLock { $0.bytes += bytes }
    }

    /// The answer is a stream of events.
    ///
    /// - Throws: `.quota` where the token has too many.
    func takeStream() throws(ServiceError) {
        guard load.takeStream(of: holder) else {
            throw ServiceError(.quota, "this token has as many streams of events as it may have")
        }
        taken.withLock { $0.streams += 1 }
    }
}
