// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore

/// The body of a request: its client is told to send it once it is read, and it ends when `isWanted` throws,
/// which is asked now and then.
struct AwaitedBody: AsyncSequence, Sendable {
    private let body: RequestBody
    private let isWanted: @Sendable () async throws -> Void

    /// Between two times that is asked.
    private static let interval = Duration.seconds(2)

    init(_ body: RequestBody, isWanted: @escaping @Sendable () async throws -> Void = {}) {
        self.body = body
        self.isWanted = isWanted
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: RequestBody.AsyncIterator
        fileprivate let isWanted: @Sendable () async throws -> Void
        private var expectation = Expectation.current
        private var lastLook = ContinuousClock.now

        fileprivate init(_ body: AwaitedBody) {
            base = body.body.makeAsyncIterator()
            isWanted = body.isWanted
        }

        mutating func next() async throws -> ByteBuffer? {
            if let expectation {
                self.expectation = nil
                try await expectation.meet()
            }
            let part = try await base.next()
            if lastLook.duration(to: .now) >= AwaitedBody.interval {
                try await isWanted()
                lastLook = .now
            }
            return part
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(self) }
}
