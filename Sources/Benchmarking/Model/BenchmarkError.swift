// SPDX-License-Identifier: Apache-2.0

package import Compute
package import ProvingService

/// Why a benchmark gave no figures.
package enum BenchmarkError: Error, Equatable, Sendable, CustomStringConvertible {
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

    package var description: String {
        switch self {
        case .option(let message): message
        case .peers(let file, let line, let reason): "\(file): line \(line): \(reason)"
        case .wrongResult(let work): "\(work): the result is wrong, nothing was measured"
        case .compute(let error): error.description
        case .failure(let failure): failure.description
        }
    }

    /// The failure of the command that ran the benchmark.
    package var jobFailure: JobFailure {
        switch self {
        case .option, .peers: JobFailure(code: .badInput, message: description)
        case .wrongResult, .compute: JobFailure(code: .internal, retryable: false, message: description)
        case .failure(let failure): failure
        }
    }
}

extension BenchmarkError {
    /// Runs what a backend does and turns what it throws into `.compute`.
    static func mapping<R>(_ body: () throws -> R) throws(BenchmarkError) -> R {
        do { return try body() } catch let error as ComputeError { throw .compute(error) } catch {
            throw .failure(JobFailure(code: .internal, retryable: false, message: "\(error)"))
        }
    }
}
