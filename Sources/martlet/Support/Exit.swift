import ArgumentParser
import Foundation
import ProvingService
import SnarkFormats

/// Ways for a command to end.
enum Exit {
    /// A check found something invalid; what it was has been printed.
    static let invalid = ExitCode(1)

    /// Prints what went wrong on standard error and ends the process.
    static func with(_ error: any Error) -> Never {
        switch error {
        case let code as ExitCode: end(code.rawValue)
        case let failure as JobFailure: fail("\(failure)", failure.exitCode)
        case let malformed as FormatError: fail("\(malformed)", JobFailure(malformed).exitCode)
        default: break
        }
        let code = Martlet.exitCode(for: error)
        if code == .success {
            // Help and version texts.
            print(Martlet.fullMessage(for: error))
            end(0)
        }
        // The parser's own code for wrong usage is 64.
        Console.error(Martlet.fullMessage(for: error))
        end(code == .validationFailure ? 2 : 3)
    }

    /// Ends the process: with 3 where what was printed did not reach standard output, else with `code`.
    static func end(_ code: Int32) -> Never { exit(Console.finish() ? code : 3) }

    private static func fail(_ message: String, _ code: Int32) -> Never {
        Console.error("martlet: \(message)")
        end(code)
    }
}
