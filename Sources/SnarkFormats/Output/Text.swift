// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// The beginning that has at most so many bytes of UTF-8, cut between characters; between the code points
    /// of one that is longer by itself.
    package func prefix(utf8 limit: Int) -> SubSequence {
        var (end, bytes) = (startIndex, 0)
        while end < endIndex {
            let next = index(after: end)
            bytes += self[end..<next].utf8.count
            guard bytes <= limit else { break }
            end = next
        }
        if end > startIndex || isEmpty { return self[..<end] }
        bytes = 0
        for scalar in unicodeScalars {
            bytes += scalar.utf8.count
            guard bytes <= limit else { break }
            end = unicodeScalars.index(after: end)
        }
        return self[..<end]
    }

    /// The lines of a text, empty ones included, without what ends them: LF, CR LF or CR. A mark of byte
    /// order before the first one is none of it.
    package var textLines: [SubSequence] {
        // CR LF is one Character.
        let text = first == "\u{feff}" ? dropFirst() : self[...]
        return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    }
}
