// SPDX-License-Identifier: Apache-2.0

import Curves
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing

/// The damaged files, at the level of formats: `malformed/EXPECTED.tsv` says what each must lead to in the
/// end.
@Suite struct MalformedTests {
    /// The code of the error, and what its description must contain; no code for files that are well formed.
    private static let expected: [String: (code: String, words: [String])] = [
        "f01_pi_a_off_curve.json": ("point_not_on_curve", ["pi_a", "not a valid point"]),
        "f03_pi_b_c1_c0_swapped.json": ("point_not_on_curve", ["pi_b", "not a valid point"]),
        "f05_pi_a_infinity.json": ("", []),
        "f07_pi_a_negated.json": ("", []),
        "p02_public_plus_r.json": (
            "value_out_of_range", ["public input", "[0]", "not below the group order"]
        ),
        "p04_public_long.json": (
            "count_mismatch", ["public inputs", "the number of values is 3, and not 2"]
        ),
        "p06_public_number_not_string.json": ("wrong_type", ["public input", "a decimal string"]),
        "r02_wire_out_of_range.r1cs": ("wire_out_of_range", ["constraint 0", "wire 999"]),
        "r04_lc_count_huge.r1cs": ("term_count", ["constraint 0", "268435455 terms"]),
        "w02_other_curve.wtns": ("prime_mismatch", [Primes.bn254, Primes.bls12381]),
        "w04_unsatisfied_private.wtns": ("", []),
        "w06_first_not_one.wtns": ("witness_first_not_one", ["wire 0 of the witness is not 1"]),
        "w08_count_6_but_5_values.wtns": ("truncated", ["section 2", "192 bytes", "160"]),
        "z01_trunc_header.zkey": ("truncated", ["section 2"]),
        "z03_trunc_last_byte.zkey": ("truncated", ["section 10"]),
        "z05_magic.zkey": ("not_this_format", ["not a zkey", "zkex"]),
        "z07_section_len_u64max.zkey": ("truncated", ["section 5", "18446744073709551615"]),
        "z09_nsections_huge.zkey": ("too_many_sections", ["4294967295"]),
        "z11_wrong_r.zkey": ("unknown_prime", ["belongs to no known curve"]),
        "z13_n8q_huge.zkey": ("field_width", ["4294967280"]),
        "z15_missing_section9.zkey": ("missing_section", ["section 9 (H points)", "missing"]),
        "z17_A_point_coord_ge_q.zkey": ("coordinate_out_of_range", ["section 5 (A points)", "item "]),
        "z19_coef_signal_eq_nvars.zkey": (
            "coefficient_signal", ["section 4 (coefficients)", "signal 6", "item "]
        ),
        "z21_coef_count_too_big.zkey": ("section_length", ["section 4 (coefficients)"]),
        "z23_domain_2p31.zkey": ("inconsistent_header", ["2^31"]),
        "z25_sectionA_short.zkey": ("section_length", ["section 5 (A points)", "352", "384"]),
        "z27_trailing_garbage.zkey": ("trailing_bytes", ["64 trailing bytes"]),
        "plonk_z1_trunc_half.zkey": ("truncated", ["section "]),
        "plonk_z3_sigma_corrupt.zkey": ("", []),
        "plonk_f1_eval_plus_r.json": (
            "value_out_of_range", ["evaluation", "eval_a", "not below the group order"]
        ),
        "fflonk_z1_trunc_half.zkey": ("truncated", ["section "]),
        "fflonk_z3_sigma_corrupt.zkey": ("", []),
        "fflonk_f1_eval_plus_r.json": (
            "value_out_of_range", ["evaluation", " a", "not below the group order"]
        ),
    ]

    private static let names: [String] = {
        let table = try? String(contentsOf: Snarkjs.url("malformed/EXPECTED.tsv"), encoding: .utf8)
        return (table ?? "").split(separator: "\n").dropFirst().compactMap { line in
            line.split(separator: "\t").first.map(String.init)
        }
    }()

    private enum Primes {
        static let bn254 = "21888242871839275222246405745257275088548364400416034343698204186575808495617"
        static let bls12381 = "52435875175126190479447740508185965837690552500527637822603658699938581184513"
    }

    @Test func theTableIsComplete() {
        #expect(Self.names.count == 33)
        #expect(Set(Self.names) == Set(Self.expected.keys))
    }

    @Test(arguments: names)
    func isRefusedAtOnce(name: String) throws {
        let expected = try #require(Self.expected[name])
        let start = ContinuousClock.now
        var found: FormatError?
        do throws(FormatError) { try Self.read(name) } catch { found = error }
        #expect(ContinuousClock.now - start < .seconds(1))
        guard !expected.code.isEmpty else {
            #expect(found == nil)
            return
        }
        let error = try #require(found)
        #expect(error.word == expected.code)
        #expect(error.file.hasSuffix(name) && error.message.hasPrefix(error.file))
        for word in expected.words { #expect(error.message.contains(word), "\(error.message)") }
        #expect(error.isInvalidPoint == name.hasPrefix("f0"))
    }

    /// Reads a file as the command does that gets it.
    private static func read(_ name: String) throws(FormatError) {
        let file = try MappedFile(Snarkjs.url("malformed/\(name)"))
        switch name.contains("onk_") ? "" : name.prefix(1) {
        case "f": _ = try Groth16JSON.proof(file, of: BN254.self)
        case "p": _ = try PublicInputsJSON.read(file, of: BN254.self, count: 2)
        case "r": _ = try AnyR1CS.load(file)
        case "w": _ = try WitnessFile(file).values(of: BN254.self, variableCount: 6)
        case "z": _ = try Groth16ZKey.load(file)
        default:
            if name.hasSuffix("json") {
                _ = try PolynomialJSON.proof(file, of: BN254.self)
            } else {
                _ = try ZKeyFile(file)
            }
        }
    }

    @Test func aWitnessOfAnotherCircuitNamesBothSizes() throws {
        let witness = try WitnessFile(Snarkjs.file("groth16-bn128-multiplier/witness.wtns"))
        let error = formatError { () throws(FormatError) in
            try witness.values(of: BN254.self, variableCount: 7)
        }
        #expect(error?.reason == .countMismatch(what: "wires in the witness", expected: 7, found: 6))
    }

    @Test func witnessValuesMustBeBelowTheOrder() throws {
        var raw = RawContainer(try Snarkjs.bytes("groth16-bn128-multiplier/witness.wtns"))
        let order = Array(raw[1][4..<36])
        raw[2].replaceSubrange(96..<128, with: order)
        let witness = try WitnessFile(MappedFile(copying: raw.encoded, name: "w"))
        let error = formatError { () throws(FormatError) in try witness.values(of: BN254.self) }
        #expect(error?.reason == .valueOutOfRange(limit: "the group order") && error?.place.index == 3)
        raw[2][96] -= 1
        _ = try WitnessFile(MappedFile(copying: raw.encoded, name: "w")).values(of: BN254.self)
    }
}
