// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnarkFormats
import TestSupport
import Testing

/// The files of `Tests/Vectors/snarkjs`.
enum Snarkjs {
    static func url(_ path: String) -> URL { Vectors.url("snarkjs/\(path)") }
    static func file(_ path: String) throws -> MappedFile { try MappedFile(url(path)) }
    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(path))) }
    static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    static let curves = ["bn128", "bls12381"]
}

/// A container taken apart and put together again, without the code under test.
struct RawContainer {
    var magic: [UInt8]
    var version: UInt32
    var sections: [(id: UInt32, bytes: [UInt8])]
    /// What the file says, where it differs from the number of sections.
    var claimedCount: UInt32?

    init(magic: String, version: UInt32, sections: [(id: UInt32, bytes: [UInt8])]) {
        self.magic = Array(magic.utf8)
        self.version = version
        self.sections = sections
    }

    init(_ bytes: [UInt8]) {
        func integer(_ at: Int, _ count: Int) -> Int {
            (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[at + $1]) }
        }
        magic = Array(bytes[..<4])
        version = UInt32(integer(4, 4))
        sections = []
        var at = 12
        for _ in 0..<integer(8, 4) {
            let length = integer(at + 4, 8)
            sections.append((UInt32(integer(at, 4)), Array(bytes[(at + 12)..<(at + 12 + length)])))
            at += 12 + length
        }
    }

    var encoded: [UInt8] {
        var out = magic + version.littleEndianBytes
        out += (claimedCount ?? UInt32(sections.count)).littleEndianBytes
        for (id, bytes) in sections {
            out += id.littleEndianBytes + UInt64(bytes.count).littleEndianBytes + bytes
        }
        return out
    }

    /// Where the content of each section starts.
    var starts: [UInt32: Int] {
        var at = 12
        var result: [UInt32: Int] = [:]
        for (id, bytes) in sections {
            result[id] = at + 12
            at += 12 + bytes.count
        }
        return result
    }

    subscript(id: UInt32) -> [UInt8] {
        get { sections.first { $0.id == id }?.bytes ?? [] }
        set {
            guard let index = sections.firstIndex(where: { $0.id == id }) else { return }
            sections[index].bytes = newValue
        }
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

/// The error that `body` throws; records an issue and gives `nil` when it throws none.
func formatError<T>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(FormatError) -> T
) -> FormatError? {
    do throws(FormatError) {
        _ = try body()
        Issue.record("expected an error", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}
