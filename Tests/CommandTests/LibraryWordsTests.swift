// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Libraries do not know which program they are in: their texts and comments name none of its flags.
@Suite struct LibraryWordsTests {
    /// Folders of programs, which name their own flags.
    private static let programs: Set<String> = ["GPUCheck", "martlet"]

    @Test func noLibraryNamesAFlag() throws {
        let sources = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources")
        var files = 0
        var found: [String] = []
        for folder in try FileManager.default.contentsOfDirectory(atPath: sources.path)
        where !Self.programs.contains(folder) {
            let paths = FileManager.default.enumerator(atPath: sources.appending(path: folder).path)
            while let path = paths?.nextObject() as? String {
                guard path.hasSuffix(".swift") else { continue }
                files += 1
                let file = sources.appending(path: "\(folder)/\(path)")
                for (number, line) in try String(contentsOf: file, encoding: .utf8).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).enumerated() where Self.flag(in: line) != nil {
                    found.append("\(folder)/\(path):\(number + 1): \(Self.flag(in: line) ?? "")")
                }
            }
        }
        #expect(files > 300, "there are no sources to look at")
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test(arguments: [
        ("a text \"see --threads\"", "--threads"), ("\"--runs: 0 is too few\"", "--runs"),
        ("/// As `--json` prints it.", "--json"), ("color: var(--soft)", nil),
        (":root { --ground: #fff; }", nil),
        ("/// circom's `--sym`", nil), ("a --b", nil), ("let x = a --count", nil),
    ])
    func flagsAreKnown(line: String, flag: String?) {
        #expect(Self.flag(in: Substring(line)) == flag)
    }

    /// The first flag that a line names; style sheets have names of that form, and other programs flags of
    /// their own.
    private static func flag(in line: Substring) -> String? {
        guard line.contains("--"), !line.contains("circom"),
            let name = line.firstMatch(of: /["`( ](--[a-z][a-z-]+)[^(a-z-]/)
        else {
            return nil
        }
        let isText = line.contains("\"") || line.contains("//")
        let isStyle = line.contains("var(--") || line.contains(": #")
        return isText && !isStyle ? String(name.1) : nil
    }
}
