// SPDX-License-Identifier: Apache-2.0

/// `text` between quotation marks, with everything but printable ASCII escaped, cut after so many characters:
/// how a text of others stands in a message.
package func quoted(_ text: String, limit: Int) -> String {
    var result = "\""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == limit { return result + "…\"" }
        result += scalar.escaped(asASCII: true)
    }
    return result + "\""
}
