// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text in at most so many bytes, cut at a character's border, and without control characters: what
    /// others say is shown on terminals and kept for long.
    package func bounded(bytes limit: Int) -> String {
        var result = ""
        var size = 0
        for character in self {
            let isControl = character.unicodeScalars.contains {
                [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
            }
            let shown = isControl ? " " : character
            size += shown.utf8.count
            guard size <= limit else { break }
            result.append(shown)
        }
        return result
    }
}
