// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// The system's resolver, on threads of its own: a name server that does not answer holds up nothing else.
enum HostResolver {
    /// As many names may be looked up at the same time.
    private static let pool = {
        let pool = NIOThreadPool(numberOfThreads: 32)
        pool.start()
        return pool
    }()

    /// The addresses of a name, in the order in which they are to be tried.
    ///
    /// - Throws: `HostUnknown`.
    static func addresses(of name: String) async throws -> [IPAddress] {
        try await pool.runIfActive {
            var hints = addrinfo()
            hints.ai_family = AF_UNSPEC
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            hints.ai_flags = AI_ADDRCONFIG
            var list: UnsafeMutablePointer<addrinfo>?
            let code = getaddrinfo(name, nil, &hints, &list)
            guard code == 0 else { throw HostUnknown(message: String(cString: gai_strerror(code))) }
            defer { freeaddrinfo(list) }
            var addresses: [IPAddress] = []
            var next = list
            while let entry = next {
                if let address = Self.address(entry.pointee), !addresses.contains(address) {
                    addresses.append(address)
                }
                next = entry.pointee.ai_next
            }
            return addresses
        }
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let pointer = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET:
            var found = pointer.loadUnaligned(as: sockaddr_in.self).sin_addr
            return IPAddress(bytes: withUnsafeBytes(of: &found) { Array($0) })
        case AF_INET6:
            var found = pointer.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return IPAddress(bytes: withUnsafeBytes(of: &found) { Array($0) })
        default: return nil
        }
    }
}

/// A name has no address.
struct HostUnknown: CodedError {
    var message: String
    var code: FailureCode { .badInput }
}
