// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import HTTPTypes
import Hummingbird
import JobQueue
import NIOCore
import ProvingService
import StrictJSON

/// A request that is answered with an error.
struct RequestError: Error, HTTPResponseError {
    var status: HTTPResponse.Status
    /// For programs.
    var code: String
    /// For people.
    var message: String
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    init(_ error: StoreError) {
        let (status, code): (HTTPResponse.Status, String) =
            switch error {
            case .invalid: (.badRequest, "invalid")
            case .unknown: (.notFound, "unknown")
            case .conflict: (.conflict, "conflict")
            case .staleEpoch: (.conflict, "staleEpoch")
            case .cordoned: (.conflict, "cordoned")
            case .quota: (.tooManyRequests, "quota")
            case .unavailable: (.serviceUnavailable, "unavailable")
            }
        self.init(status, code, error.message)
    }

    init(_ error: ServiceError) {
        let (status, code): (HTTPResponse.Status, String) =
            switch error.kind {
            case .invalid: (.badRequest, "invalid")
            case .unauthorized: (.unauthorized, "unauthorized")
            case .forbidden: (.forbidden, "forbidden")
            case .unknown: (.notFound, "unknown")
            case .conflict: (.conflict, "conflict")
            case .tooLarge: (.contentTooLarge, "tooLarge")
            case .wrongContent: (.unprocessableContent, "invalid")
            case .quota: (.tooManyRequests, "quota")
            case .unavailable: (.serviceUnavailable, "unavailable")
            case .failed: (.internalServerError, "unavailable")
            case .noSpace: (.insufficientStorage, "noSpace")
            }
        self.init(status, code, error.message)
        if error.kind == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        if let offset = error.uploadOffset { headers[.uploadOffset] = String(offset) }
    }

    static func invalid(_ message: String) -> RequestError { .init(.badRequest, "invalid", message) }

    private struct Body: Encodable {
        struct Content: Encodable {
            var code: String
            var message: String
        }
        var error: Content
    }

    var json: Data { JSON.data(Body(error: .init(code: code, message: message))) }

    var response: Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json)))
    }

    func response(from request: Request, context: some RequestContext) throws -> Response { response }
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
        var decoder = StrictJSONDecoder()
        decoder.userInfo[.refusesUnknownKeys] = true
        do throws(JSONError) {
            return try decoder.decode(type, from: data)
        } catch {
            if error.reason.isGrammar { throw .invalid("the body is not JSON: \(error)") }
            throw .invalid(error.path.isEmpty ? "the body: \(error)" : error.description)
        }
    }
}
