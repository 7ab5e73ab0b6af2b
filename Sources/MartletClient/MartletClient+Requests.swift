// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import StrictJSON

extension MartletClient {
    /// What may be read of an answer that is no file.
    private static let answerLimit = 64 << 20

    /// An answer whose body was read.
    struct Answer {
        /// Who answered.
        var address: QueueAddress
        var hints: ClientHints
        var status: Int
        var headers: HTTPHeaders
        var body: Data

        /// The body as JSON.
        func decoded<T: Decodable>(_ type: T.Type = T.self) throws(ClientError) -> T {
            do throws(JSONError) {
                return try StrictJSONDecoder().decode(type, from: body)
            } catch {
                throw .invalidAnswer(
                    "\(address) does not answer as a coordinator of this version does; is it one?")
            }
        }

        /// How many bytes of an upload the coordinator has, where it says so.
        var uploadOffset: Int64? { headers.first(name: "Upload-Offset").flatMap { Int64($0) } }

        /// The error that the answer amounts to.
        var refusal: ClientError {
            struct Body: Decodable {
                struct Reason: Decodable {
                    var code: String
                    var message: String
                }
                var error: Reason
            }
            guard let reason = (try? StrictJSONDecoder().decode(Body.self, from: body))?.error else {
                let code = RefusalCode(status: status).rawValue
                // An answer to HEAD never has a reason.
                let doubt = body.isEmpty ? "" : ", and not in the way of a coordinator; is it one?"
                return .refused(
                    status: status, code: code, message: "\(address) answers \(status) (\(code))\(doubt)")
            }
            // Who may not come in has to know where, and by what.
            let isClosed = status == 401 || status == 403
            let hint = TransportReason.clause(hints.token)
            return .refused(
                status: status, code: reason.code,
                message: isClosed ? "\(address): \(reason.message)\(hint)" : reason.message)
        }
    }

    func encoded(_ value: some Encodable) throws(ClientError) -> Data {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(value)
        } catch {
            throw .invalidOption("a value has no form in JSON")
        }
    }

    func request(_ method: HTTPMethod, _ path: String, json: Data? = nil) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.url(path))
        request.method = method
        if let token = options.token { request.headers.add(name: "Authorization", value: "Bearer " + token) }
        if let tenant = options.tenant { request.headers.add(name: "Martlet-Tenant", value: tenant) }
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(data: json))
        }
        return request
    }

    /// Makes a request until there is an answer other than that the coordinator is overloaded, and reads it.
    ///
    /// - Parameters:
    ///   - wait: how many seconds the coordinator is asked to wait with the answer.
    ///   - success: the statuses that are returned; others are thrown.
    func call(
        _ method: HTTPMethod, _ path: String, json: Data? = nil, wait: Double = 0,
        success: Set<Int> = [200, 201, 204]
    ) async throws(ClientError) -> Answer {
        try await repeating { () async throws(ClientError) in
            let answer = try await self.once(
                self.request(method, path, json: json), timeout: wait + self.options.requestTimeout)
            guard success.contains(answer.status) else { throw answer.refusal }
            return answer
        }
    }

    /// Makes one request and reads the answer.
    func once(_ request: HTTPClientRequest, timeout: Double?) async throws(ClientError) -> Answer {
        do {
            let response = try await open(request, timeout: timeout)
            let body = try await response.body.collect(upTo: Self.answerLimit)
            return Answer(
                address: address, hints: options.hints, status: Int(response.status.code),
                headers: response.headers,
                body: Data(buffer: body))
        } catch {
            throw translated(error)
        }
    }

    /// Makes one request; the answer's body is still to be read.
    func open(_ request: HTTPClientRequest, timeout: Double?) async throws(ClientError) -> HTTPClientResponse
    {
        do {
            return try await http.execute(
                request, deadline: timeout.map { .now() + .seconds($0) } ?? .distantFuture)
        } catch {
            throw translated(error)
        }
    }

    /// Runs `body` again, with growing pauses, as long as nobody answers or the coordinator is overloaded.
    func repeating<T>(_ body: () async throws(ClientError) -> T) async throws(ClientError) -> T {
        var failures = 0
        while true {
            do throws(ClientError) {
                return try await body()
            } catch {
                guard failures < options.retries, error.isWorthRepeating else { throw error }
            }
            try await pause(afterFailures: failures)
            failures += 1
        }
    }

    /// Waits longer with each failure, and not for the same time as others: clients that failed together do
    /// not come back together.
    func pause(afterFailures failures: Int) async throws(ClientError) {
        let seconds = min(options.firstPause * Double(1 << min(failures, 20)), options.longestPause)
        do {
            try await Task.sleep(for: .seconds(seconds * Double.random(in: 0.7...1.3)))
        } catch {
            throw .cancelled
        }
    }
}

extension ClientError {
    /// Whether the coordinator may answer otherwise in a moment.
    var isWorthRepeating: Bool {
        switch self {
        case .refused(let status, _, _): [502, 503, 504].contains(status)
        case .unreachable: true
        default: false
        }
    }
}
