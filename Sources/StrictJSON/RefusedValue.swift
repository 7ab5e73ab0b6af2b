// SPDX-License-Identifier: Apache-2.0

import Failures

extension DecodingError {
    /// What is wrong with a value, in words of this package: errors of other making are not shown to people.
    package static func refused(_ words: String, at path: [any CodingKey]) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: words, underlyingError: OwnWords()))
    }
}

/// Marks a decoding error whose description is of this package's making.
struct OwnWords: CodedError {
    var code: FailureCode { .badInput }
    var message: String { "refused" }
}
