// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes
import Synchronization

/// A client that waits for a word before it sends the body (`Expect: 100-continue`; RFC 9110, section
/// 10.1.1): told to go on when somebody begins to read, and told the answer alone where nobody does.
final class Expectation: Sendable {
    /// That of the request that the task answers.
    @TaskLocal static var current: Expectation?

    private let channel: any Channel
    private let isMet = Atomic<Bool>(false)

    init(_ channel: any Channel) { self.channel = channel }

    /// Whether the client was told to go on.
    var wasMet: Bool { isMet.load(ordering: .acquiring) }

    /// Tells the client to go on, the first time.
    func meet() async throws {
        guard !isMet.exchange(true, ordering: .acquiringAndReleasing) else { return }
        try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
    }
}

/// Finds out who waits.
struct Expectations: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.expect]?.lowercased() == "100-continue" else {
            return try await next(request, context)
        }
        let expectation = Expectation(context.channel)
        var response = try await Expectation.$current.withValue(expectation) {
            try await next(request, context)
        }
        // Nobody knows whether a body that was not asked for comes all the same.
        if !expectation.wasMet { response.headers[.connection] = "close" }
        return response
    }
}
