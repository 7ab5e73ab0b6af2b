// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields
import Foundation
import SnarkFormats
import TestSupport
import Testing

/// A witness that comes piece by piece is judged as one that lies in a file.
struct WitnessStreamTests {
    /// The public values by the stream, however the bytes are cut.
    private func stream(
        _ bytes: [UInt8], curve: CurveID = .bn254, wires: Int = 6, cuts: [Int]
    ) throws(FormatError) -> [Limbs4] {
        var stream = WitnessStream(curve: curve, variableCount: wires, publicCount: 2)
        for (start, end) in zip([0] + cuts, cuts + [bytes.count]) {
            try stream.take(bytes.span.bytes.extracting(start..<end))
        }
        try stream.finish()
        return stream.publicValues
    }

    private func problem(_ body: () throws(FormatError) -> Void) -> FormatError? {
        do throws(FormatError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func someCuts(_ count: Int, _ generator: inout SeededGenerator) -> [Int] {
        (0..<Int.random(in: 0...8, using: &generator)).map { _ in Int.random(in: 0...count, using: &generator)
        }.sorted()
    }

    @Test func anyCutsGiveTheSame() throws {
        var generator = SeededGenerator.fresh()
        for (folder, curve) in [
            ("groth16-bn128-multiplier", CurveID.bn254), ("groth16-bls12381-multiplier", .bls12381),
        ] {
            let bytes = try Snarkjs.bytes("\(folder)/witness.wtns")
            #expect(Int64(bytes.count) == WitnessStream.byteCount(variableCount: 6))
            let wanted = (1...2).map { wire in
                bytes[(76 + 32 * wire)..<(108 + 32 * wire)].withUnsafeBytes {
                    $0.loadUnaligned(as: Limbs4.self)
                }
            }
            for _ in 0..<200 {
                let places = someCuts(bytes.count, &generator)
                #expect(try stream(bytes, curve: curve, cuts: places) == wanted, "\(places)")
            }
            #expect(try stream(bytes, curve: curve, cuts: Array(0..<bytes.count)) == wanted)
        }
    }

    /// Each byte changed in turn, and each length: taken or refused as by `WitnessFile`.
    @Test func whatIsWrongIsRefusedAsInAFile() throws {
        var generator = SeededGenerator.fresh()
        let good = try Snarkjs.bytes("groth16-bn128-multiplier/witness.wtns")
        func agree(_ bytes: [UInt8], _ what: String) throws {
            let places = someCuts(bytes.count, &generator)
            let byStream = problem { () throws(FormatError) in _ = try stream(bytes, cuts: places) }
            let byFile = problem { () throws(FormatError) in
                _ = try WitnessFile(MappedFile(copying: bytes, name: "witness")).values(
                    of: BN254.self, variableCount: 6)
            }
            #expect(
                (byStream == nil) == (byFile == nil),
                "\(what): \(byStream?.message ?? "") \(byFile?.message ?? "")")
        }
        for index in good.indices {
            var bytes = good
            bytes[index] ^= UInt8.random(in: 1...255, using: &generator)
            try agree(bytes, "byte \(index)")
        }
        for length in 0..<good.count { try agree(Array(good[..<length]), "length \(length)") }
        for count in [1, 31, 32, 64] {
            try agree(good + [UInt8](repeating: 0, count: count), "\(count) more")
        }
        for name in [
            "w02_other_curve", "w04_unsatisfied_private", "w06_first_not_one", "w08_count_6_but_5_values",
        ] {
            try agree(Snarkjs.bytes("malformed/\(name).wtns"), name)
        }
    }
}
