// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What holds for all sources.
@Suite struct SourceTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// There is one decoder of JSON in this package.
    @Test func noOtherDecoderIsUsed() throws {
        var count = 0
        for folder in ["Sources", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift" else { continue }
                count += 1
                for (index, line) in try String(contentsOf: file, encoding: .utf8).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).enumerated() {
                    let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                    let other = words.first { ["JSONDecoder", "JSONSerialization", "JSON5"].contains($0) }
                    #expect(other == nil, "\(file.path):\(index + 1): \(line)")
                }
            }
        }
        #expect(count > 300)
    }

    /// Each source names its licence, in its first lines.
    @Test func everySourceNamesItsLicence() throws {
        let extensions: Set = ["swift", "c", "h", "cl", "py", "sh"]
        var count = 0
        for folder in ["Sources", "Kernels", "Tests", "Benchmarks", "Tools", "deploy", "Examples"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard extensions.contains(file.pathExtension), !file.path.contains("/.build") else {
                    continue
                }
                count += 1
                let first = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").prefix(3)
                #expect(
                    first.contains { $0.hasSuffix(" SPDX-License-Identifier: Apache-2.0") }, "\(file.path)")
            }
        }
        #expect(count > 700)
    }

    /// What the compiler is told not to check about threads has its reason, behind it or in the comment
    /// above: `Unchecked: …`.
    @Test func whatIsUncheckedHasAReason() throws {
        let marks = ["@" + "unchecked", "nonisolated" + "(unsafe)"]
        let reason = "Unchecked: "
        var count = 0
        for folder in ["Sources", "Tests", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift", !file.path.contains("/.build") else { continue }
                let lines = try String(contentsOf: file, encoding: .utf8)
                    .split(separator: "\n", omittingEmptySubsequences: false)
                    .map { $0.drop { $0 == " " } }
                for (index, line) in lines.enumerated() {
                    guard !line.hasPrefix("//"), marks.contains(where: { line.contains($0) }) else {
                        continue
                    }
                    count += 1
                    let above = lines[..<index].reversed().prefix { $0.hasPrefix("//") }
                    let isArgued = ([line] + above).contains { $0.contains(reason) }
                    #expect(isArgued, "\(file.path):\(index + 1): \(line)")
                }
            }
        }
        #expect(count > 20)
    }

    /// Comments are no wider than code, whose width swift-format minds.
    @Test func commentsKeepTheWidth() throws {
        for folder in ["Sources", "Tests", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift", !file.path.contains("/.build") else { continue }
                var isText = false
                for (index, line) in try String(contentsOf: file, encoding: .utf8).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).enumerated() {
                    if line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count.isMultiple(
                        of: 2)
                    {
                        isText.toggle()
                    }
                    guard !isText, line.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
                    #expect(line.count <= 110, "\(file.path):\(index + 1)")
                }
            }
        }
    }
}
