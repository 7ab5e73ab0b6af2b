// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Stands between a client and a coordinator on this machine, and breaks the first connections off after so
/// many bytes of the answers. Requests go through whole.
final class CuttingProxy: Sendable {
    let port: Int
    private let target: Int
    private let listener: Int32
    private let state: Mutex<State>

    private struct State {
        var budgets: [Int]
        var requests = ""
        var connections = 0
    }

    /// - Parameter budgets: how many bytes of answers pass on the first, the second, … connection; those
    ///   after them are whole.
    init(to target: Int, budgets: [Int]) throws {
        self.target = target
        state = Mutex(State(budgets: budgets))
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && listen(socket, 16) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        guard socket >= 0, isBound else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        listener = socket
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { self.serve() }
    }

    /// What clients have sent, one after the other.
    var requests: String { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }

    /// Ends the listening; connections end with their clients.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.address(UInt16(target))
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else {
                close(client)
                close(server)
                continue
            }
            let budget = state.withLock { state in
                state.connections += 1
                return state.budgets.isEmpty ? Int.max : state.budgets.removeFirst()
            }
            // Neither number is free for others before both directions have ended.
            let isForwarded = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                self.forward(from: client, to: server)
                isForwarded.signal()
            }
            Thread.detachNewThread {
                self.answer(from: server, to: client, budget)
                isForwarded.wait()
                close(server)
                close(client)
            }
        }
        close(listener)
    }

    private func forward(from client: Int32, to server: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(client, &buffer, buffer.count)
            guard count > 0 else { break }
            state.withLock { $0.requests += String(decoding: buffer[..<count], as: UTF8.self) }
            guard send(server, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(server, Int32(SHUT_WR))
    }

    /// Returns when the answers end, or as many bytes of them have passed as may; both ends are broken off
    /// then.
    private func answer(from server: Int32, to client: Int32, _ budget: Int) {
        var left = budget
        var buffer = [UInt8](repeating: 0, count: 4096)
        while left > 0 {
            let count = read(server, &buffer, min(buffer.count, left))
            guard count > 0, send(client, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
            left -= count
        }
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
