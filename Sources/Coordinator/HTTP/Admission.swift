// SPDX-License-Identifier: Apache-2.0

import Coordination
import Hummingbird
import NIOCore

/// What a request carries along.
struct Context: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection on which it came.
    let channel: any Channel
    /// Who sends it, once a group of endpoints has let it in.
    fileprivate var principal: Principal?

    init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// What a request carries along that a group of endpoints has let in.
struct AdmittedContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who sends it.
    let principal: Principal

    init(context: Context) throws {
        guard let principal = context.principal else {
            throw ServiceError(.failed, "nobody has looked at who sends this request")
        }
        coreContext = context.coreContext
        self.principal = principal
    }
}

/// A group of endpoints for some roles.
typealias Admitted = RouterGroup<AdmittedContext>

/// The groups of endpoints, by who is let in; operators are everywhere.
struct Doors {
    /// Whoever has to do with jobs.
    let anyone: Admitted
    let workers: Admitted
    let submitters: Admitted
    /// Who watches the service.
    let watchers: Admitted
    /// Operators alone.
    let operators: Admitted
}

extension Router<Context> {
    /// Endpoints for those who have one of the roles, and for operators.
    func admitting(_ roles: Role..., by access: AccessControl) -> Admitted {
        group().add(middleware: Admission(access: access, roles: roles)).group(context: AdmittedContext.self)
    }
}

/// Lets in who may come in, before anything else of the request is looked at.
private struct Admission: RouterMiddleware {
    let access: AccessControl
    let roles: [Role]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let principal = try await access.principal(request.head)
        try principal.demand(roles)
        var context = context
        context.principal = principal
        return try await next(request, context)
    }
}
