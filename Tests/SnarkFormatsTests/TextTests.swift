// SPDX-License-Identifier: Apache-2.0

import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

@Suite struct TextTests {
    @Test func aBeginningIsCutBetweenCharacters() throws {
        var generator = SeededGenerator.fresh()
        let characters: [Character] = ["a", "ü", "e\u{301}", "\u{1F1E6}\u{1F1F9}", "👩‍👩‍👧", "\r\n", "漢"]
        for _ in 0..<500 {
            let text = String(
                (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                    characters.randomElement(using: &generator) ?? "a"
                })
            let limit = Int.random(in: 0...64, using: &generator)
            let cut = text.prefix(utf8: limit)
            #expect(cut.utf8.count <= limit && text.utf8.starts(with: cut.utf8))
            let whole = text.first.map { $0.utf8.count <= limit } ?? true
            if whole {
                #expect(Array(text).starts(with: Array(cut)))
                // The next one would not fit.
                if cut.count < text.count {
                    #expect(cut.utf8.count + Array(text)[cut.count].utf8.count > limit)
                }
            }
        }
        // One character that is longer by itself is cut between its code points.
        let long = "e" + String(repeating: "\u{301}", count: 40)
        #expect(long.prefix(utf8: 64) == "e" + String(repeating: "\u{301}", count: 31))
    }

    @Test func linesEndInAnyWay() {
        #expect("a\nb\r\nc\rd".textLines == ["a", "b", "c", "d"])
        #expect("\u{feff}a\r\n\r\n".textLines == ["a", "", ""])
        #expect("".textLines == [""])
    }
}
