// SPDX-License-Identifier: Apache-2.0

import Curves
import Foundation
import SnarkFormats
import TestSupport
import Testing

/// What files say of themselves: proof system, curve, and the counts that have to fit.
@Suite struct LabelTests {
    private static let folders = [
        "groth16-bn128-multiplier", "groth16-bls12381-multiplier", "plonk-bn128-multiplier",
        "fflonk-bn128-multiplier",
    ]
    private static let documents = folders.flatMap { ["\($0)/verification_key.json", "\($0)/proof.json"] }

    private static func summary(_ text: String) throws(FormatError) -> FileSummary {
        try FileSummary(MappedFile(copying: text.utf8, name: "file.json"))
    }

    private static func replacing(_ old: String, _ new: String, in text: String) throws -> String {
        try #require(text.contains(old))
        return text.replacingOccurrences(of: old, with: new)
    }

    @Test(arguments: documents)
    func curvesHaveManyNames(path: String) throws {
        let text = try Snarkjs.text(path)
        let isBLS = path.contains("bls12381")
        let (own, others) =
            isBLS
            ? ("bls12381", ["BLS12381", "bls12-381", "Bls12_381"])
            : ("bn128", ["bn254", "BN254", "altbn128", "alt_bn128", "Alt-BN128"])
        for name in others {
            let renamed = try Self.replacing("\"curve\": \"\(own)\"", "\"curve\": \"\(name)\"", in: text)
            #expect(try Self.summary(renamed)["curve"] == .text(isBLS ? "bls12381" : "bn254"))
        }
        // The name of the other curve is not taken for this one, and no other name for any.
        let other = isBLS ? "bn254" : "bls12_381"
        let file = MappedFile(
            copying: try Self.replacing("\"\(own)\"", "\"\(other)\"", in: text).utf8, name: "file.json")
        let mismatch = formatError { () throws(FormatError) in
            if path.hasSuffix("proof.json") && path.hasPrefix("groth16") {
                if isBLS { _ = try Groth16JSON.proof(file, of: BLS12381.self) }
                if !isBLS { _ = try Groth16JSON.proof(file, of: BN254.self) }
            } else {
                _ = try FileSummary(file)
            }
        }
        #expect(mismatch != nil)
        let unknown = try Self.replacing("\"\(own)\"", "\"bw6761\"", in: text)
        let error = formatError { () throws(FormatError) in try Self.summary(unknown) }
        #expect(error?.word == "unsupported_curve" && error?.message.contains("bw6761") == true)
    }

