// SPDX-License-Identifier: Apache-2.0

/// The name that a misspelt one may stand for.
enum NearName {
    /// Longer names are not looked at: there are some 120 spellings for each character.
    private static let limit = 40
    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

    /// A known name that is the text in camel case, or one letter from it: left out, too much, another, or
    /// exchanged with the next.
    ///
    /// - Parameter isKnown: whether a name is one; there is no list of them.
    /// - Returns: `nil` where there is none.
    static func of(_ text: String, isKnown: (String) -> Bool) -> String? {
        guard text.utf8.count <= limit else { return nil }
        func known(_ letters: [Character]) -> String? {
            let name = String(letters)
            return isKnown(name) ? name : nil
        }
        if let name = known(camelCase(text)) { return name }
        let all = Array(text)
        for at in all.indices {
            var shorter = all
            shorter.remove(at: at)
            if let name = known(shorter) { return name }
            var exchanged = all
            exchanged.swapAt(at, min(at + 1, all.count - 1))
            if let name = known(exchanged) { return name }
        }
        for at in 0...all.count {
            for letter in letters {
                var longer = all
                longer.insert(letter, at: at)
                if let name = known(longer) { return name }
                guard at < all.count else { continue }
                longer.remove(at: at + 1)
                if let name = known(longer) { return name }
            }
        }
        return nil
    }

    /// `batch_size`, `batch-size` and `BatchSize` as `batchSize`.
    private static func camelCase(_ text: String) -> [Character] {
        var result: [Character] = []
        for word in text.split(whereSeparator: { "_- .".contains($0) }) {
            let first = result.isEmpty ? word.prefix(1).lowercased() : word.prefix(1).uppercased()
            result += Array(first) + Array(word.dropFirst())
        }
        return result
    }
}
