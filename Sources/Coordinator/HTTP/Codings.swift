// SPDX-License-Identifier: Apache-2.0

import Coordination
import HTTPTypes
import Hummingbird

/// Refuses bodies in codings that nobody here undoes: read as they come they would be something else than
/// what a proxy before the coordinator has read.
struct Codings: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let transfer = request.headers[.transferEncoding]?.lowercased() ?? "chunked"
        let content = request.headers[.contentEncoding]?.lowercased() ?? "identity"
        guard transfer == "chunked" else {
            var error = RequestError.invalid("Transfer-Encoding: chunked is read, and nothing else")
            error.headers[.connection] = "close"
            throw error
        }
        guard content == "identity" else {
            throw RequestError(
                .unsupportedMediaType, .invalid, "Content-Encoding: bodies are read as they are, without any")
        }
        return try await next(request, context)
    }
}
