// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Foundations
import NIOCore

extension JobFailure {
    /// Why a server that was to listen at `address` does not, or no longer: NIO's errors in our words.
    init(listeningAt address: ListenAddress, _ error: any Error) {
        switch error {
        case let failure as JobFailure: self = failure
        case let error as IOError:
            let isName = [ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP].contains(error.errnoCode)
            self.init(
                code: isName ? .badInput : .infrastructure,
                message: "cannot listen at \(address): \(Self.reason(error.errnoCode))")
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            self.init(
                code: .badInput,
                message: "cannot listen at \(address): there is no host of this name")
        default: self.init(unforeseen: error)
        }
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case EADDRINUSE: "another program listens there"
        case EADDRNOTAVAIL: "this machine has no such address"
        case EACCES, EPERM: "not allowed; ports below 1024 are for the system's administrator"
        case ENOENT, ENOTDIR: "there is no such folder"
        default: SystemReason.text(code)
        }
    }
}
