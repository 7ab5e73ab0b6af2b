// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// The connections of a coordinator.
///
/// New ones are always taken as long as there is one that does nothing: of all, or where its address has too
/// many of that one's, the one that has been silent for longest makes room. Those that have never asked for
/// anything go first. Only where all are being served is a new one refused. So those who just hold
/// connections harm nobody but themselves.
final class ConnectionTable: Sendable {
    enum Phase: Sendable { case silent, idle, busy }

    private let state = Mutex(State())
    private let total: Int
    private let perAddress: Int
    private let headSeconds: Int64

    /// Descriptors that are left for files, the store and callbacks.
    private static let reserve = 512

    /// - Parameters:
    ///   - total, perAddress: connections at the same time. Fewer in all where the process may not open so
    ///     many files.
    ///   - headSeconds: for how long a new one may be silent.
    init(total: Int, perAddress: Int, headSeconds: Int64) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        let files = getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 1024
        self.total = max(1, min(total, max(64, files - Self.reserve)))
        self.perAddress = perAddress
        self.headSeconds = headSeconds
    }

    /// How many there are.
    var count: Int { state.withLock { $0.nodes.count } }

    /// Takes a connection in; false where it is to be closed at once.
    func opened(_ channel: any Channel) -> Bool {
        let address = Self.key(channel.remoteAddress)
        let (isTaken, victim) = state.withLock { state -> (Bool, (any Channel)?) in
            let isMuchForAddress = address.map { (state.ofAddress[$0]?.count ?? 0) >= perAddress } ?? false
            var victim: (any Channel)?
            if isMuchForAddress || state.nodes.count >= total {
                guard let oldest = state.oldest(of: isMuchForAddress ? address : nil) else {
                    return (false, nil)
                }
                state.remove(oldest)
                victim = oldest.channel
            }
            state.add(Node(channel, address))
            return (true, victim)
        }
        victim?.close(promise: nil)
        return isTaken
    }

    func closed(_ channel: any Channel) {
        state.withLock { state in
            if let node = state.nodes[ObjectIdentifier(channel)] { state.remove(node) }
        }
    }

    func move(_ channel: any Channel, to phase: Phase) {
        state.withLock { state in
            if let node = state.nodes[ObjectIdentifier(channel)] { state.move(node, to: phase) }
        }
    }

    /// Closes those that are silent for too long; runs until cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            let latest = ContinuousClock.now - .seconds(headSeconds)
            let late = state.withLock { state -> [any Channel] in
                var late: [any Channel] = []
                while let node = state.all.silent.first, node.opened < latest {
                    state.remove(node)
                    late.append(node.channel)
                }
                return late
            }
            for channel in late { channel.close(promise: nil) }
        }
    }

    /// What shares a limit: an IPv4 address, or the first 64 bits of an IPv6 address, of which one host has
    /// all the others. `nil` for Unix sockets.
    private static func key(_ address: SocketAddress?) -> [UInt8]? {
        switch address {
        case .v4(let address):
            var number = address.address.sin_addr
            return withUnsafeBytes(of: &number) { Array($0) }
        case .v6(let address):
            var number = address.address.sin6_addr
            let bytes = withUnsafeBytes(of: &number) { Array($0) }
            // IPv4 clients of a socket for both.
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
            return isMapped ? Array(bytes[12...]) : Array(bytes[..<8])
        default: return nil
        }
    }

    // MARK: Lines of those who do nothing

    private final class Node {
        struct Links {
            var previous: Node?
            var next: Node?
        }
        let channel: any Channel
        let address: [UInt8]?
        let opened = ContinuousClock.now
        var phase = Phase.silent
        /// Neighbours in a line of all, and in one of its address.
        var inAll = Links()
        var inAddress = Links()

        init(_ channel: any Channel, _ address: [UInt8]?) {
            self.channel = channel
            self.address = address
        }
    }

    /// In the order in which they came.
    private struct Line {
        var first: Node?
        var last: Node?

        mutating func append(_ node: Node, _ links: ReferenceWritableKeyPath<Node, Node.Links>) {
            node[keyPath: links] = Node.Links(previous: last, next: nil)
            if let last { last[keyPath: links].next = node } else { first = node }
            last = node
        }

        mutating func remove(_ node: Node, _ links: ReferenceWritableKeyPath<Node, Node.Links>) {
            let (previous, next) = (node[keyPath: links].previous, node[keyPath: links].next)
            if let previous { previous[keyPath: links].next = next } else { first = next }
            if let next { next[keyPath: links].previous = previous } else { last = previous }
            node[keyPath: links] = Node.Links()
        }
    }

    private struct Lines {
        var count = 0
        var silent = Line()
        var idle = Line()

        mutating func append(_ node: Node, _ links: ReferenceWritableKeyPath<Node, Node.Links>) {
            switch node.phase {
            case .silent: silent.append(node, links)
            case .idle: idle.append(node, links)
            case .busy: break
            }
        }

        mutating func remove(_ node: Node, _ links: ReferenceWritableKeyPath<Node, Node.Links>) {
            switch node.phase {
            case .silent: silent.remove(node, links)
            case .idle: idle.remove(node, links)
            case .busy: break
            }
        }
    }

    private struct State {
        var nodes: [ObjectIdentifier: Node] = [:]
        var all = Lines()
        var ofAddress: [[UInt8]: Lines] = [:]

        mutating func add(_ node: Node) {
            nodes[ObjectIdentifier(node.channel)] = node
            if let address = node.address { ofAddress[address, default: Lines()].count += 1 }
            line(node)
        }

        mutating func remove(_ node: Node) {
            nodes[ObjectIdentifier(node.channel)] = nil
            unline(node)
            guard let address = node.address else { return }
            ofAddress[address]?.count -= 1
            if ofAddress[address]?.count == 0 { ofAddress[address] = nil }
        }

        mutating func move(_ node: Node, to phase: Phase) {
            unline(node)
            node.phase = phase
            line(node)
        }

        /// The one that is to make room: of an address, or of all.
        func oldest(of address: [UInt8]?) -> Node? {
            guard let address else { return all.silent.first ?? all.idle.first }
            return ofAddress[address]?.silent.first ?? ofAddress[address]?.idle.first
        }

        private mutating func line(_ node: Node) {
            all.append(node, \.inAll)
            if let address = node.address { ofAddress[address]?.append(node, \.inAddress) }
        }

        private mutating func unline(_ node: Node) {
            all.remove(node, \.inAll)
            if let address = node.address { ofAddress[address]?.remove(node, \.inAddress) }
        }
    }
}
