// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON

/// A request that is answered with an error: what all errors become here, and only here.
struct RequestError: RefusingError, HTTPResponseError {
    var status: HTTPResponse.Status
    /// For programs.
    var refusal: RefusalCode
    /// For people.
    var message: String
    var headers: HTTPFields = [:]

    var code: FailureCode { refusal.failureCode }

    init(_ status: HTTPResponse.Status, _ refusal: RefusalCode, _ message: String) {
        self.status = status
        self.refusal = refusal
        self.message = message
    }

    /// What an error is answered with: the status is that of its word in the interface, where it has one, and
    /// else follows from its code.
    init(_ error: any CodedError) {
        switch error {
        case let error as RequestError: self = error
        case let error as ServiceError:
            self.init(error.kind.status ?? error.refusal.httpStatus, error.refusal, error.message)
            if error.kind == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
            if let seconds = error.retryAfter { headers[.retryAfter] = String(seconds) }
            if let offset = error.uploadOffset { headers[.uploadOffset] = String(offset) }
        case let error as any RefusingError:
            self.init(error.refusal.httpStatus, error.refusal, error.message)
        case is ConnectionGuard.TooSlow: self.init(.requestTimeout, .invalid, error.message)
        default: self.init(ServiceError(error))
        }
    }

    /// The bytes of a request are not HTTP, or there are fewer than it says.
    static var broken: RequestError {
        var error = RequestError(.badRequest, .invalid, "the request is not HTTP, or was cut off")
        error.headers[.connection] = "close"
        return error
    }

    /// The same where no request was read that it could be the answer to.
    var whole: ConnectionGuard.Refusal {
        var head = HTTPResponse(status: status, headerFields: headers)
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.contentLength] = "\(json.count)"
        return ConnectionGuard.Refusal(head: head, body: ByteBuffer(bytes: json))
    }

    static func invalid(_ message: String) -> RequestError { .init(.badRequest, .invalid, message) }

    private struct Body: Encodable {
        struct Content: Encodable {
            var code: String
            var message: String
        }
        var error: Content
    }

    var json: Data { JSON.data(Body(error: .init(code: refusal.rawValue, message: message))) }

    var response: Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json)))
    }

    func response(from request: Request, context: some RequestContext) throws -> Response { response }
}

extension RefusalCode {
    var httpStatus: HTTPResponse.Status {
        self == .noSpace ? .insufficientStorage : HTTPResponse.Status(integerLiteral: status)
    }
}

extension ServiceError.Kind {
    /// The status of what has a more exact one than its word.
    fileprivate var status: HTTPResponse.Status? {
        switch self {
        case .wrongContent: .unprocessableContent
        case .failed: .internalServerError
        default: nil
        }
    }
}

extension HTTPResponse.Status {
    /// RFC 4918, section 11.5.
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}

extension HTTPField.Name {
    static let uploadOffset = HTTPField.Name("Upload-Offset")!
    static let tenant = HTTPField.Name("Martlet-Tenant")!
    static let traceparent = HTTPField.Name("traceparent")!
}

/// JSON as the coordinator writes and reads it.
enum JSON {
    static func data(_ value: some Encodable) -> Data { jsonData(value) }

    /// - Throws: `.invalid`, naming the field.
    static func value<T: Decodable>(_ type: T.Type, _ data: Data) throws(ServiceError) -> T {
        let decoder = StrictJSONDecoder(unknownKeys: .refuse)
        do throws(JSONError) {
            return try decoder.decode(type, from: data)
        } catch {
            if error.reason.isGrammar { throw .invalid("the body is not JSON: \(error)") }
            throw .invalid(error.path.isEmpty ? "the body: \(error)" : error.message)
        }
    }
}
