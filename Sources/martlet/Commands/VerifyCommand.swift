// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ProvingEngine
import SnarkFormats

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verifies proofs, of Groth16 or PLONK.",
        usage: """
            martlet verify --vkey <file> (--public <file> --proof <file> ... | --list <file>) [--commitment-hash <hash>] [--threads <n>] [--json]
            """,
        discussion: """
            Several proofs of one circuit are verified as a batch: repeat --public and --proof in the same order, or name them in a --list. Exit \
            code 0 if all are valid, 1 if one is not, 2 if a file cannot be read as what it should be. gnark's files are told from snarkjs' \
            by their contents.
            """)

    @Option(help: ArgumentHelp("The verification key.", valueName: "file"), completion: .file())
    var vkey: String

    @OptionGroup var proofs: ProofFiles

    @OptionGroup var commitments: CommitmentHashOption

    @OptionGroup var threads: ThreadOption

    @Flag(help: "Print the verdicts as JSON.")
    var json = false

    struct Report: Encodable {
        var valid: Bool
        var proofs: [ProofVerification.Finding]
    }

    func run() throws {
        let files = try proofs.files()
        _ = try OutputFiles(
            [], inputs: [vkey, proofs.list] + files.flatMap { [$0.proof, $0.publicInputs] })
        let engine = try ProvingEngine(backend: .cpu, threads: threads.count)
        // Opened once: they may be pipes.
        let (key, opened) = (try MappedFile(json: vkey), try files.map { try $0.open() })
        let findings = try ProofVerification.verify(
            vkey: key, proofs: opened, hash: commitments.hash, threads: engine.threads)
        OpenKey.warn(try ProofVerification.openSecret(vkey: key), of: vkey)
        let valid = findings.allSatisfy(\.valid)
        if json {
            try Console.printJSON(Report(valid: valid, proofs: findings))
        } else {
            Console.printTable(
                findings.map { [$0.valid ? "valid" : "INVALID", $0.proof, $0.reason ?? ""] })
        }
        if !valid { throw Exit.invalid }
    }
}
