import Foundation
import Testing

/// There is one decoder of JSON in this package.
@Suite struct SourceTests {
    @Test func noOtherDecoderIsUsed() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var count = 0
        for folder in ["Sources", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: root.appending(path: folder), includingPropertiesForKeys: nil)
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
}