    /// What has the parts of a proof with commitments is none without, whatever it calls itself.
    @Test func plainProofsHaveNoCommitments() throws {
        let text = try Snarkjs.text("groth16-bn128-multiplier/proof.json")
        for member in [
            "commitments\": []", "commitment_pok\": 1", "commitments\": [[\"1\", \"2\", \"1\"]]",
        ] {
            let file = MappedFile(
                copying: try Self.replacing("{\n \"pi_a\"", "{\n \"\(member),\n \"pi_a\"", in: text).utf8,
                name: "proof.json")
            let errors = [
                formatError { () throws(FormatError) in _ = try Groth16JSON.proof(file, of: BN254.self) },
                formatError { () throws(FormatError) in _ = try Groth16Files.proof(file, of: BN254.self) },
            ]
            #expect(
                errors.allSatisfy { $0?.word == "wrong_label" && $0?.place.key == "protocol" }, "\(member)")
        }
    }

    /// Other members than today's, so the label has to be looked at first.
    @Test(arguments: ["groth", "original", "kimleeoh"])
    func oldProofSystemsAreNamed(name: String) throws {
        let files = [
            #"{"pi_a":["1","2","1"],"pi_ap":["1","2","1"],"pi_kp":["1","2","1"],"protocol":"\#(name)"}"#,
            #"{"protocol":"\#(name)","nPublic":1,"IC":[["1","2","1"]],"vk_alfa_1":["1","2","1"]}"#,
            #"{"protocol":"\#(name)","nVars":4,"nPublic":1,"domainSize":4,"A":[["1","2","1"]],"polsA":[{"1":"1"}]}"#,
        ]
        for text in files {
            let error = formatError { () throws(FormatError) in try Self.summary(text) }
            #expect(error?.reason == .oldProtocol(name) && error?.place.key == "protocol")
            #expect(error?.message.contains("old \"\(name)\" protocol") == true)
            #expect(error?.message.contains("set up again with groth16") == true)
            let file = MappedFile(copying: text.utf8, name: "f")
            #expect(
                formatError { () throws(FormatError) in try Groth16JSON.verifyingKey(file) }?.word
                    == "old_protocol")
            #expect(
                formatError { () throws(FormatError) in try Groth16JSON.proof(file, of: BN254.self) }?.word
                    == "old_protocol")
        }
    }

    @Test(arguments: documents)
    func unknownAndMissingProofSystemsAreNamed(path: String) throws {
        let text = try Snarkjs.text(path)
        let own = String(path.prefix { $0 != "-" })
        let unknown = try Self.replacing("\"protocol\": \"\(own)\"", "\"protocol\": \"halo2\"", in: text)
        let error = formatError { () throws(FormatError) in try Self.summary(unknown) }
        #expect(error?.reason == .unknownProtocol("halo2"))
        #expect(error?.message.contains("groth16, plonk, fflonk") == true)
        let missing = try Self.replacing("\"protocol\"", "\"protocoll\"", in: text)
        // A plonk proof has no member by which it could be known then.
        let expected = path == "plonk-bn128-multiplier/proof.json" ? "unknown_format" : "missing_key"
        let second = formatError { () throws(FormatError) in try Self.summary(missing) }
        #expect(second?.word == expected)
        if expected == "missing_key" { #expect(second?.place.key == "protocol") }
    }

    /// A key without one of its members is a key still.
    @Test(arguments: folders)
    func membersOfKeysThatAreMissingAreNamed(folder: String) throws {
        let text = try Snarkjs.text("\(folder)/verification_key.json")
        let names =
            folder.hasPrefix("groth16")
            ? ["curve", "nPublic", "vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "IC"]
            : ["curve", "nPublic", "power", "X_2", "k1"]
        for name in names {
            let changed = try Self.replacing("\"\(name)\"", "\"_\(name)\"", in: text)
            let error = formatError { () throws(FormatError) in try Self.summary(changed) }
            #expect(
                error?.reason == .missingKey && error?.place.key == name,
                "\(name): \(String(describing: error))")
        }
    }

    @Test func countsOfKeysHaveToFit() throws {
        let text = try Snarkjs.text("groth16-bn128-multiplier/verification_key.json")
        for (old, new, words) in [
            (
                "\"nPublic\": 2", "\"nPublic\": 3",
                ["nPublic", "the number of public inputs by nPublic is 3, and not 2"]
            ),
            ("\"nPublic\": 2", "\"nPublic\": -1", ["nPublic", "public inputs by nPublic is -1"]),
            ("\"IC\": [", "\"IC\": [], \"old\": [", ["IC", "points is 0"]),
        ] {
            let changed = try Self.replacing(old, new, in: text)
            let error = formatError { () throws(FormatError) in try Self.summary(changed) }
            #expect(error?.word == "count_mismatch")
            for word in words {
                #expect(error?.message.contains(word) == true, "\(String(describing: error))")
            }
        }
        let plonk = try Self.replacing(
            "\"nPublic\": 2", "\"nPublic\": -1",
            in: Snarkjs.text("plonk-bn128-multiplier/verification_key.json"))
        let error = formatError { () throws(FormatError) in try Self.summary(plonk) }
        #expect(
            error?.word == "inconsistent_header"
                && error?.message.contains("-1 public inputs") == true)
    }
}
