// SPDX-License-Identifier: Apache-2.0

import ProvingService

/// Why the coordinator does not do what it is asked, before anybody thinks of HTTP: `HTTP/RequestError.swift`
/// gives each kind its
/// status.
struct ServiceError: Error, Equatable, Sendable {
    enum Kind: Sendable {
        /// What was asked for cannot be meant.
        case invalid
        /// Nobody knows who asks.
        case unauthorized
        /// Whoever asks may not do this.
        case forbidden
        /// What was asked for is not here.
        case unknown
        /// Something stands in the way that others have done.
        case conflict
        /// More bytes than may be.
        case tooLarge
        /// What came is not what it was said to be.
        case wrongContent
        /// More than one may have at a time.
        case quota
        /// The coordinator cannot do it now.
        case unavailable
        /// The coordinator cannot do it at all.
        case failed
        /// The disk has no room.
        case noSpace
    }

    var kind: Kind
    /// For people.
    var message: String
    /// The byte at which an upload goes on, where it is one.
    var uploadOffset: Int64?

    init(_ kind: Kind, _ message: String, uploadOffset: Int64? = nil) {
        self.kind = kind
        self.message = message
        self.uploadOffset = uploadOffset
    }
}

extension ServiceError {
    /// What is wrong with a key, a witness or a proof, or with the machine that looks at it.
    init(_ failure: JobFailure) {
        let isContent = failure.code.isCausedByInput || failure.code == .invalidProof
        self.init(isContent ? .wrongContent : .unavailable, failure.message)
    }

    static func invalid(_ message: String) -> ServiceError { ServiceError(.invalid, message) }
}
