// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import FuzzSupport
import Groth16

@testable import SnarkFormats

/// The documents of snarkjs in JSON, and ours of circuits with commitments. What is read is written, and that
/// reads the same.
enum DocumentTargets {
    static let all = [verifyingKeys, proofs, publicInputs, polynomialDocuments, aggregationKeys]

    private static func mapped(_ bytes: [UInt8]) -> MappedFile { MappedFile(copying: bytes, name: "fuzz") }

    private static func words(_ more: [String]) -> [[UInt8]] {
        let own = [
            "\"protocol\":", "\"curve\":", "\"groth16\"", "\"plonk\"", "\"fflonk\"", "\"bn128\"",
            "\"bls12381\"", "\"altbn128\"", "\"0\"", "\"1\"", "null", "true", "1e3", "-0", "\\u0022", "//",
            "[[", "]]", "{}", "\u{feff}",
        ]
        return (own + more).map { Array($0.utf8) }
            + CurveID.allCases.flatMap { [KnownPrimes.base($0), KnownPrimes.scalar($0)] }
            .map { Array(KnownPrimes.decimal($0).utf8) }
    }

    private static let verifyingKeys = FuzzTarget(
        "verifying-key", lengthLimit: 5_000,
        vectors: [
            "groth16-bn128-multiplier/verification_key.json",
            "groth16-bls12381-multiplier/verification_key.json", "committed/verification_key.json",
        ],
        words: words([
            "\"groth16-commitments\"", "\"commitments\":", "\"commitment_hash\":", "\"hashed\":",
            "\"nPublic\":", "\"IC\":", "\"vk_alpha_1\":", "\"vk_beta_2\":", "\"vk_gamma_2\":",
            "\"vk_delta_2\":",
            "\"vk_alphabeta_12\":",
        ])
    ) { bytes in
        let file = mapped(bytes)
        do { check(try Groth16JSON.verifyingKey(file)) } catch {
            checkCommitted(try CommittedJSON.verifyingKey(file).key)
        }
    }

    private static func checkCommitted<Key: Groth16VerifyingKeyOnCurve>(_ read: Key) {
        let text = read.verifyingKey.json
        let again = reread("key") {
            try CommittedJSON.verifyingKey(mapped(Array(text.utf8))).key as? Groth16VerifyingKey<Key.Suite>
        }
        demand(again == read.verifyingKey, "another key")
    }

    private static func check<Document: VerifyingKeyOnCurve>(_ document: Document) {
        typealias Suite = Document.Suite
        let found = document.file
        let text =
            found.alphaBeta.map { Groth16JSON.text(found.key, alphaBeta: $0) } ?? Groth16JSON.text(found.key)
        let again = reread("key") { () throws -> VerifyingKey<Suite>? in
            let again = try Groth16JSON.verifyingKey(mapped(Array(text.utf8)))
            return (again as? VerifyingKeyFile<Suite>)?.key
        }
        demand(again == found.key, "another key")
    }

    private static let proofs = FuzzTarget(
        "proof", lengthLimit: 2_000,
        vectors: [
            "groth16-bn128-multiplier/proof.json", "groth16-bls12381-multiplier/proof.json", "infinity.json",
            "negated.json", "swapped.json", "off_curve.json", "committed/proof.json",
        ],
        words: words([
            "\"pi_a\":", "\"pi_b\":", "\"pi_c\":", "\"groth16-commitments\"", "\"commitments\":",
            "\"commitment_pok\":",
        ])
    ) { bytes in
        let file = mapped(bytes)
        func checkCommitted<Suite: CurveSuite>(_ suite: Suite.Type) throws {
            let proof = try CommittedJSON.proof(file, of: suite)
            let text = CommittedJSON.text(proof)
            let again = reread("proof") { try CommittedJSON.proof(mapped(Array(text.utf8)), of: suite) }
            demand(again == proof, "another proof")
        }
        func check<Suite: CurveSuite>(_ suite: Suite.Type) throws {
            let proof: Proof<Suite>
            do { proof = try Groth16JSON.proof(file, of: suite) } catch { return try checkCommitted(suite) }
            let text = Groth16JSON.text(proof)
            let again = reread("proof") { try Groth16JSON.proof(mapped(Array(text.utf8)), of: suite) }
            demand(again.a == proof.a && again.b == proof.b && again.c == proof.c, "another proof")
        }
        do { try check(BN254.self) } catch { try check(BLS12381.self) }
    }

    private static let publicInputs = FuzzTarget(
        "public", lengthLimit: 500,
        vectors: ["public.json", "public_plus_r.json", "public_long.json", "not_string.json"],
        words: words([])
    ) { bytes in
        func check<Suite: CurveSuite>(_ suite: Suite.Type) throws {
            let inputs = try PublicInputsJSON.read(mapped(bytes), of: suite)
            let text = PublicInputsJSON.text(inputs)
            demand(
                reread("list") { try PublicInputsJSON.read(mapped(Array(text.utf8)), of: suite) } == inputs,
                "other inputs")
        }
        try check(BLS12381.self)
        try check(BN254.self)
    }

    /// Proofs and keys of PLONK and FFLONK, and whatever the summary takes for a document.
    private static let polynomialDocuments = FuzzTarget(
        "polynomial-json", lengthLimit: 3_000,
        vectors: [
            "plonk-bn128-multiplier/verification_key.json", "plonk-bn128-multiplier/proof.json",
            "fflonk-bn128-multiplier/verification_key.json", "fflonk-bn128-multiplier/proof.json",
            "eval_plus_r.json",
            "groth16-bn128-multiplier/proof.json", "public.json",
        ],
        words: words(
            ["\"polynomials\":", "\"evaluations\":", "\"nPublic\":", "\"power\":", "\"X_2\":"]
                + PolynomialSchema.names.sorted().map { "\"\($0)\":" }),
        read: { bytes in _ = try FileSummary(mapped(bytes)) })

    private static let aggregationKeys = FuzzTarget(
        "aggregation-key", lengthLimit: 3_000,
        words: words(["\"snarkpack\"", "\"a_1\":", "\"a_2\":", "\"b_1\":", "\"b_2\":"]),
        seeds: { [text(BN254.self), text(BLS12381.self)].map { Array($0.utf8) } },
        read: { bytes in
            func check<Suite: CurveSuite>(_ suite: Suite.Type) throws {
                let points = try AggregationKeyPoints<Suite>(mapped(bytes))
                let again = reread("key") { try AggregationKeyPoints<Suite>(mapped(Array(points.text.utf8))) }
                demand(again == points, "another key")
            }
            do { try check(BN254.self) } catch { try check(BLS12381.self) }
        })

    private static func text<Suite: CurveSuite>(_ suite: Suite.Type) -> String {
        AggregationKeyPoints<Suite>(a1: .generator, a2: .generator, b1: .generator, b2: .generator).text
    }
}
