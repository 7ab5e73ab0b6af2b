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
import Outcomes
import ProvingEngine
import Recursion
import SnarkFormats

extension RecurseCommand {
    struct Prove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prove",
            abstract: "Makes one proof of proofs, in their order.",
            usage: """
                martlet recurse prove --zkey <file> --vkey <file> --list <file> --proof <file> --public <file> [--places <n>] \
                [--threads <n>] [--json]
                """,
            discussion: """
                The proofs are verified first, and the proof of them before it is written. Exit code 1 if a proof is invalid, \
                with its name. If there are fewer than the key is for, `--places` says how many that is.
                """)

        @Option(
            help: ArgumentHelp("The key of `martlet recurse key`.", valueName: "file"), completion: .file())
        var zkey: String

        @Option(
            help: ArgumentHelp("The verification key of the proofs.", valueName: "file"), completion: .file())
        var vkey: String

        @Option(
            help: ArgumentHelp(
                "The proofs: two paths per line, proof and public inputs, separated by blanks or a tab. Paths are relative to the list, or to the current directory if the list is a pipe.",
                valueName: "file"), completion: .file())
        var list: String

        @Option(help: ArgumentHelp("Where the proof goes.", valueName: "file"), completion: .file())
        var proof: String

        @Option(
            name: .customLong("public"),
            help: ArgumentHelp("Where its public input goes.", valueName: "file"), completion: .file())
        var publicInputs: String

        @OptionGroup var places: PlacesOption
        @OptionGroup var threads: ThreadOption

        @Flag(help: "Print what was made as JSON.")
        var json = false

        struct Report: Encodable {
            var proof: String
            var publicInputs: String
            var proofs: Int
            var places: Int
            var witnessSeconds: Double
            var seconds: Double
        }

        func run() throws {
            defer { Console.endProgress() }
            let named = try ProofList.read(list)
            let count = try places.count(for: named.count)
            let outputs = try OutputFiles(
                [proof, publicInputs],
                inputs: [zkey, vkey, list] + named.flatMap { [$0.proof, $0.publicInputs] },
                report: json ? "--json" : nil)
            let clock = ContinuousClock()
            let start = clock.now
            let (files, keyFile) = (try named.map { try $0.open() }, try MappedFile(json: vkey))
            let key = try RecursiveProofs.key(keyFile)
            OpenKey.warn(key.openSecret, of: vkey)
            Console.progress("verifying \(Count.text(named.count, "proof"))")
            try ProofFiles.requireValid(
                files, vkey: keyFile, threads: threads.parallel.threads, json: json)
            let items = try files.map { file -> (proof: ProofPoints, publicInputs: [BN254.Fr]) in
                (
                    RecursiveProofs.points(try Groth16Files.proof(file.proof, of: BN254.self)),
                    try Groth16Files.publicInputs(file.publicInputs, of: BN254.self, count: key.publicCount)
                )
            }
            for (file, item) in zip(files, items) where !item.proof.haveCoordinates {
                throw JobFailure(
                    code: .badInput,
                    message:
                        "\(file.place.map { "\($0): " } ?? "")\(file.proof.name): a point of the proof, or the sum of its commitments, is the point at infinity, which no circuit of proofs takes"
                )
            }
            let constant = try RecursiveProofs.constant(key, places: count, of: vkey)
            let made = try RecursiveProver(zkey: zkey, threads.parallel).prove(constant, items, places: count)
            try outputs.write([made.proof, made.publicInputs])
            Console.endProgress()
            let report = Report(
                proof: proof, publicInputs: publicInputs, proofs: items.count, places: count,
                witnessSeconds: made.witnessSeconds, seconds: (clock.now - start).inSeconds)
            if json {
                try Console.printJSON(report)
            } else {
                outputs.say(
                    "\(OutputFiles.name(proof)): \(Count.text(report.proofs, "proof")) proved and verified in \(String(format: "%.1f", report.seconds)) s"
                )
            }
        }
    }
}

/// Makes proofs of proofs with a key, which is one with a commitment or a plain one.
private struct RecursiveProver {
    let zkey: String
    let parallel: Parallel

    init(zkey: String, _ parallel: Parallel) {
        self.zkey = zkey
        self.parallel = parallel
    }

    struct Made {
        var proof: Data
        var publicInputs: Data
        var witnessSeconds: Double
    }

    func prove(
        _ verifyingKey: ConstantVerifyingKey, _ proofs: ProofBatch.Proofs, places: Int
    ) throws -> Made {
        let engine = try ProvingEngine(backend: .cpu, threads: parallel.threads)
        Console.progress("loading \(zkey)")
        let key = try engine.loadKey(path: zkey)
        OpenKey.warn(key.openSecret, of: zkey)
        guard key.curve == .bn254 else { throw refusal("proofs of proofs are made on bn254 alone") }
        guard key.commitmentCount < 2, key.publicCount == 1 else { throw otherKey(places) }
        let phase = key.commitmentCount == 0 ? nil : CommitmentPhase(engine: engine, key: key)
        let batch = ProofBatch(
            verifyingKey, places: places, phase == nil ? .poseidon : .commitment)
        Console.progress("making the witness")
        let clock = ContinuousClock()
        let start = clock.now
        let witness = batch.witness(proofs, phase?.challenger, parallel)
        if let failure = phase?.failure { throw failure }
        guard phase?.isOfOtherKey != true, witness.count == key.variableCount else {
            throw otherKey(places)
        }
        let seconds = (clock.now - start).inSeconds
        let file = try MemoryFile(name: ProvingEngine.unnamedWitness)
        try WitnessFile.write(witness, of: BN254.self, to: file)
        Console.progress("proving")
        do throws(JobFailure) {
            let output = try engine.prove(key: key, witness: file)
            return Made(
                proof: output.proofJSON, publicInputs: output.publicJSON, witnessSeconds: seconds)
        } catch {
            throw error.code == .unsatisfied ? noProof(places) : error
        }
    }

    private func refusal(_ what: String) -> JobFailure {
        JobFailure(code: .badInput, message: "\(zkey): \(what)")
    }

    /// What is said where a key is of another circuit.
    private func otherKey(_ places: Int) -> JobFailure {
        refusal(
            "not a key for \(Count.text(places, "proof")) of this verification key: `martlet recurse key` makes one, and --places says of how many places it is where there are fewer proofs"
        )
    }

    /// What is said where valid proofs give none with this key.
    private func noProof(_ places: Int) -> JobFailure {
        refusal(
            "the proof of proofs does not verify: the key is not for \(Count.text(places, "proof")) of this verification key, it is damaged, or the sum of the inputs' points is the point at infinity, which no circuit of proofs takes"
        )
    }
}
