// SPDX-License-Identifier: Apache-2.0

package import DataExchange
import SnarkFormats

/// Tables that a person names.
package enum TableFile {
    /// In memory as a whole, with its cells.
    private static let sizeLimit = 1 << 30

    /// Reads a table with a heading.
    ///
    /// - Throws: what is wrong with the file, with line and column.
    package static func read(_ path: String, separator: Separator?) throws(FederationError) -> Table {
        let file = try open(path)
        do throws(FederationError) {
            return try reading(file.name) { () throws(ExchangeError) in
                try Table(bytes(file), separator: separator)
            }
        } catch {
            throw FederationError.otherKind(file, wanted: "a table of samples") ?? error
        }
    }

    /// Runs what reads a file's content, and names the file where that fails.
    package static func reading<Result>(
        _ file: String, _ body: () throws(ExchangeError) -> Result
    ) throws(FederationError) -> Result {
        do throws(ExchangeError) { return try body() } catch {
            throw FederationError(.badInput, file: file, error.message)
        }
    }

    static func open(_ path: String) throws(FederationError) -> MappedFile {
        let file: MappedFile
        do throws(FormatError) { file = try MappedFile(input: path, limit: sizeLimit) } catch {
            throw FederationError(error)
        }
        guard file.count <= sizeLimit else {
            throw FederationError(
                FormatError(.tooLarge(bytes: file.count, limit: sizeLimit), file: file.name))
        }
        return file
    }

    /// The content of a file.
    static func bytes(_ file: MappedFile) -> [UInt8] {
        file.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    }

    /// Whether the first line that is neither empty nor a comment has a cell that is no number: whether it is
    /// a heading.
    static func hasHeading(_ file: MappedFile) -> Bool {
        // A line of numbers is shorter than this for 65,536 features.
        var beginning = ((try? file.read(at: 0, count: min(file.count, 4 << 20))) ?? [])[...]
        if beginning.starts(with: [0xef, 0xbb, 0xbf]) { beginning = beginning.dropFirst(3) }
        let lines = beginning.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let blanks = Set(" \t".utf8)
        guard
            let line = lines.first(where: { line in
                let first = line.first { !blanks.contains($0) }
                return first != nil && first != UInt8(ascii: "#")
            })
        else { return false }
        return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).contains { cell in
            let cell = cell.drop { blanks.contains($0) }
            let end = cell.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? cell.startIndex
            return DecimalNumber.parse(String(decoding: cell[..<end], as: UTF8.self)) == nil
        }
    }
}
