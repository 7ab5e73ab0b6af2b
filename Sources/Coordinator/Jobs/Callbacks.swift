// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import Failures
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Posts the ends of jobs to those who asked for it.
///
/// The body is the job; `Martlet-Signature: t=SECONDS,v1=HEX` holds the unix time and the HMAC-SHA256, under
/// the tenant's callback secret, of "SECONDS.BODY". An answer with a status of 200 to 299 counts as taken. No
/// redirects are followed.
///
/// What a tenant wants to be posted to one origin is a queue; queues do not wait for each other. Where nobody
/// answers the whole queue rests, longer each time.
struct Callbacks: Sendable {
    let store: any JobStore
    /// The operator's.
    let secret: String
    let allowance: CallbackAllowance
    /// The addresses of a name.
    let resolve: @Sendable (String) async throws -> [IPAddress]
    let logger: Logger

    /// Seconds that one delivery may take.
    private static let limit = 10.0
    /// Queues that are worked on at the same time, and of these of one tenant.
    private static let (queues, queuesOfTenant) = (64, 8)
    /// Callbacks of a queue that are taken on at once, and of these posted at the same time.
    private static let (share, together) = (32, 4)

    /// Delivers until cancelled.
    func run() async {
        let state = QueueStates()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                var work: [@Sendable () async -> Void] = []
                do throws(StoreError) {
                    work = try await begin(state)
                } catch {
                    if !Task.isCancelled {
                        logger.error(
                            "the store does not answer", metadata: ["reason": .string(error.message)])
                    }
                }
                for work in work { group.addTask(operation: work) }
                try? await Task.sleep(for: .milliseconds(work.isEmpty ? 500 : 50))
            }
        }
    }

    /// The work on the queues that are due.
    private func begin(_ state: QueueStates) async throws(StoreError) -> [@Sendable () async -> Void] {
        let busy = state.busy(tenantLimit: Self.queuesOfTenant)
        let room = Self.queues - busy.targets.count
        guard room > 0 else { return [] }
        let due = try await store.dueCallbacks(
            limit: 8 * Self.share, share: Self.share, butNotOf: busy.targets, tenants: busy.tenants)
        let queues = Dictionary(grouping: due, by: \.target)
        var work: [@Sendable () async -> Void] = []
        for (target, callbacks) in queues {
            guard let first = callbacks.first else { continue }
            let tenant = first.job.tenant
            // What is too much now was only put off by two minutes in the store: it is put back at once.
            guard state.begin(target, tenant, limit: Self.queues, tenantLimit: Self.queuesOfTenant) else {
                try await store.postponeCallbacks(of: target, seconds: 1)
                continue
            }
            work.append {
                await deliver(callbacks, to: target, state)
                state.end(target, tenant)
            }
        }
        return work
    }

    private enum Outcome {
        case taken
        case refused(String)
        case unreachable(String)
        case useless(String)
    }

    private func deliver(_ callbacks: [DueCallback], to target: String, _ state: QueueStates) async {
        var (done, refused) = ([String](), [String]())
        var unreachable: String?
        do {
            let route = try await route(callbacks)
            var waiting = callbacks[...]
            await withTaskGroup(of: (String, Outcome).self) { group in
                func next() {
                    guard unreachable == nil, let callback = waiting.popFirst() else { return }
                    group.addTask { (callback.uid, await post(callback, route)) }
                }
                for _ in 0..<Self.together { next() }
                for await (uid, outcome) in group {
                    switch outcome {
                    case .taken: done.append(uid)
                    case .useless(let reason):
                        done.append(uid)
                        logger.info("a callback cannot be made", metadata: ["reason": .string(reason)])
                    case .refused(let reason):
                        refused.append(uid)
                        note(target, state.refused(target), reason)
                    case .unreachable(let reason): unreachable = reason
                    }
                    next()
                }
            }
            try? await route.client.shutdown()
        } catch {
            unreachable = "\(error)"
        }
        do throws(StoreError) {
            try await store.settleCallbacks(done: done, refused: refused)
            if let unreachable {
                // Broken off because the coordinator ends.
                guard !Task.isCancelled else { return }
                let failures = state.failed(target)
                note(target, failures, unreachable)
                try await store.postponeCallbacks(
                    of: target, seconds: min(3600, 5 * Double(1 << min(failures.count - 1, 20))))
            } else if !done.isEmpty, let count = state.recovered(target) {
                logger.debug(
                    "callbacks are taken again",
                    metadata: ["target": .string(target), "failures": .stringConvertible(count)])
            }
        } catch {
            if !Task.isCancelled {
                logger.error("the store does not answer", metadata: ["reason": .string(error.message)])
            }
        }
    }

    /// Tells of a failure, but not of each.
    private func note(_ target: String, _ failures: (count: Int, isToBeTold: Bool), _ reason: String) {
        guard failures.isToBeTold else { return }
        logger.warning(
            "callbacks are not taken; they come again",
            metadata: [
                "target": .string(target), "failures": .stringConvertible(failures.count),
                "reason": .string(String(reason.prefix(200))),
            ])
    }

    // MARK: One queue

    /// How a queue's host is reached: by a client that connects to one address, which was looked at, whatever
    /// the name resolves to meanwhile.
    private struct Route: Sendable {
        var client: HTTPClient
    }

    private struct NotAllowed: CodedError {
        var code: FailureCode { .badInput }
        var message: String
    }

    private func route(_ callbacks: [DueCallback]) async throws -> Route {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(10))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        guard let web = callbacks.lazy.compactMap({ try? WebAddress($0.url) }).first else {
            // Each is found useless by itself.
            return Route(client: HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
        }
        let found: [IPAddress]
        switch web.host {
        case .address(let address): found = [address]
        case .name(let name):
            found = try await resolve(name)
        }
        let own = CallbackAllowance.ownAddresses()
        guard let address = found.first(where: { allowance.allows($0, of: web.host, own: own) }) else {
            throw NotAllowed(message: "callbacks may not go there: it is no place that the operator allows")
        }
        if case .name(let name) = web.host { configuration.dnsOverride = [name: "\(address)"] }
        return Route(client: HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
    }

    private func post(_ callback: DueCallback, _ route: Route) async -> Outcome {
        let web: WebAddress
        do { web = try WebAddress(callback.url) } catch { return .useless("\(error)") }
        let body = JSON.data(callback.job.document)
        var request = HTTPClientRequest(url: web.description)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(
            name: "Martlet-Signature",
            value: CallbackSecret.signature(
                of: body, at: Int64(Date().timeIntervalSince1970),
                secret: CallbackSecret.of(tenant: callback.job.tenant, operator: secret)))
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await route.client.execute(request, timeout: .seconds(Int64(Self.limit)))
            let status = response.status.code
            return (200..<300).contains(status) ? .taken : .refused("status \(status)")
        } catch let error as HTTPClientError {
            let isTime = [.connectTimeout, .readTimeout, .deadlineExceeded].contains(error)
            return .unreachable(isTime ? "no answer in time" : "the address cannot be reached")
        } catch {
            return .unreachable("no connection")
        }
    }
}

