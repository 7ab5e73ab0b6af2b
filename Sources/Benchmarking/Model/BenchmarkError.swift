// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Failures

/// Why a benchmark gave no figures.
package enum BenchmarkError: CodedError, Equatable {
    /// An option has a value that cannot be used.
    case option(String)
    /// The file of the peers' figures is wrong; lines count from 1.
    case peers(file: String, line: Int, reason: String)
    /// A result was wrong: there is nothing to measure.
    case wrongResult(String)
    /// A backend refused the work.
    case compute(ComputeError)
    /// A file could not be read, or a proof not made.
    case failure(JobFailure)

    package var message: String {
        switch self {
        case .option(let message): message
        case .peers(let file, let line, let reason): "\(file): line \(line): \(reason)"
        case .wrongResult(let work): "\(work): the result is wrong, nothing was measured"
        case .compute(let error): error.message
        case .failure(let failure): failure.message
        }
    }

    package var code: FailureCode {
        switch self {
        case .option, .peers: .badInput
        case .wrongResult, .compute: .internal
        case .failure(let failure): failure.code
        }
    }

    package var isRetryable: Bool {
        if case .failure(let failure) = self { failure.isRetryable } else { false }
    }

    /// What an error of a backend amounts to.
    init(_ error: any Error) {
        switch error {
        case let error as BenchmarkError: self = error
        case let error as ComputeError: self = .compute(error)
        default: self = .failure(JobFailure(code: .internal, retryable: false, message: "\(error)"))
        }
    }
}
