// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Digests
import Foundation
import Foundations
import HTTPTypes
import Synchronization

/// Who sends a request.
struct Principal: Sendable, Equatable {
    /// Of the token; `anonymous` where none is needed.
    var id: String
    var role: Role
    /// The token's, or the one that an operator acts for.
    var tenant: String
    /// Whether an operator has said for whom it acts.
    var namesTenant = false
    var maxOpenJobs: Int?

    /// The `id` of those who came without a token.
    static let anonymous = "anonymous"

    /// The tenant whose jobs may be seen; `nil` for all.
    var visibleTenant: String? { role == .operator && !namesTenant ? nil : tenant }
}

/// Tokens, made and checked.
///
/// A token is `ID.SECRET`. The store has the SHA-256 of the secret, which is 256 random bits: nothing that a
/// slow hash would protect better. Hashes are compared in constant time.
package enum TokenSecret {
    /// A new token and what the store keeps of it.
    package static func make(
        role: Role, tenant: String, maxOpenJobs: Int?, now: Int64, expiresAt: Int64?
    ) -> (token: AccessToken, secret: String) {
        let id = "mt" + random(bytes: 6)
        let secret = random(bytes: 32)
        let token = AccessToken(
            id: id, hash: SHA256Digest.hex(of: Data(secret.utf8)), role: role, tenant: tenant,
            maxOpenJobs: maxOpenJobs, createdAt: now, expiresAt: expiresAt)
        return (token, "\(id).\(secret)")
    }

    static func isRight(_ secret: Substring, for token: AccessToken) -> Bool {
        let found = Array(SHA256Digest.hex(of: Data(secret.utf8)).utf8)
        let wanted = Array(token.hash.utf8)
        guard found.count == wanted.count else { return false }
        return zip(found, wanted).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func random(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }.hexadecimal
    }
}

/// Decides who a request is from.
final class AccessControl: Sendable {
    private let store: any JobStore
    private let folder: DataFolder
    /// Whether those without a token are operators as long as there has never been one.
    private let allowsAnonymous: Bool
    /// Whether the listener is reached from this machine only.
    private let isLocal: Bool
    private let known = Mutex<(tokens: [String: AccessToken], at: ContinuousClock.Instant)?>(nil)
    /// Whether there is, or has been, a token: known from the store, from the folder, or since this process
    /// saw one. Never taken back.
    private let demandsTokens: Atomic<Bool>

    /// For how long a look at the store serves: a revoked token works so long at most.
    private static let memory = Duration.seconds(2)
    /// The same for a token that it did not show: it may have been made since. Not each guess of somebody's
    /// is a question to the store.
    private static let shortMemory = Duration.milliseconds(100)

    init(store: any JobStore, folder: DataFolder, allowsAnonymous: Bool, isLocal: Bool) {
        self.store = store
        self.folder = folder
        self.allowsAnonymous = allowsAnonymous
        self.isLocal = isLocal
        demandsTokens = Atomic(folder.demandsTokens)
    }

