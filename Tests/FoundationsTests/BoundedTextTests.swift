// SPDX-License-Identifier: Apache-2.0

import Foundations
import Testing

/// What others say, as it is shown and kept.
@Suite struct BoundedTextTests {
    @Test(arguments: [
        ("abc", 10, "abc"), ("abc", 2, "ab"), ("aé", 2, "a"), ("a\u{1b}[31mb\r\nc", 20, "a [31mb c"),
        ("a\u{202e}b\u{2066}c\u{2069}", 20, "a b c "), ("\u{2028}x", 5, " x"), ("", 5, ""), ("abc", 0, ""),
    ])
    func isShortAndOneLine(text: String, bytes: Int, wanted: String) {
        #expect(text.bounded(bytes: bytes) == wanted)
    }
}
