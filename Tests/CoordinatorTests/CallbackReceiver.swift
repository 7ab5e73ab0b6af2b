// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization

/// Takes all callbacks at `/hook`, and remembers for which host each was meant.
final class CallbackReceiver: Sendable {
    let port: Int
    private let names: Names
    private let task: Task<Void, any Error>

    private final class Names: Sendable {
        let hosts = Mutex<[String]>([])
    }

    private init(port: Int, names: Names, task: Task<Void, any Error>) {
        (self.port, self.names, self.task) = (port, names, task)
    }

    /// The `Host` of each post.
    var hosts: [String] { names.hosts.withLock { $0 } }

    static func start() async throws -> CallbackReceiver {
        let names = Names()
        let router = Router()
        router.post("/hook") { request, _ in
            names.hosts.withLock { $0.append(request.head.authority ?? "") }
            return HTTPResponse.Status.noContent
        }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                listening.yield(channel.localAddress?.port ?? 0)
                listening.finish()
            }, logger: logger)
        let group = ServiceGroup(services: [application], logger: logger)
        let task = Task { try await group.run() }
        var found = 0
        for await port in ports { found = port }
        return CallbackReceiver(port: found, names: names, task: task)
    }

    func stop() { task.cancel() }
}
