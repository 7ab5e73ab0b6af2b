// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Compute
import Curves
import Failures
import FiniteFields
import Foundation
import Foundations
import Groth16
import Outcomes
import ProofAggregation
import ProvingEngine
import SnarkFormats

struct AggregateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aggregate",
        abstract: "Makes one proof out of many Groth16 proofs of a circuit, and verifies it (SnarkPack).",
        discussion: """
            For light verification off any chain: the aggregate's size and the time to verify it grow with the logarithm of the \
            number of proofs. It needs the powers of tau of two unrelated ceremonies.
            """,
        subcommands: [Key.self, Prove.self, Verify.self])

    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key",
            abstract: "Makes the key that verifies aggregates from two files of powers of tau.",
            usage: "martlet aggregate key --ptau <file> --ptau <file> --output <file>")

        @OptionGroup var powers: PowersArguments

        @Option(help: ArgumentHelp("Where the key goes.", valueName: "file"), completion: .file())
        var output: String

        func run() throws {
            let files = try OutputFiles([output], inputs: powers.paths)
            let (first, second) = try powers.files()
            try withSuite(first.curve) { try write(first, second, $0, files) }
        }

        private func write<Suite: ComputeSuite>(
            _ first: PtauFile, _ second: PtauFile, _ suite: Suite.Type, _ files: OutputFiles
        ) throws {
            let key = try naming(powers.names) {
                try AggregationVerifyingKey<Suite>(first, second)
            }
            try files.write([Data((key.text + "\n").utf8)])
        }
    }

    struct Prove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prove",
            abstract: "Aggregates proofs of one circuit, in their order.",
            usage: """
                martlet aggregate prove --vkey <file> --ptau <file> --ptau <file> (--public <file> --proof <file> ... | \
                --list <file>) --output <file> [--threads <n>] [--json]
                """,
            discussion: """
                The proofs are verified first, and the aggregate before it is written. Exit code 1 if a proof is invalid, \
                with its name.
                """)

        @Option(
            help: ArgumentHelp("The verification key of the circuit.", valueName: "file"), completion: .file()
        )
        var vkey: String

        @OptionGroup var powers: PowersArguments
        @OptionGroup var proofs: ProofFiles

        @Option(help: ArgumentHelp("Where the aggregate goes.", valueName: "file"), completion: .file())
        var output: String

        @OptionGroup var threads: ThreadOption

        @Flag(help: "Print what was made as JSON.")
        var json = false

        struct Report: Encodable {
            var aggregate: String
            var proofs: Int
            var bytes: Int
            var seconds: Double
            var verificationSeconds: Double
        }

        func run() throws {
            defer { Console.endProgress() }
            let named = try proofs.files()
            let outputs = try OutputFiles(
                [output],
                inputs: [vkey, proofs.list] + powers.paths + named.flatMap { [$0.proof, $0.publicInputs] },
                report: json ? "--json" : nil)
            let parallel = threads.parallel
            let (first, second) = try powers.files()
            let (key, files) = (try MappedFile(json: vkey), try named.map { try $0.open() })
            try ProofFiles.requireValid(files, vkey: key, threads: parallel.threads, json: json)
            let document = try Groth16JSON.verifyingKey(key)
            let report = try aggregate(document, first, second, files, parallel, outputs)
            Console.endProgress()
            if json {
                try Console.printJSON(report)
            } else {
                outputs.say(
                    "\(OutputFiles.name(output)): \(Count.text(report.proofs, "proof")) in \(report.bytes) bytes, made in \(String(format: "%.2f", report.seconds)) s, verified in \(String(format: "%.3f", report.verificationSeconds)) s"
                )
            }
        }

        private func aggregate<Document: VerifyingKeyOnCurve>(
            _ document: Document, _ first: PtauFile, _ second: PtauFile,
            _ files: [ProofVerification.Files], _ parallel: Parallel, _ outputs: OutputFiles
        ) throws -> Report {
            typealias Suite = Document.Suite
            let key = document.file.key
            OpenKey.warn(key.openSecret, of: vkey)
            try powers.require(Suite.id, first)
            var items: [Aggregator<Suite>.Item] = []
            for file in files {
                items.append(
                    (
                        try Groth16JSON.proof(file.proof, of: Suite.self),
                        try PublicInputsJSON.read(
                            file.publicInputs, of: Suite.self, count: key.publicCount
                        ).map(\.canonical)
                    ))
            }
            Console.progress("reading powers of tau")
            let clock = ContinuousClock()
            let aggregator = try naming(powers.names) {
                let needed = 1 << AggregateProof<Suite>.roundCount(for: items.count)
                for file in [first, second] where AggregationKey<Suite>.capacity(of: file) < needed {
                    throw AggregationError.tooFewPowers(
                        needed: items.count, capacity: AggregationKey<Suite>.capacity(of: file))
                }
                return try Aggregator(
                    AggregationKey(first, second, proofs: items.count, threads: parallel.threads), for: key,
                    parallel: parallel)
            }
            let start = clock.now
            let proof = try naming(powers.names) {
                try aggregator.aggregate(items) { round, rounds in
                    Console.progress("aggregating: round \(round) of \(rounds)")
                }
            }
            let made = clock.now
            var generator = SystemRandomNumberGenerator()
            let verdict = AggregateVerifier(aggregator.aggregationVerifyingKey, for: key).verify(
                proof, publicInputs: items.map(\.publicInputs), parallel: parallel, using: &generator)
            guard verdict == .valid else {
                // The proofs are valid, so the powers are none.
                throw JobFailure(
                    code: .badInput, message: "\(powers.names): no powers of tau: the aggregate is \(verdict)"
                )
            }
            let end = clock.now
            let bytes = proof.encoded
            try outputs.write([Data(bytes)])
            return Report(
                aggregate: output, proofs: items.count, bytes: bytes.count,
                seconds: (made - start).inSeconds,
                verificationSeconds: (end - made).inSeconds)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Verifies an aggregate for public inputs, in the order of the proofs.",
            usage: """
                martlet aggregate verify --vkey <file> --key <file> --aggregate <file> (--public <file> ... | --list <file>) \
                [--threads <n>] [--json]
                """,
            discussion:
                "Exit code 0 if all the proofs are valid, 1 if not, 2 if the public inputs are of more or fewer proofs."
        )

        @Option(
            help: ArgumentHelp("The verification key of the circuit.", valueName: "file"), completion: .file()
        )
        var vkey: String

        @Option(
            help: ArgumentHelp("The key made by `martlet aggregate key`.", valueName: "file"),
            completion: .file())
        var key: String

        @Option(help: ArgumentHelp("The aggregate.", valueName: "file"), completion: .file())
        var aggregate: String

        @Option(
            name: .customLong("public"), parsing: .singleValue,
            help: ArgumentHelp("Public inputs, one file for each proof.", valueName: "file"),
            completion: .file())
        var publicInputs: [String] = []

        @Option(
            help: ArgumentHelp(
                "A list in place of --public, as for `martlet aggregate prove`; the proofs that it names are not read.",
                valueName: "file"), completion: .file())
        var list: String?

        @OptionGroup var threads: ThreadOption

        @Flag(help: "Print the verdict as JSON.")
        var json = false

        struct Report: Encodable {
            var aggregate: String
            var valid: Bool
            var proofs: Int
            var reason: String?
            var seconds: Double
        }

        func validate() throws {
            guard (list == nil) != publicInputs.isEmpty else {
                throw ValidationError(
                    list == nil
                        ? "One of --public and --list is needed." : "Give --public or --list, not both.")
            }
        }

        func run() throws {
            let files = try ProofList.publicInputs(list, or: publicInputs)
            _ = try OutputFiles([], inputs: [vkey, key, aggregate, list] + files.map(\.path))
            let parallel = threads.parallel
            let document = try Groth16JSON.verifyingKey(MappedFile(json: vkey))
            let report = try verify(document, files, parallel)
            if json {
                try Console.printJSON(report)
            } else if report.valid {
                print("valid  \(report.aggregate)  \(Count.text(report.proofs, "proof"))")
            } else {
                print("INVALID  \(report.aggregate)  \(report.reason ?? "")")
            }
            if !report.valid { throw Exit.invalid }
        }

        private func verify<Document: VerifyingKeyOnCurve>(
            _ document: Document, _ files: [ProofList.PublicInputs], _ parallel: Parallel
        ) throws -> Report {
            typealias Suite = Document.Suite
            let verifyingKey = document.file.key
            OpenKey.warn(verifyingKey.openSecret, of: vkey)
            let aggregationKey = try naming(key) {
                try AggregationVerifyingKey<Suite>(MappedFile(json: key))
            }
            let file = try MappedFile(
                input: aggregate, limit: AggregateProof<Suite>.sizeLimit, access: .onDemand)
            let proof = try naming(file.name) { try AggregateProof<Suite>(file) }
            var publics: [[Suite.Fr.Limbs]] = []
            for file in files {
                let values = try file.read { file throws(FormatError) in
                    try PublicInputsJSON.read(file, of: Suite.self, count: verifyingKey.publicCount)
                }
                publics.append(values.map(\.canonical))
            }
            let clock = ContinuousClock()
            let start = clock.now
            var generator = SystemRandomNumberGenerator()
            let verdict = AggregateVerifier(aggregationKey, for: verifyingKey).verify(
                proof, publicInputs: publics, parallel: parallel, using: &generator)
            if case .count(let given, let aggregated) = verdict {
                // Nothing was checked: what was handed in does not belong together.
                throw JobFailure(
                    code: .badInput,
                    message:
                        "\(file.name): it is an aggregate of \(Count.text(aggregated, "proof")), and there are public inputs of \(given)"
                )
            }
            return Report(
                aggregate: file.name, valid: verdict == .valid, proofs: proof.count,
                reason: verdict == .valid ? nil : verdict.description,
                seconds: (clock.now - start).inSeconds)
        }
    }
}

