// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import FiniteFields

extension WitnessFile {
    /// Writes a witness as circom's calculators do (format version 2).
    ///
    /// The file holds secrets: it is the caller's to choose a place and to remove it.
    ///
    /// - Parameters:
    ///   - suite: the curve.
    ///   - path: where the file goes.
    ///   - values: canonical, one a wire, the constant one first.
    /// - Throws: `.cannotWrite`, with the file as it was before.
    public static func write<Suite: CurveSuite>(
        _ values: SecretScalars<Suite.Fr>, of suite: Suite.Type, to path: String
    ) throws(FormatError) {
        try write(values, of: suite, to: try BinaryWriter(path: path, magic: "wtns", version: 2, sections: 2))
    }

    /// Writes a witness to a file in memory, which is new.
    ///
    /// - Throws: `.cannotWrite`.
    public static func write<Suite: CurveSuite>(
        _ values: SecretScalars<Suite.Fr>, of suite: Suite.Type, to file: MemoryFile
    ) throws(FormatError) {
        let writer = try BinaryWriter(
            descriptor: file.descriptor, name: file.name, magic: "wtns", version: 2, sections: 2)
        try write(values, of: suite, to: writer)
    }

    private static func write<Suite: CurveSuite>(
        _ values: SecretScalars<Suite.Fr>, of suite: Suite.Type, to writer: BinaryWriter
    ) throws(FormatError) {
        try writer.section(1) { () throws(FormatError) in
            try writer.write(UInt32(Suite.Fr.byteCount))
            try writer.write(Suite.Fr.modulus)
            try writer.write(UInt32(values.count))
        }
        try writer.section(2) { () throws(FormatError) in
            try values.withSpan { elements throws(FormatError) in try writer.write(elements.bytes) }
        }
        try writer.finish()
    }
}