    /// - Throws: `.unauthorized` without a token that is known and current; `.forbidden` for a browser's page
    ///   from elsewhere.
    func principal(_ head: HTTPRequest) async throws -> Principal {
        let tokens = try await tokens()
        guard let field = head.headerFields[.authorization] else {
            guard allowsAnonymous, !demandsTokens.load(ordering: .acquiring) else {
                throw Self.unauthorized("a token is needed")
            }
            try refuseForeignPages(head)
            return Principal(
                id: Principal.anonymous, role: .operator, tenant: try tenant(head, "default"),
                namesTenant: head.headerFields[.tenant] != nil, maxOpenJobs: nil)
        }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Self.unauthorized("the Authorization header is not \"Bearer ID.SECRET\"")
        }
        let secret = parts[1].split(separator: ".", maxSplits: 1)
        guard secret.count == 2 else { throw Self.unauthorized("the token is not ID.SECRET") }
        let id = String(secret[0])
        let found = tokens[id] == nil ? try await self.tokens(within: Self.shortMemory)[id] : tokens[id]
        guard let token = found, TokenSecret.isRight(secret[1], for: token) else {
            throw Self.unauthorized("the token is not known")
        }
        if let end = token.expiresAt, end <= Int64(Date().timeIntervalSince1970 * 1000) {
            throw Self.unauthorized("the token has expired")
        }
        let isOperator = token.role == .operator
        return Principal(
            id: token.id, role: token.role,
            tenant: isOperator ? try tenant(head, token.tenant) : token.tenant,
            namesTenant: isOperator && head.headerFields[.tenant] != nil, maxOpenJobs: token.maxOpenJobs)
    }

    private func tenant(_ head: HTTPRequest, _ standard: String) throws(ServiceError) -> String {
        guard let name = head.headerFields[.tenant] else { return standard }
        guard AccessToken.isTenant(name) else {
            throw .invalid("Martlet-Tenant: 1 to 64 of A-Z a-z 0-9 . _ -")
        }
        return name
    }

    /// Whether a token is still good, of which a request was that goes on: revoked and expired ones are not.
    func isCurrent(_ principal: Principal) async -> Bool {
        guard let tokens = try? await tokens() else { return true }
        guard principal.id != Principal.anonymous else { return !demandsTokens.load(ordering: .acquiring) }
        guard let token = tokens[principal.id] else { return false }
        return token.expiresAt.map { $0 > Int64(Date().timeIntervalSince1970 * 1000) } ?? true
    }

    /// - Throws: `.unauthorized` where it is not.
    func demandCurrent(_ principal: Principal) async throws(ServiceError) {
        guard await isCurrent(principal) else { throw Self.unauthorized("the token is not good any more") }
    }

    /// Where nobody has to say who he is, a page in a browser on this machine could act for its user: a
    /// foreign page is known by its `Origin`, a rebound name by the `Host`. Both are read as addresses, not
    /// as texts.
    private func refuseForeignPages(_ head: HTTPRequest) throws(ServiceError) {
        let place = HostAndPort(head.authority ?? "")
        if let origin = head.headerFields[.origin] {
            // No path and nothing else beside scheme, host and port.
            guard let place, let web = try? WebAddress(origin), web.host == place.host,
                web.port == place.port ?? (web.isEncrypted ? 443 : 80), web.target == "/",
                !origin.dropFirst(8).contains("/")
            else {
                throw ServiceError(.forbidden, "a page from \(origin.prefix(200)) may not do this")
            }
        }
        guard isLocal else { return }
        guard let place, place.host.isThisMachine else {
            throw ServiceError(.forbidden, "without tokens only the local names of this machine serve")
        }
    }

    /// The tokens as they were so long ago at most.
    private func tokens(within age: Duration = memory) async throws -> [String: AccessToken] {
        if let known = known.withLock({ $0 }), known.at + age > .now { return known.tokens }
        let now = ContinuousClock.now
        let list = try await store.tokens()
        if list.isEmpty {
            if try await store.hasHadTokens() { await demandTokens() }
        } else {
            await demandTokens()
        }
        let tokens = Dictionary(list.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        known.withLock { $0 = (tokens, now) }
        return tokens
    }

    /// From now on nobody is served without a token. Where the mark cannot be written, for want of space say,
    /// it is tried again with the next look.
    private func demandTokens() async {
        demandsTokens.store(true, ordering: .releasing)
        let folder = folder
        try? await offPool { () throws(ServiceError) in
            if !folder.demandsTokens { try folder.demandTokens() }
        }
    }

    private static func unauthorized(_ message: String) -> ServiceError {
        ServiceError(.unauthorized, message)
    }
}

extension Principal {
    /// - Throws: `.forbidden` unless the role is one of these, or operator.
    func demand(_ roles: [Role]) throws(ServiceError) {
        guard role == .operator || roles.contains(role) else {
            throw ServiceError(.forbidden, "a token of the role \(role.rawValue) may not do this")
        }
    }
}