/// The powers of tau of two ceremonies.
struct PowersArguments: ParsableArguments {
    @Option(
        name: .customLong("ptau"), parsing: .singleValue,
        help: ArgumentHelp(
            "Powers of tau, given twice, from two ceremonies. n proofs need powers for 2n rows.",
            valueName: "file"), completion: .file())
    var paths: [String] = []

    func validate() throws {
        guard paths.count == 2 else {
            throw ValidationError("--ptau is needed twice: the powers of tau from two ceremonies.")
        }
    }

    var names: String { paths.joined(separator: ", ") }

    /// The two files, which must be of two ceremonies.
    func files() throws -> (PtauFile, PtauFile) {
        let (first, second) = try open()
        let haveHistory = try naming(names) {
            try CeremonyIndependence.check(first, second)
        }
        if !haveHistory {
            Console.error(
                "martlet: warning: \(names): they do not both list contributions, so nothing shows that they are from two ceremonies"
            )
        }
        return (first, second)
    }

    private func open() throws -> (PtauFile, PtauFile) {
        let (first, second) = (
            try PtauFile(MappedFile(path: paths[0])), try PtauFile(MappedFile(path: paths[1]))
        )
        guard first.curve == second.curve else {
            throw FormatError(
                .curveMismatch(expected: first.curve.rawValue, found: second.curve.rawValue),
                file: paths[1])
        }
        return (first, second)
    }

    func require(_ curve: CurveID, _ file: PtauFile) throws {
        guard file.curve == curve else {
            throw FormatError(
                .curveMismatch(expected: curve.rawValue, found: file.curve.rawValue), file: paths[0])
        }
    }
}
