// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ProvingEngine
import SnarkFormats

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a verification key, a verifier contract, or its calldata.",
        subcommands: [Vkey.self, VerifierText.self, Calldata.self])

    struct Vkey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "vkey", abstract: "Writes the verification key of a zkey, as snarkjs does.",
            usage: """
                martlet export vkey (--zkey <file> | --gnark <file> [--commitment-hash <hash>]) [--vkey <file>]
                """,
            discussion: """
                Or, with --gnark, one of gnark's in JSON: snarkjs' for a circuit without commitments, else Martlet's own (docs/formats.md).
                """)

        @Option(help: ArgumentHelp("The proving key.", valueName: "file"), completion: .file())
        var zkey: String?

        @Option(
            help: ArgumentHelp(
                "In place of --zkey: a verification key of gnark's, compressed or not.", valueName: "file"),
            completion: .file())
        var gnark: String?

        @OptionGroup var commitments: CommitmentHashOption

        @Option(
            help: ArgumentHelp("Where the verification key goes.", valueName: "file"), completion: .file())
        var vkey = "verification_key.json"

        func validate() throws {
            guard (zkey == nil) != (gnark == nil) else {
                throw ValidationError("Either --zkey or --gnark has to be given.")
            }
            guard gnark != nil || commitments.hash == nil else {
                throw ValidationError("--commitment-hash goes with --gnark only.")
            }
        }

        func run() throws {
            let files = try OutputFiles([vkey], inputs: [zkey, gnark])
            if let gnark {
                let key = try MappedFile(json: gnark)
                OpenKey.warn(try ProofVerification.openSecret(vkey: key), of: gnark)
                try files.write([ProofVerification.verificationKeyJSON(of: key, hash: commitments.hash)])
                return
            }
            guard let zkey else { return }
            if PlonkProving.takes(zkey) {
                try files.write([PlonkProving.verificationKeyJSON(zkey: zkey)])
                return
            }
            let key = try ProvingEngine(backend: .cpu).loadKey(path: zkey)
            OpenKey.warn(key.openSecret, of: zkey)
            try files.write([key.verificationKeyJSON])
        }
    }

    struct Calldata: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "calldata",
            abstract: "Prints the arguments of snarkjs' Solidity verifier for a BN254 Groth16 proof.",
            discussion: """
                Or, for a proof with commitments, those of the contract that `martlet export verifier` writes: verify(a, b, \
                c, d, pok, input).
                """)

        @Option(
            name: .customLong("public"), help: ArgumentHelp("The public inputs.", valueName: "file"),
            completion: .file())
        var publicInputs: String

        @Option(help: ArgumentHelp("The proof.", valueName: "file"), completion: .file())
        var proof: String

        func run() throws {
            _ = try OutputFiles([], inputs: [publicInputs, proof])
            print(try ProofVerification.calldata(proof: proof, publicInputs: publicInputs))
        }
    }
}
