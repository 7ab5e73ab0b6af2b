// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Every damaged file of `Tests/Vectors/snarkjs/malformed`, through the program itself: the exit code and
/// reason that its table demands, at once, in little memory, and with nothing written.
@Suite struct MalformedFilesTests {
    /// A row of EXPECTED.tsv with the words that the message must have.
    struct Row: CustomTestStringConvertible, Sendable {
        let file: String
        let status: Int32
        let words: [String]
        var testDescription: String { file }
    }

    static let rows: [Row] = [
        Row(file: "f01_pi_a_off_curve.json", status: 1, words: ["pi_a", "curve"]),
        Row(file: "f03_pi_b_c1_c0_swapped.json", status: 1, words: ["pi_b", "curve"]),
        Row(file: "f05_pi_a_infinity.json", status: 1, words: ["INVALID", "pairing equation"]),
        Row(file: "f07_pi_a_negated.json", status: 1, words: ["INVALID", "pairing equation"]),
        Row(file: "p02_public_plus_r.json", status: 2, words: ["[0]", "group order"]),
        Row(file: "p04_public_long.json", status: 2, words: ["2", "3", "public inputs"]),
        Row(file: "p06_public_number_not_string.json", status: 2, words: ["decimal string"]),
        Row(file: "r02_wire_out_of_range.r1cs", status: 2, words: ["constraint", "wire"]),
        Row(file: "r04_lc_count_huge.r1cs", status: 2, words: ["constraint", "terms"]),
        Row(
            file: "w02_other_curve.wtns", status: 2, words: ["21888242871839275222", "52435875175126190479"]),
        Row(file: "w04_unsatisfied_private.wtns", status: 2, words: ["does not satisfy"]),
        Row(file: "w06_first_not_one.wtns", status: 2, words: ["not 1"]),
        Row(file: "w08_count_6_but_5_values.wtns", status: 2, words: ["truncated"]),
        Row(file: "z01_trunc_header.zkey", status: 2, words: ["truncated", "section"]),
        Row(file: "z03_trunc_last_byte.zkey", status: 2, words: ["truncated", "section"]),
        Row(file: "z05_magic.zkey", status: 2, words: ["not a zkey"]),
        Row(file: "z07_section_len_u64max.zkey", status: 2, words: ["section"]),
        Row(file: "z09_nsections_huge.zkey", status: 2, words: ["sections"]),
        Row(file: "z11_wrong_r.zkey", status: 2, words: ["prime"]),
        Row(file: "z13_n8q_huge.zkey", status: 2, words: ["bytes"]),
        Row(file: "z15_missing_section9.zkey", status: 2, words: ["missing", "9"]),
        Row(file: "z17_A_point_coord_ge_q.zkey", status: 2, words: ["section 5", "coordinate", "modulus"]),
        Row(file: "z19_coef_signal_eq_nvars.zkey", status: 2, words: ["section 4", "coefficient"]),
        Row(file: "z21_coef_count_too_big.zkey", status: 2, words: ["section 4"]),
        Row(file: "z23_domain_2p31.zkey", status: 2, words: ["domain"]),
        Row(file: "z25_sectionA_short.zkey", status: 2, words: ["section 5"]),
        Row(file: "z27_trailing_garbage.zkey", status: 2, words: ["trailing"]),
        Row(file: "plonk_z1_trunc_half.zkey", status: 2, words: ["truncated"]),
        Row(file: "plonk_z3_sigma_corrupt.zkey", status: 2, words: ["plonk"]),
        Row(file: "plonk_f1_eval_plus_r.json", status: 2, words: ["eval", "group order"]),
        Row(file: "fflonk_z1_trunc_half.zkey", status: 2, words: ["truncated"]),
        Row(file: "fflonk_z3_sigma_corrupt.zkey", status: 2, words: ["fflonk"]),
        Row(file: "fflonk_f1_eval_plus_r.json", status: 2, words: ["group order"]),
    ]

    @Test(arguments: rows) func leadsToWhatTheTableSays(row: Row) throws {
        let folder = try TemporaryFolder()
        let proof = folder.path("proof.json")
        let outcome = try MartletCommand.run(
            arguments(for: row.file, proof: proof), addressSpaceMiB: 1024, cpuSeconds: 1, limit: 20)
        #expect(!outcome.timedOut)
        #expect(outcome.status == row.status, "\(outcome.errors)")
        let said = outcome.output + outcome.errors
        for word in row.words { #expect(said.contains(word), "'\(word)' is missing in: \(said)") }
        if outcome.status == 2 { #expect(said.contains(row.file), "the file is not named in: \(said)") }
        #expect(!FileManager.default.fileExists(atPath: proof))
    }

    /// A machine that cannot map a file is at fault, and not the file.
    @Test(
        .enabled(if: BuiltProgram.substitute == nil, "a substitute's address space is not limited"))
    func memoryThatIsMissingIsNotTheFilesFault() throws {
        let folder = try TemporaryFolder()
        let vectors = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let zkey = folder.url.appending(path: "large.zkey")
        try FileManager.default.copyItem(at: vectors.appending(path: "circuit_final.zkey"), to: zkey)
        let handle = try FileHandle(forWritingTo: zkey)
        try handle.truncate(atOffset: 3 << 30)
        try handle.close()
        let outcome = try MartletCommand.run(
            [
                "prove", "--json", "--backend", "cpu", "--threads", "1", "--zkey", zkey.path, "--witness",
                vectors.appending(path: "witness.wtns").path, "--proof", folder.path("proof.json"),
                "--public", folder.path("public.json"),
            ], addressSpaceMiB: 1500)
        #expect(outcome.status == 3, "\(outcome.output) \(outcome.errors)")
        #expect(outcome.output.contains("out-of-memory"), "\(outcome.output)")
    }

    /// The table and the rows above speak of the same files.
    @Test func noFileIsLeftOut() throws {
        let table = try String(contentsOf: Vectors.url("snarkjs/malformed/EXPECTED.tsv"), encoding: .utf8)
        let files = table.split(separator: "\n").dropFirst().map { String($0.split(separator: "\t")[0]) }
        #expect(Set(files) == Set(Self.rows.map(\.file)))
        for (file, line) in zip(files, table.split(separator: "\n").dropFirst()) {
            let expected = Self.rows.first { $0.file == file }
            #expect(line.contains("exit \(expected?.status ?? -1)"), "\(line)")
        }
    }

    private func arguments(for file: String, proof: String) -> [String] {
        let path = Vectors.url("snarkjs/malformed/\(file)").path
        let family =
            ["plonk_", "fflonk_"].first { file.hasPrefix($0) }.map { String($0.dropLast()) } ?? "groth16"
        func good(_ name: String) -> String { Vectors.url("snarkjs/\(family)-bn128-multiplier/\(name)").path }
        let publicPath = proof + ".public"
        switch (file.first, URL(filePath: file).pathExtension) {
        case (_, "r1cs"): return ["info", path]
        case (_, "wtns"):
            return [
                "prove", "--zkey", good("circuit_final.zkey"), "--witness", path, "--proof", proof,
                "--public", publicPath,
            ]
        case (_, "zkey"):
            return [
                "prove", "--zkey", path, "--witness", good("witness.wtns"), "--proof", proof, "--public",
                publicPath,
            ]
        case ("p", _) where family == "groth16":
            return [
                "verify", "--vkey", good("verification_key.json"), "--public", path, "--proof",
                good("proof.json"),
            ]
        default:
            return [
                "verify", "--vkey", good("verification_key.json"), "--public", good("public.json"), "--proof",
                path,
            ]
        }
    }
}
