// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A reader of untrusted bytes as libFuzzer drives it.
package struct FuzzTarget: Sendable {
    /// What `run.sh` calls it.
    package let name: String
    /// Longer inputs are not tried, in bytes.
    package let lengthLimit: Int
    /// The files below Tests/Vectors to begin with: ends of their paths.
    let vectors: [String]
    /// More inputs to begin with.
    let seeds: @Sendable () throws -> [[UInt8]]
    /// What inputs are often made of.
    let words: [[UInt8]]
    /// Reads an input. Bad input throws; what is read and does not pass what is known of readings stops the
    /// process, see `demand`.
    let read: @Sendable ([UInt8]) throws -> Void

    package init(
        _ name: String, lengthLimit: Int, vectors: [String] = [], words: [[UInt8]] = [],
        seeds: @escaping @Sendable () throws -> [[UInt8]] = { [] },
        read: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.lengthLimit = lengthLimit
        self.vectors = vectors
        self.words = words
        self.seeds = seeds
        self.read = read
    }

    /// The inputs to begin with: those of `Tests/Vectors/fuzz/NAME`, which were found once, among them.
    func corpus() throws -> [[UInt8]] {
        let files = try FileManager.default.subpathsOfDirectory(atPath: Vectors.directory.path).sorted()
        let wanted = files.filter { file in
            file.hasPrefix("fuzz/\(name)/") || vectors.contains { file.hasSuffix($0) }
        }
        let inputs = try wanted.map { [UInt8](try Data(contentsOf: Vectors.directory.appending(path: $0))) }
        return inputs.filter { !$0.isEmpty && $0.count <= lengthLimit } + (try seeds())
    }

    /// The words in libFuzzer's form.
    var dictionary: String {
        let digits = Array("0123456789abcdef")
        return words.map { word in
            "\"" + word.map { "\\x\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined() + "\"\n"
        }.joined()
    }
}

/// Checked-in test vectors, under Tests/Vectors.
package enum Vectors {
    package static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors")

    package static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: directory.appending(path: path)))
    }
}

/// Demands what is true of whatever was read; otherwise the input is a finding.
package func demand(_ condition: Bool, _ words: @autoclosure () -> String) {
    guard !condition else { return }
    FileHandle.standardError.write(Data("not so: \(words())\n".utf8))
    fatalError("an oracle does not hold")
}

/// Writes a file and gives its bytes. What was read can be written: an error is a finding.
package func written(_ write: (String) throws -> Void) -> [UInt8] {
    do {
        try write(Scratch.path)
        return [UInt8](try Data(contentsOf: URL(filePath: Scratch.path)))
    } catch {
        demand(false, "what was read cannot be written: \(error)")
        return []
    }
}

/// Reads what this program has written: an error is a finding.
package func reread<Value>(_ what: String, _ read: () throws -> Value) -> Value {
    do {
        return try read()
    } catch {
        demand(false, "the \(what) that was written cannot be read: \(error)")
        fatalError()
    }
}

/// One file for what is written on the way, in the folder that TMPDIR names.
package enum Scratch {
    package static let path = FileManager.default.temporaryDirectory
        .appending(path: "fuzz-\(ProcessInfo.processInfo.processIdentifier)").path
}

extension [UInt8] {
    package init(littleEndian value: some FixedWidthInteger) {
        self = Swift.withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

/// Words of documents in JSON.
package func jsonWords(_ more: [String]) -> [[UInt8]] {
    ([
        "null", "true", "{}", "[]", "\"\"", "1e308", "-1", "9223372036854775807", "1.5", "\\u0000", "\\ud800",
        "//",
    ] + more)
    .map { Array($0.utf8) }
}
