import AsyncHTTPClient
import Coordination
import Crypto
import Foundation
import Logging
import NIOCore
import ProvingService

/// Posts the ends of jobs to those who asked for it.
///
/// The body is the job; `Martlet-Signature: t=SECONDS,v1=HEX` holds the unix time and the HMAC-SHA256, under the
/// coordinator's callback secret, of "SECONDS.BODY". An answer with a status of 200 to 299 counts as taken. No redirects
/// are followed.
struct Callbacks: Sendable {
    let store: any JobStore
    let secret: String
    let logger: Logger

    /// Seconds that one delivery may take.
    private static let limit = 10.0

    /// Delivers until cancelled.
    func run() async {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(10))
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        while !Task.isCancelled {
            do throws(StoreError) {
                let due = try await store.dueCallbacks(limit: 64)
                await withTaskGroup(of: Void.self) { group in
                    for callback in due { group.addTask { await deliver(callback, client) } }
                }
                if !due.isEmpty { continue }
            } catch {
                logger.error("the store does not answer", metadata: ["reason": .string(error.message)])
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
        try? await client.shutdown()
    }

    private func deliver(_ callback: DueCallback, _ client: HTTPClient) async {
        let body = JSON.data(callback.job.document)
        var request = HTTPClientRequest(url: callback.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(
            name: "Martlet-Signature",
            value: Self.signature(of: body, at: Int64(Date().timeIntervalSince1970), secret: secret))
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await client.execute(request, timeout: .seconds(Int64(Self.limit)))
            guard (200..<300).contains(response.status.code) else {
                throw CallbackRefused(status: Int(response.status.code))
            }
            try await store.callbackDelivered(callback.uid)
        } catch {
            logger.warning(
                "a callback was not taken; it comes again",
                metadata: ["job": .string(callback.job.id), "reason": .string(Self.reason(error))])
        }
    }

    private struct CallbackRefused: Error { var status: Int }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as CallbackRefused: "the status is \(error.status)"
        case let error as StoreError: error.message
        case let error as HTTPClientError
        where [.connectTimeout, .readTimeout, .deadlineExceeded].contains(error):
            "no answer in time"
        default: "the address cannot be reached"
        }
    }

    static func signature(of body: Data, at seconds: Int64, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(seconds).".utf8) + body, using: SymmetricKey(data: Data(secret.utf8)))
        return "t=\(seconds),v1=\(SHA256Digest.hexadecimal(code))"
    }
}
