// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// The lines of a text, empty ones included, without what ends them: LF, CR LF or CR. A mark of byte
    /// order before the first one is none of it.
    package var textLines: [SubSequence] {
        // CR LF is one Character.
        let text = first == "\u{feff}" ? dropFirst() : self[...]
        return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    }
}
