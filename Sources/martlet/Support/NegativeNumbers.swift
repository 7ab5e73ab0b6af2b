// SPDX-License-Identifier: Apache-2.0

/// Negative numbers as values of options, which the parser takes for options themselves.
enum NegativeNumbers {
    /// The arguments with `--name -3` written as `--name=-3`.
    static func joined(_ arguments: [String]) -> [String] {
        var result: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument != "--" else { return result + [argument] + rest }
            let isName = argument.hasPrefix("--") && !argument.contains("=")
            guard isName, let value = rest.first, isNegative(value) else {
                result.append(argument)
                continue
            }
            result.append("\(argument)=\(value)")
            rest.removeFirst()
        }
        return result
    }

    private static func isNegative(_ text: String) -> Bool {
        text.hasPrefix("-")
            && text.dropFirst().first.map { $0.isASCII && ($0.isNumber || $0 == ".") } ?? false
    }
}
