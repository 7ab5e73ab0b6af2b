import Coordination
import Foundation
import HTTPTypes
import Hummingbird
import JobQueue
import NIOCore
import ProvingService

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

    init(_ failure: JobFailure) {
        if failure.code.isCausedByInput || failure.code == .invalidProof {
            self.init(.unprocessableContent, "invalid", failure.message)
        } else {
            self.init(.serviceUnavailable, "unavailable", failure.message)
        }
    }

    static func invalid(_ message: String) -> RequestError { .init(.badRequest, "invalid", message) }

    /// The same, with the offset at which an upload goes on.
    func with(uploadOffset: Int64) -> RequestError {
        var copy = self
        copy.headers[.uploadOffset] = String(uploadOffset)
        return copy
    }

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

    /// - Throws: 400, naming the field.
    static func value<T: Decodable>(_ type: T.Type, _ data: Data) throws(RequestError) -> T {
        let decoder = JSONDecoder()
        decoder.userInfo[.refusesUnknownKeys] = true
        do {
            return try decoder.decode(type, from: data)
        } catch let error as DecodingError {
            throw .invalid(explain(error))
        } catch {
            throw .invalid("the body is not JSON")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context, _ last: String? = nil) -> String {
            let path = context.codingPath.map(\.stringValue) + (last.map { [$0] } ?? [])
            return path.isEmpty ? "the body" : path.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context, key.stringValue)): missing"
        case .typeMismatch(_, let context): return "\(place(context)): of the wrong type"
        case .valueNotFound(_, let context): return "\(place(context)): null"
        case .dataCorrupted(let context):
            return context.debugDescription.hasPrefix("unknown key")
                ? "\(place(context)): \(context.debugDescription)"
                : "\(place(context)): not a value that fits, or not JSON"
        @unknown default: return "the body does not fit"
        }
    }
}
