// SPDX-License-Identifier: Apache-2.0

package import Failures

/// What a store or the coordinator has against a request.
package enum StoreError: RefusingError, Equatable {
    /// The request itself is wrong; the text names the field.
    case invalid(String)
    /// There is nothing of that name, or not for this caller.
    case unknown(String)
    /// There is something else of that name, or it is in a state that does not allow this.
    case conflict(String)
    /// The lease is no longer the caller's.
    case staleEpoch(String)
    /// The worker gets no jobs; the text says why.
    case cordoned(String)
    /// The tenant has as many open jobs as it may have.
    case quota(String)
    /// The database does not answer or has no room.
    case unavailable(String)

    /// The interface's word for it.
    package var refusal: RefusalCode {
        switch self {
        case .invalid: .invalid
        case .unknown: .unknown
        case .conflict: .conflict
        case .staleEpoch: .staleEpoch
        case .cordoned: .cordoned
        case .quota: .quota
        case .unavailable: .unavailable
        }
    }

    package var code: FailureCode { refusal.failureCode }

    /// The text for people, without the kind.
    package var message: String {
        switch self {
        case .invalid(let text), .unknown(let text), .conflict(let text), .staleEpoch(let text),
            .cordoned(let text), .quota(let text), .unavailable(let text):
            text
        }
    }
}