/// Which queues are worked on, and which of them fail. Not in the store: what it forgets is tried once more.
final class QueueStates: Sendable {
    private struct State {
        var busy: Set<String> = []
        var ofTenant: [String: Int] = [:]
        var failing: [String: (count: Int, told: ContinuousClock.Instant?)] = [:]
    }
    private let state = Mutex(State())

    /// Queues that fail and are remembered.
    private static let limit = 10_000
    /// How often a queue that fails is told of.
    private static let pause = Duration.seconds(3600)

    /// The queues that are worked on, and the tenants that have as many as they may.
    func busy(tenantLimit: Int) -> (targets: [String], tenants: [String]) {
        state.withLock { state in
            (Array(state.busy), state.ofTenant.filter { $0.value >= tenantLimit }.map(\.key))
        }
    }

    /// False where there are too many already.
    func begin(_ target: String, _ tenant: String, limit: Int, tenantLimit: Int) -> Bool {
        state.withLock { state in
            guard state.busy.count < limit, state.ofTenant[tenant, default: 0] < tenantLimit,
                state.busy.insert(target).inserted
            else { return false }
            state.ofTenant[tenant, default: 0] += 1
            return true
        }
    }

    func end(_ target: String, _ tenant: String) {
        state.withLock { state in
            state.busy.remove(target)
            let count = state.ofTenant[tenant, default: 1] - 1
            state.ofTenant[tenant] = count > 0 ? count : nil
        }
    }

    /// Nobody answered: for which time in a row, and whether that is worth a line in the log.
    func failed(_ target: String) -> (count: Int, isToBeTold: Bool) { count(target) }

    /// Somebody answered, but did not take it.
    func refused(_ target: String) -> (count: Int, isToBeTold: Bool) { count(target) }

    /// How many failures there were before, if any.
    func recovered(_ target: String) -> Int? {
        state.withLock { state in
            guard let count = state.failing[target]?.count, count > 0 else { return nil }
            // When it was told of last stays known: one that fails now and then does not fill the log.
            state.failing[target]?.count = 0
            return count
        }
    }

    private func count(_ target: String) -> (count: Int, isToBeTold: Bool) {
        state.withLock { state in
            if state.failing[target] == nil, state.failing.count >= Self.limit { state.failing = [:] }
            var entry = state.failing[target] ?? (0, nil)
            entry.count += 1
            let now = ContinuousClock.now
            let isToBeTold = entry.told.map { now - $0 > Self.pause } ?? true
            if isToBeTold { entry.told = now }
            state.failing[target] = entry
            return (entry.count, isToBeTold)
        }
    }
}
