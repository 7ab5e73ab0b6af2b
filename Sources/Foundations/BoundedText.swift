// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text in at most so many bytes, cut at a character's border, and without control characters or such
    /// as turn the direction of writing: what others say is shown on terminals and kept for long.
    package func bounded(bytes limit: Int) -> String {
        var result = ""
        var size = 0
        for character in self {
            let isControl = character.unicodeScalars.contains {
                [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
                    || $0.turnsText
            }
            let shown = isControl ? " " : character
            size += shown.utf8.count
            guard size <= limit else { break }
            result.append(shown)
        }
        return result
    }

    /// The text with absolute paths cut to the names of their files: where things are on one machine is not
    /// for everybody who reads of it.
    package var withoutFolders: String {
        var result = ""
        var path: Substring?
        func name(_ path: Substring) -> Substring { path.split(separator: "/").last ?? path }
        for index in indices {
            let character = self[index]
            if let begun = path {
                if character.isWhitespace || "\"'`()[]<>,;:".contains(character) {
                    result += name(begun)
                    result.append(character)
                    path = nil
                } else {
                    path = self[begun.startIndex...index]
                }
            } else if character == "/",
                result.last.map({ $0.isWhitespace || "\"'`([<=,;".contains($0) }) ?? true
            {
                path = self[index...index]
            } else {
                result.append(character)
            }
        }
        if let path { result += name(path) }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether it makes what follows be shown in another direction (UAX #9, section 2).
    fileprivate var turnsText: Bool {
        (0x202a...0x202e).contains(value) || (0x2066...0x2069).contains(value)
    }
}
