// SPDX-License-Identifier: Apache-2.0

package import Coordination
import NIOCore

/// Where callbacks may go: what an operator lists.
///
/// Looked at twice: when a job is submitted, as far as the address itself says where it leads; and at each
/// delivery with what the name resolves to then. The connection is made to the address that was looked at.
package struct CallbackAllowance: Sendable, Equatable {
    package enum Entry: Sendable, Equatable {
        /// Addresses of the public internet, but for those of this machine itself.
        case publicAddresses
        /// All hosts of a network.
        case network(AddressBlock)
        /// A host by its name, whatever its address, except one that is no host at a distance (cloud
        /// metadata, say).
        case name(String)
        /// All names below this one.
        case names(below: String)

        /// `public`, `ADDRESS[/BITS]`, `NAME` or `*.NAME`; `nil` for anything else.
        package init?(_ text: String) {
            if text == "public" {
                self = .publicAddresses
            } else if let block = AddressBlock(text) {
                self = .network(block)
            } else if text.hasPrefix("*."), case .name(let name)? = Self.host(text.dropFirst(2)) {
                self = .names(below: name)
            } else if case .name(let name)? = Self.host(text) {
                self = .name(name)
            } else {
                return nil
            }
        }

        private static func host(_ text: some StringProtocol) -> HostAndPort.Host? {
            guard let place = HostAndPort(text), place.port == nil else { return nil }
            return place.host
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry] = [.publicAddresses]) { self.entries = entries }

    /// Whether a host may be reached at an address of it.
    ///
    /// - Parameter own: the addresses of this machine.
    func allows(_ address: IPAddress, of host: HostAndPort.Host, own: Set<IPAddress>) -> Bool {
        entries.contains { entry in
            switch entry {
            case .publicAddresses: address.isPublic && !own.contains(address)
            case .network(let block): block.contains(address)
            case .name(let name): host == .name(name) && !address.isOfNoDistantHost
            case .names(let parent):
                if case .name(let name) = host {
                    name.hasSuffix("." + parent) && !address.isOfNoDistantHost
                } else {
                    false
                }
            }
        }
    }

    /// Whether a host may be reached at all, by what is known without resolving its name.
    func mayAllow(_ host: HostAndPort.Host) -> Bool {
        switch host {
        case .address(let address): allows(address, of: host, own: [])
        case .name: !host.isThisMachine || Self.loopback.contains { allows($0, of: host, own: []) }
        }
    }

    private static let loopback = ["127.0.0.1", "::1"].compactMap { IPAddress($0) }

    /// The addresses of this machine's interfaces.
    static func ownAddresses() -> Set<IPAddress> {
        let devices = (try? System.enumerateDevices()) ?? []
        return Set(devices.compactMap { $0.address?.ipAddress.flatMap { IPAddress($0) } })
    }
}
