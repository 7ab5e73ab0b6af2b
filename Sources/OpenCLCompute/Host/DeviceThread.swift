// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations

/// The thread that a device's queue runs on: an executor for its actor, and a place to wait in for blocking
/// callers.
///
/// OpenCL calls block, some for seconds; on a thread of their own they do not starve the cooperative pool.
/// The thread ends when the last reference goes.
final class DeviceThread: SerialExecutor {
    private let mailbox = Mailbox()
    // Unchecked: a class of Foundation that says nothing of it; it is started and compared.
    private nonisolated(unsafe) let thread: Thread

    init(name: String) {
        thread = Thread { [mailbox] in mailbox.serve() }
        thread.name = name
        // Drivers compile kernels on the caller's stack.
        thread.stackSize = 16 << 20
        thread.start()
    }

    deinit { mailbox.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        mailbox.submit { [executor = self] in
            job.runSynchronously(on: executor.asUnownedSerialExecutor())
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() {
        precondition(Thread.current === thread, "a device's queue was used outside of its thread")
    }

    /// Runs `body` on the thread and returns when it is done.
    func perform(_ body: () -> Void) {
        if Thread.current === thread { return body() }
        withoutActuallyEscaping(body) { body in
            let done = DispatchSemaphore(value: 0)
            let call = BorrowedCall(body)
            mailbox.submit {
                call.make()
                done.signal()
            }
            done.wait()
        }
    }
}

/// A call of a closure that the caller wants back: the closure is let go of before the call returns.
///
/// Unchecked: made by one thread, called by another while the first waits.
final class BorrowedCall: @unchecked Sendable {
    private var body: (() -> Void)?

    init(_ body: @escaping () -> Void) { self.body = body }

    @inline(never)
    func make() {
        body?()
        body = nil
    }
}

/// Work for one thread, in order.
private final class Mailbox: Sendable {
    private struct State {
        var work: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let state = Monitor(State())

    func submit(_ body: @escaping @Sendable () -> Void) { state.change { $0.work.append(body) } }

    func close() { state.change { $0.isClosed = true } }

    func serve() {
        while let next = take() { next() }
    }

    /// The next piece of work; `nil` when the mailbox is closed and empty.
    private func take() -> (@Sendable () -> Void)? {
        state.wait { state -> (@Sendable () -> Void)?? in
            guard state.work.isEmpty else { return .some(state.work.removeFirst()) }
            return state.isClosed ? .some(nil) : nil
        }
    }
}
