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
            All on BN254. The key is made for one verification key and a largest number of proofs, and has a setup of its \
            own. The proof has one public input, a hash of the number of proofs and of all their public inputs in order. \
            Whoever has those computes it with `martlet recurse hash`. Proofs of proofs are proofs like others: with \
            `--commitment-hash poseidon`, or `--plain`, they go into further ones.
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

                The verification key may have commitments itself, if Poseidon makes their challenges (`--commitment-hash \
                poseidon` when it was made).
                """)

        @Option(
            help: ArgumentHelp("The verification key of the proofs.", valueName: "file"), completion: .file())
        var vkey: String

        @Option(help: ArgumentHelp("How many proofs there will be at most.", valueName: "n"))
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
            guard proofs > 0 else { throw ValidationError("--proofs must be 1 or more.") }
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
            let constant = RecursiveProofs.constant(key)
            let most = ProofBatch.mostPlaces(constant)
            guard proofs <= most else {
                throw JobFailure(
                    code: .usage,
                    message:
                        "--proofs must be from 1 to \(most) for \(vkey): make several proofs of proofs, and one of those"
                )
            }
            // What is no such file is said at once, and not after seconds.
            if let ptau = origin.ptau { _ = try PtauFile(MappedFile(path: ptau)) }
            let parallel = threads.parallel
            Console.progress("making the circuit")
            let batch = ProofBatch(constant, places: proofs, plain ? .poseidon : .commitment)
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
            usage: "martlet recurse hash --vkey <file> (--public <file> ... | --list <file>) [--places <n>]")

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

        @OptionGroup var places: PlacesOption

        func validate() throws {
            guard (list == nil) != publicInputs.isEmpty else {
                throw ValidationError("Give --public for each proof, or --list.")
            }
        }

        func run() throws {
            let key = try RecursiveProofs.key(MappedFile(json: vkey))
            let files = try ProofList.publicInputs(list, or: publicInputs)
            let count = try places.count(for: files.count)
            _ = try RecursiveProofs.constant(key, places: count, of: vkey)
            let rows = try files.map { file in
                try file.read { file throws(FormatError) in
                    try Groth16Files.publicInputs(file, of: BN254.self, count: key.publicCount)
                }
            }
            print(PublicInputsJSON.text([ProofPlaces.digest(of: rows, places: count)]))
        }
    }
}

/// How many proofs a key is for, where there are fewer.
struct PlacesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many proofs the key is for (`--proofs` of `recurse key`), if there are fewer.",
            valueName: "n"))
    var places: Int?

    /// The number of places for so many proofs.
    ///
    /// - Throws: wrong usage where there are fewer places.
    func count(for proofs: Int) throws(JobFailure) -> Int {
        guard let places else { return proofs }
        guard places >= proofs else {
            throw JobFailure(
                code: .usage,
                message: "--places \(places) is fewer than there are proofs, which are \(proofs)")
        }
        return places
    }
}

/// What the commands of recursion share.
enum RecursiveProofs {
    /// The most public inputs of a proof: each is some 3,700 constraints, whatever the number of proofs.
    static let mostInputs = 2_000
    /// The most commitments of a proof, as contracts have it.
    static let mostCommitments = 15

    /// The verification key whose proofs are proved.
    ///
    /// - Throws: `.badInput` for a key on another curve, with commitments whose challenges no circuit
    ///   computes, or with more public inputs or commitments than there is a use for.
    static func key(_ file: MappedFile) throws -> Groth16VerifyingKey<BN254> {
        let key = try Groth16Files.verifyingKey(file)
        func refusal(_ what: String) -> JobFailure {
            JobFailure(code: .badInput, message: "\(file.name): \(what)")
        }
        guard let own = key as? Groth16VerifyingKey<BN254> else {
            throw refusal("proofs of proofs are made for keys on bn254 alone")
        }
        if case .committed(let committed) = own, committed.hash != .poseidon {
            throw refusal(
                "challenges of the key's commitments are made by \(committed.hash.rawValue), which no circuit computes: it has to be a key with --commitment-hash poseidon"
            )
        }
        guard own.publicCount <= mostInputs && own.commitmentCount <= mostCommitments else {
            throw refusal(
                "proofs have \(Count.text(own.publicCount, "public input")) and \(Count.text(own.commitmentCount, "commitment")), and a circuit of proofs takes \(mostInputs) and \(mostCommitments) at most"
            )
        }
        return own
    }

    /// The key as a constant of a circuit.
    static func constant(_ key: Groth16VerifyingKey<BN254>) -> ConstantVerifyingKey {
        switch key {
        case .plain(let key): ConstantVerifyingKey(key)
        case .committed(let key): ConstantVerifyingKey(key)
        }
    }

    /// The same, for a circuit of so many places.
    ///
    /// - Throws: wrong usage where no circuit has as many.
    static func constant(
        _ key: Groth16VerifyingKey<BN254>, places: Int, of vkey: String
    ) throws(JobFailure) -> ConstantVerifyingKey {
        let constant = constant(key)
        let most = ProofBatch.mostPlaces(constant)
        guard places <= most else {
            throw JobFailure(
                code: .usage, message: "no key is for \(places) proofs of \(vkey), but for \(most) at most")
        }
        return constant
    }

    /// The points of a proof.
    static func points(_ proof: Groth16Proof<BN254>) -> ProofPoints {
        switch proof {
        case .plain(let proof): ProofPoints(proof)
        case .committed(let proof): ProofPoints(proof)
        }
    }
}
