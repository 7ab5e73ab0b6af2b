// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import FederatedLearning
import Foundation
import Foundations
import Outcomes

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
        if let error = error as? FederationError { end(JobFailure(advising: error)) }
        if let failure = JobFailure(known: error) { end(failure) }
        let text = command.fullMessage(for: error)
        switch command.exitCode(for: error) {
        case .success:
            // Help and version texts.
            print(text)
            end(0)
        case .validationFailure:
            // The parser's own code for wrong usage is 64.
            end(.usage, command.message(for: error), text)
        default: end(JobFailure(unforeseen: error))
        }
    }

    /// Says what is wrong with the arguments of a command that the parser has taken.
    ///
    /// - Parameter root: the root of all commands.
    static func withWrongUsage(
        _ message: String, of command: any ParsableCommand.Type, below root: any ParsableCommand.Type
    ) -> Never {
        end(.usage, message, "Error: \(message)\nUsage: \(root.usageString(for: command))")
    }

    private static func end(_ failure: JobFailure) -> Never {
        end(failure.code, failure.message, "martlet: \(failure.message)")
    }

    private static func end(_ code: FailureCode, _ message: String, _ text: String) -> Never {
        Console.endProgress()
        Console.error(text)
        if wantsJSON {
            try? Console.printJSON(ErrorDocument(code: code, message: message))
        }
        end(code.exitCode)
    }

    /// Ends the process: with 3 where what was printed did not reach standard output, else with `code`.
    static func end(_ code: Int32) -> Never { exit(Console.finish() ? code : 3) }

    /// Also before the arguments are understood.
    private static var wantsJSON: Bool {
        CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json")
    }
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
