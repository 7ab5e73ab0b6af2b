// SPDX-License-Identifier: Apache-2.0

package import Failures

/// What is wrong with a table or a model that was brought, and where in its file.
package struct ExchangeError: CodedError, Equatable {
    /// "line 3, column 2 (age)", "W0.npy"; empty for the file as a whole.
    package let place: String
    package let reason: String

    package init(_ reason: String, at place: String = "") {
        self.place = place
        self.reason = reason
    }

    package var code: FailureCode { .badInput }
    /// Without the file, which the caller knows.
    package var message: String { place.isEmpty ? reason : "\(place): \(reason)" }

    /// A text of the file as it may be shown: short, and with nothing in it that steers a terminal.
    package static func shown(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(40) {
            if scalar.properties.generalCategory == .control || scalar == "\"" || scalar == "\\" {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return "\"\(result)\(text.unicodeScalars.count > 40 ? "…" : "")\""
    }
}
