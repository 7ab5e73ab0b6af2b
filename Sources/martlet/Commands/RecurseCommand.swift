// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import Curves
import EmulatedArithmetic
import Failures
import FiniteFields
import Foundation
import Foundations
import Groth16
import ProvingEngine
import Recursion
import SnarkFormats

struct RecurseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recurse",
        abstract: "Makes one Groth16 proof that proofs of one key are valid.",
        discussion: """
            All on BN254. The key is made for one verification key and one number of proofs, and has a setup of its own. \
            The proof has one public input, a hash of the number of proofs and of all their public inputs in order. \
            Whoever has those computes it with `martlet recurse hash`.
            """,
        subcommands: [Key.self, Prove.self, Hash.self])

    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key",
            abstract: "Makes the proving key for a number of proofs of a verification key.",
            usage: """
                martlet recurse key --vkey <file> --proofs <n> (--ptau <file> | --insecure-dev) --zkey <file> [--r1cs <file>] \
                [--plain] [--commitment-hash <hash>] [--allow-uncontributed] [--threads <n>] [--json]
                """,
            discussion: """
                With --ptau the key begins a second phase: nobody may use it before at least one `martlet zkey \
                contribute`. With --insecure-dev the secrets of the setup come from this process. The circuit commits to \
                wires; its proofs are verified by martlet and by contracts of `martlet export verifier`. With --plain it does \
                not, takes several times as many constraints, and its proofs are those that everybody knows.
                """)

        @Option(
            help: ArgumentHelp("The verification key of the proofs.", valueName: "file"), completion: .file())
        var vkey: String

        @Option(help: ArgumentHelp("How many proofs there will be, 256 at most.", valueName: "n"))
        var proofs: Int

        @OptionGroup var origin: KeyOrigin

        @Option(help: ArgumentHelp("Where the key goes.", valueName: "file"), completion: .file())
        var zkey: String

        @Option(
            help: ArgumentHelp(
                "Where the circuit goes, for contributors and for `martlet zkey verify`.", valueName: "file"),
            completion: .file())
        var r1cs: String?

        @Flag(help: "A circuit without commitments.")
        var plain = false

        @OptionGroup var commitments: CommitmentHashOption
        @OptionGroup var openKeys: OpenKeyOption
        @OptionGroup var threads: ThreadOption

        @Flag(help: "Print what was made as JSON.")
        var json = false

        func validate() throws {
            guard (1...RecursiveProofs.most).contains(proofs) else {
                throw ValidationError("--proofs must be from 1 to \(RecursiveProofs.most).")
            }
            guard !plain || commitments.hash == nil else {
                throw ValidationError("--commitment-hash does not go with --plain.")
            }
        }

        func run() throws {
            let files = try OutputFiles(
                [zkey, r1cs].compactMap(\.self), inputs: [vkey, origin.ptau], report: json ? "--json" : nil)
            let clock = ContinuousClock()
            let start = clock.now
            defer { Console.endProgress() }
            let key = try RecursiveProofs.key(MappedFile(json: vkey))
            try openKeys.check(key.openSecret, of: vkey)
            // What is no such file is said at once, and not after seconds.
            if let ptau = origin.ptau { _ = try PtauFile(MappedFile(path: ptau)) }
            let parallel = threads.parallel
            Console.progress("making the circuit")
            let batch = ProofBatch(
                ConstantVerifyingKey(key), count: proofs, plain ? .poseidon : .commitment)
            let system = batch.constraintSystem(parallel)
            let maker = Groth16KeyMaker(
                circuit: "the circuit of \(Count.text(proofs, "proof"))", ptau: origin.ptau, zkey: zkey,
                hash: commitments.hash, parallel: parallel)
            var report = try maker.make(system, BN254.self)
            if let r1cs {
                Console.progress("writing \(r1cs)")
                try R1CSFile.write(system, of: BN254.self, to: r1cs)
            }
            report.seconds = (clock.now - start).inSeconds
            try maker.tell(report, files, json: json)
        }
    }

    struct Hash: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hash",
            abstract: "Prints the public input of a proof of proofs, from the public inputs of all of them.",
            usage: "martlet recurse hash --vkey <file> (--public <file> ... | --list <file>)")

        @Option(
            help: ArgumentHelp("The verification key of the proofs.", valueName: "file"), completion: .file())
        var vkey: String

        @Option(
            name: .customLong("public"), parsing: .singleValue,
            help: ArgumentHelp("Public inputs, one file for each proof.", valueName: "file"),
            completion: .file())
        var publicInputs: [String] = []

        @Option(
            help: ArgumentHelp(
                "A list as for `recurse prove`; its proofs are not read.", valueName: "file"),
            completion: .file())
        var list: String?

        func validate() throws {
            guard (list == nil) != publicInputs.isEmpty else {
                throw ValidationError("Give --public for each proof, or --list.")
            }
        }

        func run() throws {
            let key = try RecursiveProofs.key(MappedFile(json: vkey))
            let files = try list.map { try ProofList.read($0).map(\.publicInputs) } ?? publicInputs
            let rows = try files.map { file in
                try Groth16Files.publicInputs(MappedFile(json: file), of: BN254.self, count: key.publicCount)
            }
            print(PublicInputsJSON.text([ProofBatch.digest(of: rows)]))
        }
    }
}

/// What the commands of recursion share.
enum RecursiveProofs {
    /// The most proofs of one circuit: each has some 25,000 chunks in the table of lookups, which takes eight
    /// million.
    static let most = 256

    /// The verification key whose proofs are proved.
    ///
    /// - Throws: `.badInput` for a key on another curve, with commitments, or with more public inputs than
    ///   there is a use for.
    static func key(_ file: MappedFile) throws -> VerifyingKey<BN254> {
        let key = try Groth16Files.verifyingKey(file)
        func refusal(_ what: String) -> JobFailure {
            JobFailure(code: .badInput, message: "\(file.name): \(what)")
        }
        guard let own = key as? Groth16VerifyingKey<BN254> else {
            throw refusal("proofs of proofs are made for keys on bn254 alone")
        }
        guard case .plain(let plain) = own else {
            throw refusal("the key has commitments, and proofs of such keys are not taken")
        }
        return plain
    }
}
