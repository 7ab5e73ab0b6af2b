// SPDX-License-Identifier: Apache-2.0

import Failures
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Watches one connection: tells the table what it does, ends bodies that come too slowly, and does not wait
/// for the rest of a body that nobody wants any more.
///
/// Stands behind the HTTP decoder.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The body of a request comes too slowly.
    struct TooSlow: CodedError {
        var code: FailureCode { .badInput }
        var message: String { "the body comes too slowly" }
    }

    /// What those are answered whose request has no head that can be read.
    struct Refusal: Sendable {
        var head: HTTPResponse
        var body: ByteBuffer
    }

    private let table: ConnectionTable
    /// Bytes a second at least, on average over `window`.
    private let rate: Int
    private let window: TimeAmount
    private let refusal: Refusal

    private var hasBegun = false
    /// Requests that came and have no complete answer yet.
    private var unanswered = 0
    private var isInBody = false
    /// Whether what comes is no HTTP any more.
    private var isBroken = false
    /// Whether the latest answer is one after which the rest of a body is of no use.
    private var isRefusal = false
    private var watch: Scheduled<Void>?
    /// Bytes of the body since the last look, and for how long we have waited for them: the time in which we
    /// do not want any, because the disk is slow, is not the client's.
    private var received = 0
    private var waited = TimeAmount.zero
    private var wantsSince: NIODeadline?

    /// How long the rest of a body may take that nobody wants any more, so that the client can read the
    /// answer first.
    private static let patience = TimeAmount.seconds(5)

    init(_ table: ConnectionTable, rate: Int, window: Int64, refusal: Refusal) {
        self.table = table
        self.refusal = refusal
        self.rate = rate
        self.window = .seconds(window)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(context) }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            if unanswered == 1 { table.move(context.channel, to: .busy) }
            isInBody = true
            (received, waited) = (0, .zero)
            look(context, in: window)
        case .body(let buffer): received += buffer.readableBytes
        case .end:
            isInBody = false
            watch?.cancel()
            watch = nil
            becomeIdle(context)
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let since = wantsSince {
            waited = waited + (.now() - since)
            wantsSince = nil
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if wantsSince == nil { wantsSince = .now() }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // What is wrong with the rest of a body that was answered already gets no answer of its own.
        guard !isBroken || unanswered > 0 else {
            promise?.succeed()
            return
        }
        context.write(data, promise: promise)
        switch unwrapOutboundIn(data) {
        case .head(let head): isRefusal = head.status.code >= 400
        case .body: break
        case .end: answered(context)
        }
    }

    /// A head that cannot be read is answered here, as nobody else is asked; what is wrong with a body ends
    /// the request that it belongs to.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !isBroken else { return context.fireErrorCaught(error) }
        isBroken = true
        guard unanswered == 0 else { return context.fireErrorCaught(error) }
        watch?.cancel()
        if !isInBody {
            // Past `write`, which has nothing more to say.
            context.write(wrapOutboundOut(.head(refusal.head)), promise: nil)
            context.write(wrapOutboundOut(.body(refusal.body)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        // So that the client can read the answer first.
        context.close(mode: .output, promise: nil)
        watch = after(Self.patience, context) { context in context.close(promise: nil) }
    }

    private func answered(_ context: ChannelHandlerContext) {
        unanswered = max(0, unanswered - 1)
        becomeIdle(context)
        guard unanswered == 0, isInBody, isRefusal else { return }
        watch?.cancel()
        watch = after(Self.patience, context) { context in context.close(promise: nil) }
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
        if !table.opened(context.channel) { context.close(promise: nil) }
    }

    private func end(_ context: ChannelHandlerContext) {
        watch?.cancel()
        watch = nil
        if hasBegun { table.closed(context.channel) }
    }

    private func becomeIdle(_ context: ChannelHandlerContext) {
        if unanswered == 0 && !isInBody { table.move(context.channel, to: .idle) }
    }

    /// Looks after some time whether enough has come.
    private func look(_ context: ChannelHandlerContext, in time: TimeAmount) {
        watch?.cancel()
        watch = after(time, context) { [self] context in
            guard isInBody else { return }
            let now = NIODeadline.now()
            let patience = waited + (wantsSince.map { now - $0 } ?? .zero)
            if patience >= window {
                if Double(received) < Double(rate) * Double(patience.nanoseconds) / 1e9 {
                    watch = nil
                    context.fireErrorCaught(TooSlow())
                    return
                }
                (received, waited) = (0, .zero)
                if wantsSince != nil { wantsSince = now }
            }
            look(
                context, in: max(.milliseconds(100), window - waited - (wantsSince.map { now - $0 } ?? .zero))
            )
        }
    }

    private func after(
        _ time: TimeAmount, _ context: ChannelHandlerContext,
        _ body: @escaping (ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { body(context) }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
