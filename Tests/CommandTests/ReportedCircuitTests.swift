// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Files of circuits, keys and proofs from people's reports, where the fixtures are there.
@Suite(.enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES names no folder"))
struct ReportedCircuitTests {
    private func path(_ name: String) -> String {
        Fixtures.directory?.appending(path: "reported/\(name)").path ?? ""
    }

    private func run(
        _ status: Int32, _ arguments: String..., words: [String] = [],
        location: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try MartletCommand.run(arguments)
        #expect(outcome.status == status, "\(outcome.output)\(outcome.errors)", sourceLocation: location)
        for word in words {
            #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: location)
        }
    }

    private var isComplete: Bool {
        FileManager.default.fileExists(atPath: path("r1cs-private-inputs-gone/s309.r1cs"))
    }

    @Test func privateInputsThatAreGone() throws {
        guard isComplete else { return }
        let folder = try TemporaryFolder()
        let (proof, publics) = (folder.path("p.json"), folder.path("i.json"))
        for name in ["s309", "s471"] {
            let file = path("r1cs-private-inputs-gone/\(name)")
            try run(0, "info", file + ".r1cs")
            try run(
                0, "prove", "--zkey", file + ".zkey", "--witness", file + ".wtns", "--r1cs", file + ".r1cs",
                "--proof", proof, "--public", publics)
            try run(
                0, "setup", "groth16", "--r1cs", file + ".r1cs", "--insecure-dev", "--zkey",
                folder.path("\(name).zkey"))
        }
        try run(0, "info", path("r1cs-private-inputs-gone/sum_arrays.r1cs"))
    }

    @Test func labelsAndMissingMembers() throws {
        guard isComplete else { return }
        for curve in ["bn254", "bls12381"] {
            try run(
                0, "verify", "--vkey", path("curve-label-bn254/keys/verification_key_\(curve).json"),
                "--proof", path("curve-label-bn254/proofs/proof_\(curve).json"), "--public",
                path("curve-label-bn254/public.json"))
        }
        for (name, member) in [("vk.json", "nPublic"), ("vk-without-curve.json", "curve")] {
            let vkey = path("vkey-without-npublic/\(name)")
            try run(2, "info", vkey, words: [name, member])
            try run(2, "verify", "--vkey", vkey, "--proof", vkey, "--public", vkey, words: [name, member])
        }
    }

    @Test func customGatesAndOtherCircuits() throws {
        guard isComplete else { return }
        let folder = try TemporaryFolder()
        let (proof, publics) = (folder.path("p.json"), folder.path("i.json"))
        for (name, gates) in [("cg", ["RANGE"]), ("circuitCG", ["RANGE_CHECK", "POSEIDON_HASH"])] {
            let r1cs = path("custom-gates-setup/\(name).r1cs")
            try run(0, "info", r1cs)
            try run(
                2, "setup", "groth16", "--r1cs", r1cs, "--insecure-dev", "--zkey", folder.path("z"),
                words: gates)
            let key = path("r1cs-not-the-keys/cb.zkey")
            try run(2, "zkey", "verify", "--r1cs", r1cs, "--zkey", key, words: gates)
            try run(
                2, "prove", "--zkey", key, "--witness", path("custom-gates-setup/cg.wtns"), "--r1cs", r1cs,
                "--proof", proof, "--public", publics, words: gates)
        }
        for (r1cs, key, witness) in [
            ("ca", "cb", "wa"), ("one-public", "two-public", "witness"), ("one-public", "cb", "wa"),
        ] {
            try run(
                2, "prove", "--zkey", path("r1cs-not-the-keys/\(key).zkey"), "--witness",
                path("r1cs-not-the-keys/\(witness).wtns"), "--r1cs", path("r1cs-not-the-keys/\(r1cs).r1cs"),
                "--proof", proof, "--public", publics, words: ["the key is not this circuit's"])
        }
    }

    @Test func aContractOfManyInputs() throws {
        guard isComplete else { return }
        let vkey = path("contract-60-inputs/credentialAtomicQueryMTPV2.json")
        for language in ["vyper", "solidity"] {
            for kind in ["single", "batch"] {
                try run(0, "export", "verifier", "--lang", language, "--kind", kind, "--vkey", vkey)
            }
            try run(
                2, "export", "verifier", "--lang", language, "--kind", "round", "--vkey", vkey,
                words: ["this one has 77"])
        }
    }
}
