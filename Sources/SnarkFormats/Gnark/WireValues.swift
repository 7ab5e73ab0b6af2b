// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
package import FiniteFields

/// The values of all wires as text: a line `number value` for each, in order, in decimal. What a program that
/// asks gnark's solver for its solution can write easily.
package enum WireValues {
    /// Reads the values into memory that is overwritten when the result goes.
    ///
    /// - Parameter file: opened by `MappedFile(secret:limit:)`, so that its memory is overwritten, too.
    /// - Throws: `.malformedLine`, which never shows a value; `.valueOutOfRange`, `.countMismatch`,
    ///   `.witnessFirstNotOne`.
    package static func read<F: PrimeField>(
        _ file: MappedFile, of _: F.Type, count: Int
    ) throws(FormatError) -> SecretScalars<F> {
        let values = SecretScalars<F>(count: count)
        var lines = file.memory.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        defer { withExtendedLifetime(file) {} }
        if lines.last?.isEmpty == true { lines.removeLast() }
        func error(_ reason: FormatError.Reason, _ index: Int) -> FormatError {
            FormatError(reason, file: file.name, place: FormatError.Place(name: "wires", index: index))
        }
        guard lines.count == count else {
            throw FormatError(
                .countMismatch(what: "wires in the witness", expected: count, found: lines.count),
                file: file.name)
        }
        for (index, line) in lines.enumerated() {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            let parts = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].elementsEqual(String(index).utf8),
                parts[1].count == 1 || parts[1].first != UInt8(ascii: "0"),
                parts[1].allSatisfy({ (0x30...0x39).contains($0) })
            else { throw error(.malformedLine("the number \(index), a blank and a decimal number"), index) }
            guard let value = F.Limbs(digits: parts[1]), value.isLess(than: F.modulus) else {
                throw error(.valueOutOfRange(limit: "the group order"), index)
            }
            guard index > 0 || value == F.one.canonical else { throw error(.witnessFirstNotOne, 0) }
            values.withUnsafeMutableElements { $0[index] = value }
        }
        return values
    }
}
