// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore

extension MartletClient {
    /// What an error on the way to the coordinator amounts to. The one place where NIO, its TLS and its HTTP
    /// client are put into words.
    func translated(_ error: any Error) -> ClientError {
        if let error = error as? ClientError { return error }
        if Task.isCancelled || error is CancellationError { return .cancelled }
        if error is NIOTooManyBytesError { return .invalidAnswer("it has more bytes than can be") }
        if let error = error as? HTTPClientError, error == .alreadyShutdown || error == .cancelled {
            return .cancelled
        }
        if let path = address.socketPath, LocalFile.isNoSocket(path) {
            return .unreachable("\(address): what is there is not a socket")
        }
        let reason = TransportReason(isEncrypted: address.isEncrypted, hints: options.hints)
        return .unreachable("\(address): \(reason.text(error))")
    }
}
