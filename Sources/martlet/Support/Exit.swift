// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import FederatedLearning
import Foundation
import JobQueue
import MartletClient
import Outcomes
import ProvingService
import SnarkFormats

/// Ways for a command to end.
enum Exit {
    /// A check found something invalid; what it was has been printed.
    static let invalid = ExitCode(1)

    /// Prints what went wrong on standard error, where `--json` is given also as JSON on standard output, and
    /// ends the process.
    ///
    /// - Parameter command: the root of all commands, whose parser has words for wrong usage.
    static func with(_ error: any Error, of command: any ParsableCommand.Type) -> Never {
        if let code = error as? ExitCode { end(code.rawValue) }
        if let failure = failure(error) {
            end(failure.code.rawValue, failure.message, failure.exitCode, "martlet: \(failure.message)")
        }
        let text = command.fullMessage(for: error)
        switch command.exitCode(for: error) {
        case .success:
            // Help and version texts.
            print(text)
            end(0)
        case .validationFailure:
            // The parser's own code for wrong usage is 64.
            end("usage", command.message(for: error), 2, text)
        default:
            let failure = JobFailure(unforeseen: error)
            end(failure.code.rawValue, failure.message, failure.exitCode, "martlet: \(failure.message)")
        }
    }

    /// The failure that an error with words of our own amounts to.
    private static func failure(_ error: any Error) -> JobFailure? {
        switch error {
        case let failure as JobFailure: failure
        case let error as FormatError: JobFailure(error)
        case let error as FederationError: JobFailure(error)
        case let error as SpoolError: JobFailure(error)
        case let error as ClientError: JobFailure(error)
        case let error as StoreError:
            JobFailure(
                code: error.isUnavailable ? .infrastructure : .badInput, message: error.message)
        case is CocoaError, is POSIXError:
            JobFailure(
                code: .infrastructure,
                message: (SystemReason.path(error).map { "\($0): " } ?? "") + SystemReason.text(error))
        default: nil
        }
    }

    private static func end(_ code: String, _ message: String, _ exitCode: Int32, _ text: String) -> Never {
        Console.endProgress()
        Console.error(text)
        if wantsJSON {
            try? Console.printJSON(ErrorDocument(code: code, message: message, exitCode: exitCode))
        }
        end(exitCode)
    }

    /// Ends the process: with 3 where what was printed did not reach standard output, else with `code`.
    static func end(_ code: Int32) -> Never { exit(Console.finish() ? code : 3) }

    /// Also before the arguments are understood.
    private static var wantsJSON: Bool {
        CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json")
    }
}

extension StoreError {
    fileprivate var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
}

extension JobFailure {
    /// An error that no part of the program has put into words. What a library says of it is no message for
    /// people, but may help who mends the program: `MARTLET_ERRORS=raw` shows it.
    init(unforeseen error: any Error) {
        let isRaw = ProcessInfo.processInfo.environment["MARTLET_ERRORS"] == "raw"
        self.init(
            code: .internal, retryable: false,
            message: isRaw
                ? String(reflecting: error)
                : "something failed that this program has no words for; MARTLET_ERRORS=raw shows what a library said"
        )
    }
}
