// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import FiniteFields
import FuzzSupport
import Groth16

@testable import SnarkFormats

/// The files of gnark.
enum GnarkTargets {
    static let all = [files, circuits]

    private static func mapped(_ bytes: [UInt8]) -> MappedFile { MappedFile(copying: bytes, name: "fuzz") }

    /// Counts, flags of points, and points at infinity.
    private static let words: [[UInt8]] =
        ([0, 1, 2, 3, 32, 1 << 31, .max] as [UInt32]).map { [UInt8](littleEndian: $0.byteSwapped) }
        + ([0, 1, 16, 1 << 32, .max] as [UInt64]).map { [UInt8](littleEndian: $0.byteSwapped) }
        + [0x40, 0x80, 0xa0, 0xc0].map { [$0] } + [[0x40] + [UInt8](repeating: 0, count: 31)]

    /// Keys, proofs and witnesses. A proof that is read is written, byte for byte; nothing is read of two
    /// kinds.
    private static let files = FuzzTarget(
        "gnark", lengthLimit: 4_000,
        vectors: ["vk.bin", "vk.raw.bin", "proof.bin", "proof.raw.bin", "pk.bin", "pk.raw.bin"]
            + ["witness.public.bin", "witness.full.bin"], words: words
    ) { bytes in
        let file = mapped(bytes)
        guard let layout = GnarkLayout(file) else {
            _ = try Groth16Files.verifyingKey(file)
            return
        }
        _ = try FileSummary(file)
        guard let curve = layout.curve else {
            let values = try GnarkFiles.publicInputs(file, of: BN254.Fr.self)
            demand(GnarkFiles.bytes(ofPublicInputs: values) == bytes, "other bytes of a witness")
            return
        }
        func read<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
            guard layout.content == .proof else { return }
            let proof = try GnarkFiles.proof(file, isRaw: layout.isRaw, of: suite)
            demand(GnarkFiles.bytes(of: proof, isRaw: layout.isRaw) == bytes, "other bytes of a proof")
        }
        try withSuite(curve) { try read($0) }
    }

    /// Constraint systems: as many constraints as are announced, of wires that there are.
    private static let circuits = FuzzTarget(
        "gnark-r1cs", lengthLimit: 5_000, vectors: ["gnark/groth16-bn254/r1cs.bin", "r1cs.bin"], words: words
    ) { bytes in
        let circuit = try GnarkConstraints(mapped(bytes))
        func read<Suite: ComputeSuite>(_: Suite.Type) throws {
            let system = try circuit.system(over: Suite.Fr.self)
            demand(system.constraintCount == circuit.constraintCount, "other constraints")
            for constraint in 0..<system.constraintCount {
                for part in 0..<3 {
                    let combination = system.combination(part, of: constraint)
                    demand(combination.allSatisfy { $0.wire < circuit.wireCount }, "wires that are not there")
                }
            }
        }
        try withSuite(circuit.curve) { try read($0) }
    }
}
