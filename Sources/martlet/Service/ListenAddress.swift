// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordinator

/// Where a server listens: `HOST:PORT` or `unix:PATH`.
struct ListenAddress: ExpressibleByArgument, CustomStringConvertible {
    var listener: CoordinatorOptions.Listener

    init(listener: CoordinatorOptions.Listener) { self.listener = listener }

    init?(argument text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // The system's limit for the path of a socket.
            guard (1...100).contains(path.utf8.count) else { return nil }
            listener = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        listener = .tcp(host: host, port: port)
    }

    var description: String { text(port: nil) }

    /// - Parameter port: the one that the system gave, where 0 was asked for.
    func text(port: Int?) -> String {
        switch listener {
        case .tcp(let host, let asked): "\(host.contains(":") ? "[\(host)]" : host):\(port ?? asked)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
