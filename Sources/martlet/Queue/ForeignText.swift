// SPDX-License-Identifier: Apache-2.0

import JobQueue
import Outcomes

/// What others say, as it is shown on a terminal.
enum ForeignText {
    /// Why a job is dead, with its code in front.
    static func text(_ reason: DeadReason) -> String { text(reason.code, reason.message) }

    /// Why a job has no proof, with the code in front.
    static func text(_ error: ResultDocument.Failure) -> String { text(error.code, error.message) }

    private static func text(_ code: String, _ message: String) -> String {
        let message = plain(message)
        return message.hasPrefix(code + ":") ? message : "\(plain(code)): \(message)"
    }

    /// Names and messages come from strangers: nothing in them may steer the terminal.
    static func plain(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(300) {
            if scalar.properties.generalCategory == .control {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
