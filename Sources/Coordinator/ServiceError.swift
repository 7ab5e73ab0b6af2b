// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures

/// Why the coordinator does not do what it is asked, before anybody thinks of HTTP: `HTTP/RequestError.swift`
/// gives each kind its
/// status.
struct ServiceError: RefusingError, Equatable {
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
        /// The data folder, or a part of it, is not there or cannot be written.
        case noFolder
    }

    var kind: Kind
    var refusal: RefusalCode { kind.refusal }
    var code: FailureCode { refusal.failureCode }
    /// For people.
    var message: String
    /// The byte at which an upload goes on, where it is one.
    var uploadOffset: Int64?
    /// Seconds after which whoever asks may look again, where that is of use.
    var retryAfter: Int?

    init(_ kind: Kind, _ message: String, uploadOffset: Int64? = nil) {
        self.kind = kind
        self.message = message
        self.uploadOffset = uploadOffset
    }
}

extension ServiceError {
    /// What somebody else is doing at the moment stands in the way.
    init(passing message: String) {
        self.init(.conflict, message)
        retryAfter = 1
    }

    /// What is wrong with a key, a witness or a proof, or with the machine that looks at it.
    init(_ error: any CodedError) {
        let isContent = error.code.isCausedByInput || error.code == .invalidProof
        self.init(isContent ? .wrongContent : .unavailable, error.message)
    }

    static func invalid(_ message: String) -> ServiceError { ServiceError(.invalid, message) }
}

extension ServiceError.Kind {
    /// The interface's word for it.
    var refusal: RefusalCode {
        switch self {
        case .invalid, .wrongContent: .invalid
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .unknown: .unknown
        case .conflict: .conflict
        case .tooLarge: .tooLarge
        case .quota: .quota
        case .unavailable, .failed, .noFolder: .unavailable
        case .noSpace: .noSpace
        }
    }
}
