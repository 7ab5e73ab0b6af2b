// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Outcomes
import ProvingEngine

/// The table of endpoints. Each group is in a file of its own.
struct Routes: Sendable {
    let coordinator: Coordinator

    var store: any JobStore { coordinator.store }
    var news: JobNews { coordinator.news }

    func responder() -> some HTTPResponder<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: Expectations())
        router.add(
            middleware: Errors(
                metrics: coordinator.metrics, disk: coordinator.disk, logger: coordinator.logger))
        router.add(middleware: Codings())
        router.add(middleware: Tickets(load: coordinator.load, access: coordinator.access))
        let access = coordinator.access
        let doors = Doors(
            anyone: router.admitting(.submitter, .worker, by: access),
            workers: router.admitting(.worker, by: access),
            submitters: router.admitting(.submitter, by: access),
            watchers: router.admitting(.metrics, .worker, by: access),
            operators: router.admitting(by: access))
        addJobs(to: doors)
        addWitnesses(to: doors)
        addBlobs(to: doors)
        addLeases(to: doors)
        addWorkers(to: doors)
        addOperations(to: router, doors)
        addCallbacks(to: doors)
        refuseOtherMethods(of: router)
        return router.buildResponder()
    }

    /// Answers 405 to methods that a path does not have, and tells those that it has (RFC 9110, section
    /// 15.5.6).
    private func refuseOtherMethods(of router: Router<Context>) {
        var known: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .options, .trace, .connect]
        if let query = HTTPRequest.Method("QUERY") { known.append(query) }
        for routes in Dictionary(grouping: router.routes, by: \.path.description).values {
            let allowed = routes.map(\.method.rawValue).sorted()
            let list = allowed.joined(separator: ", ")
            for method in known where !allowed.contains(method.rawValue) {
                router.on(routes[0].path, method: method) { _, _ -> Response in
                    var error = RequestError(.methodNotAllowed, .invalid, "this path has \(list)")
                    error.headers[.allow] = list
                    throw error
                }
            }
        }
    }

    // MARK: What all need

    /// The parameter of a path, as it stands there.
    func parameter(_ name: String, _ context: some RequestContext) throws(RequestError) -> String {
        guard let value = context.parameters.get(name), (try? JobID(value)) != nil else {
            throw RequestError(.notFound, .unknown, "there is nothing of this name")
        }
        return value
    }

    /// The digest in a path.
    func digest(_ context: some RequestContext) throws(RequestError) -> String {
        guard let digest = context.parameters.get("digest"), BlobReference.isDigest(digest) else {
            throw .invalid("the digest is not 64 lower-case hexadecimal digits")
        }
        return digest
    }

    /// A body in JSON, within the limits of size and time.
    func body<T: Decodable & Sendable>(
        _ type: T.Type, of request: Request, limit: Int = Routes.usualBody
    ) async throws -> T {
        if let kind = request.headers[.contentType],
            !kind.lowercased().hasPrefix("application/json")
        {
            throw RequestError(
                .unsupportedMediaType, .invalid, "the body is not application/json but \(kind.prefix(100))")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw RequestError(.contentTooLarge, .tooLarge, "a body has at most \(limit) bytes here")
        }
        let ticket = RequestTicket.current
        let buffer = try await within(coordinator.options.bodySeconds) {
            var buffer = ByteBuffer()
            for try await var part in AwaitedBody(request.body) {
                guard buffer.readableBytes + part.readableBytes <= limit else {
                    throw RequestError(.contentTooLarge, .tooLarge, "a body has at most \(limit) bytes here")
                }
                try ticket?.take(bytes: part.readableBytes)
                buffer.writeBuffer(&part)
            }
            return buffer
        }
        // The bytes as they lie there, and large ones not where requests are answered.
        let data = Data(buffer: buffer, byteTransferStrategy: .noCopy)
        guard data.count > Self.smallBody else { return try JSON.value(type, data) }
        return try await offPool(BlockingWork.short) { () throws(ServiceError) in try JSON.value(type, data) }
    }

    /// Bodies of more bytes are parsed on a thread for that.
    private static let smallBody = 64 << 10
    /// Bytes of a body at most, unless said otherwise.
    static let usualBody = 2 << 20

    func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) -> Response {
        data(JSON.data(value), "application/json", status)
    }

    func data(_ data: Data, _ type: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }

    /// A number of seconds in the query, cut to what is allowed.
    func seconds(_ name: String, of request: Request, most: Double) throws(RequestError) -> Double {
        guard let text = request.uri.queryParameters.get(name) else { return 0 }
        // As JSON has numbers: neither "0x5" nor "+1".
        guard text.first?.isNumber == true, text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }),
            let value = Double(text), value.isFinite
        else {
            throw .invalid("\(name): not a number of seconds")
        }
        return min(value, most)
    }

    /// Runs `body` and gives up after so many seconds.
    func within<R: Sendable>(
        _ seconds: Double, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: R.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw RequestError(
                    .requestTimeout, .invalid, "the body did not come within \(seconds) seconds")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}

/// Turns whatever goes wrong into an answer in JSON.
struct Errors: RouterMiddleware {
    let metrics: Metrics
    let disk: DiskLog
    let logger: Logger

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any CodedError {
            if let error = error as? ServiceError { disk.refused(error) }
            response = RequestError(error).response
        } catch let error as HTTPError {
            response =
                RequestError(
                    error.status, error.status == .notFound ? .unknown : .invalid,
                    error.body ?? "there is nothing at \(request.uri.path.prefix(200))"
                ).response
        } catch is CancellationError {
            response =
                RequestError(.serviceUnavailable, .unavailable, "the coordinator is shutting down").response
        } catch let error where Self.isBroken(error) {
            logger.debug(
                "a request broke off",
                metadata: ["path": .string(request.uri.path), "reason": .string("\(error)")])
            response = RequestError.broken.response
        } catch {
            logger.error(
                "a request failed in an unforeseen way",
                metadata: ["path": .string(request.uri.path), "reason": .string("\(error)")])
            response = RequestError(.serviceUnavailable, .unavailable, "the request failed").response
        }
        // The connection of a request whose body was not read to its end cannot serve another one.
        if response.status.code >= 400, request.method == .put || request.uri.path == "/v1/leases" {
            response.headers[.connection] = "close"
        }
        response.headers[HTTPField.Name("X-Content-Type-Options")!] = "nosniff"
        metrics.answered(response.status.code)
        return response
    }
}

extension Errors {
    /// Whether the client's bytes are no HTTP, or ended too early: nothing has failed here.
    private static func isBroken(_ error: any Error) -> Bool {
        switch error {
        case is HTTPParserError, is ByteToMessageDecoderError, is IOError, is ChannelError: true
        default: false
        }
    }
}

/// Counts what is being answered for each token, and holds it to the limits.
struct Tickets: RouterMiddleware {
    let load: RequestLoad
    let access: AccessControl

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        // Only who has the secret counts against a token's limits. What is wrong with others the endpoint
        // says.
        var holder: String?
        if request.headers[.authorization] != nil { holder = try? await access.principal(request.head).id }
        let ticket = try load.begin(holder)
        return try await RequestTicket.$current.withValue(ticket) { try await next(request, context) }
    }
}
