// SPDX-License-Identifier: Apache-2.0

public import ConstraintSystems
public import Curves
import FiniteFields

extension R1CSFile {
    /// Writes a system as circom does (format version 1): header, constraints, and labels by wire number. A
    /// system with commitments gets a version and a section of our own (docs/formats.md).
    ///
    /// - Throws: `.cannotWrite`, with the file as it was before.
    public static func write<Suite: CurveSuite>(
        _ system: R1CS<Suite.Fr>, of suite: Suite.Type, to path: String
    ) throws(FormatError) {
        let commitments = system.commitments
        let writer = try BinaryWriter(
            path: path, magic: "r1cs", version: commitments.isEmpty ? 1 : committedVersion,
            sections: commitments.isEmpty ? 3 : 4)
        try writer.section(1) { () throws(FormatError) in
            try writer.write(UInt32(Suite.Fr.byteCount))
            try writer.write(Suite.Fr.modulus)
            for count in [
                system.wireCount, system.publicOutputCount, system.publicInputCount, system.privateInputCount,
            ] { try writer.write(UInt32(count)) }
            try writer.write(UInt64(system.wireCount))
            try writer.write(UInt32(system.constraintCount))
        }
        try writer.section(2) { () throws(FormatError) in
            for constraint in 0..<system.constraintCount {
                for part in 0..<3 {
                    let terms = system.combination(part, of: constraint)
                    try writer.write(UInt32(terms.count))
                    for term in terms {
                        try writer.write(term.wire)
                        try writer.write(term.coefficient.canonical)
                    }
                }
            }
        }
        try writer.section(3) { () throws(FormatError) in
            for wire in 0..<system.wireCount { try writer.write(UInt64(wire)) }
        }
        if !commitments.isEmpty {
            try writer.section(Self.commitments) { () throws(FormatError) in
                try writer.write(UInt32(commitments.count))
                try CommitmentLists.write(commitments, to: writer)
            }
        }
        try writer.finish()
    }
}
