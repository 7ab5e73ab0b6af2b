// SPDX-License-Identifier: Apache-2.0

public import Failures

/// Why the coordinator refuses a request, for programs: the words of the interface, which stay the same
/// between versions.
public enum RefusalCode: String, Sendable, CaseIterable, Codable {
    /// The request, or what came with it, is wrong.
    case invalid
    /// There is nothing of that name, or not for the caller.
    case unknown
    /// There is something else of that name, or it is in a state that does not allow this.
    case conflict
    /// The lease is no longer the caller's.
    case staleEpoch
    /// The worker gets no jobs.
    case cordoned
    /// More than one may have at a time.
    case quota
    /// Nobody knows who asks.
    case unauthorized
    /// Whoever asks may not do this.
    case forbidden
    /// More bytes than may be.
    case tooLarge
    /// The disk has no room.
    case noSpace
    /// The coordinator cannot do it now.
    case unavailable
}

extension RefusalCode {
    /// The HTTP status of such an answer, where nothing more exact is known.
    public var status: Int {
        switch self {
        case .invalid: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .unknown: 404
        case .conflict, .staleEpoch, .cordoned: 409
        case .tooLarge: 413
        case .quota: 429
        case .unavailable: 503
        case .noSpace: 507
        }
    }

    /// What an answer amounts to that says nothing but a status.
    public init(status: Int) {
        let exact: RefusalCode? = [
            .unauthorized, .forbidden, .unknown, .conflict, .tooLarge, .quota, .unavailable, .noSpace,
        ].first { $0.status == status }
        self = exact ?? (status < 500 ? .invalid : .unavailable)
    }

    /// What a refusal means for whoever asked: the machine is at fault, or the request.
    public var failureCode: FailureCode {
        switch self {
        case .unavailable, .noSpace: .infrastructure
        case .invalid, .unknown, .conflict, .staleEpoch, .cordoned, .quota, .unauthorized, .forbidden,
            .tooLarge:
            .badInput
        }
    }
}

/// An error that the coordinator answers with.
package protocol RefusingError: CodedError {
    var refusal: RefusalCode { get }
}
