// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTPTypes

/// Keeps a request back until the one before it on the connection has its whole answer, and the client has
/// taken so much of that that the rest is on its way: who sends many requests at once and reads nothing costs
/// one answer's memory, not one for each.
///
/// Stands between the HTTP decoder and all else.
final class AnswersFirst: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum Held {
        case part(NIOAny)
        case event(Any)
        case error(any Error)
    }

    /// What came behind a request that has no answer yet, in order: at most what one read from the socket
    /// brought.
    private var held = CircularBuffer<Held>()
    private var isAwaitingAnswer = false
    private var wantsMore = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let isBlocked = isHead(data) && !mayBegin(context)
        guard held.isEmpty, !isBlocked else { return held.append(.part(data)) }
        pass(data, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard held.isEmpty else { return held.append(.event(event)) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard held.isEmpty else { return held.append(.error(error)) }
        context.fireErrorCaught(error)
    }

    func read(context: ChannelHandlerContext) {
        guard held.isEmpty else {
            wantsMore = true
            return
        }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var isEnd = false
        if case .end = unwrapOutboundIn(data) { isEnd = true }
        context.write(data, promise: promise)
        guard isEnd else { return }
        isAwaitingAnswer = false
        guard !held.isEmpty else { return }
        // Behind the flush that follows, which says how much the client takes.
        let loop = context.eventLoop.assumeIsolated()
        loop.execute { self.goOn(context) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        goOn(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { held.removeAll() }

    private func goOn(_ context: ChannelHandlerContext) {
        guard passHeld(context) else { return }
        context.fireChannelReadComplete()
        guard held.isEmpty, wantsMore else { return }
        wantsMore = false
        context.read()
    }

    /// Passes on what may be, up to the head of a request that may not begin yet.
    ///
    /// - Returns: whether there was anything.
    private func passHeld(_ context: ChannelHandlerContext) -> Bool {
        var hasPassed = false
        while let next = held.first {
            if case .part(let data) = next, isHead(data), !mayBegin(context) { break }
            held.removeFirst()
            hasPassed = true
            switch next {
            case .part(let data): pass(data, context)
            case .event(let event): context.fireUserInboundEventTriggered(event)
            case .error(let error): context.fireErrorCaught(error)
            }
        }
        return hasPassed
    }

    private func pass(_ data: NIOAny, _ context: ChannelHandlerContext) {
        if isHead(data) { isAwaitingAnswer = true }
        context.fireChannelRead(data)
    }

    private func mayBegin(_ context: ChannelHandlerContext) -> Bool {
        !isAwaitingAnswer && context.channel.isWritable
    }

    private func isHead(_ data: NIOAny) -> Bool {
        if case .head = unwrapInboundIn(data) { true } else { false }
    }
}

@available(*, unavailable)
extension AnswersFirst: Sendable {}
