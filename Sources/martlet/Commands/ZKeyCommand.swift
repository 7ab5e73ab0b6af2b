import ArgumentParser
import Compute
import ConstraintSystems
import Curves
import Foundation
import Groth16
import ProvingService
import SnarkFormats
import TrustedSetup

struct ZKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zkey", abstract: "Contributes to a key's setup, and verifies it.",
        subcommands: [Contribute.self, Verify.self])

    struct Contribute: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "contribute",
            abstract: "Multiplies a secret of this process into a Groth16 key, and forgets it.",
            discussion:
                "A key is sound when one of its contributors was honest. The secret comes from the system.")

        @Option(help: ArgumentHelp("The key so far.", valueName: "file"))
        var zkey: String

        @Option(help: ArgumentHelp("Where the new key goes.", valueName: "file"))
        var out: String

        @Option(help: "The contributor's name; as many characters as fit into 64 bytes are kept.")
        var name = ""

        @Flag(help: "Print JSON.")
        var json = false

        struct Report: Encodable {
            var zkey: String
            var contributions: Int
            var transcript: String
        }

        func run() throws {
            let files = try OutputFiles([out], inputs: [zkey], report: json ? "--json" : nil)
            defer { Console.endProgress() }
            Console.progress("reading \(zkey)")
            let parallel = Parallel.allCores
            let (file, key) = try mappingFormatErrors { () throws(FormatError) in
                let file = try ZKeyFile(MappedFile(path: zkey))
                return (file, try AnyGroth16ZKey.load(file, threads: parallel.threads))
            }
            let report =
                switch key {
                case .bn254(let key): try contribute(to: key, file, parallel)
                case .bls12381(let key): try contribute(to: key, file, parallel)
                }
            Console.endProgress()
            if json {
                try Console.printJSON(report)
            } else {
                files.say("\(out): contribution \(report.contributions), transcript \(report.transcript)")
            }
        }

        private func contribute<Suite: SetupKernels>(
            to key: ProvingKey<Suite>, _ file: ZKeyFile, _ parallel: Parallel
        ) throws -> Report {
            let transcript = try mappingFormatErrors { () throws(FormatError) in
                try AnyGroth16ZKey.transcript(of: file, Suite.self)
            }
            Console.progress("contributing")
            var generator = SystemRandomNumberGenerator()
            let (next, history) = transcript.contributing(
                to: key, name: name, parallel: parallel, using: &generator)
            try SetupFiles.write(next, history, to: out)
            return Report(
                zkey: out, contributions: history.contributions.count,
                transcript: SetupFiles.hex(history.contributions.last?.transcript ?? []))
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Checks that a Groth16 key is a circuit's, and how it came about.",
            discussion: """
                With --ptau everything is checked: matrices, every point, each contribution. Without it only that the \
                matrices are the circuit's. Exit code 1 names the first thing that differs.
                """)

        @Option(help: ArgumentHelp("The circuit.", valueName: "file"))
        var r1cs: String

        @Option(help: ArgumentHelp("The powers of tau that the key was made from.", valueName: "file"))
        var ptau: String?

        @Option(help: ArgumentHelp("The key.", valueName: "file"))
        var zkey: String

        @Flag(help: "Print JSON.")
        var json = false

        struct Report: Encodable {
            struct Contribution: Encodable {
                var name: String?
                var kind: String
                var transcript: String
            }
            var zkey: String
            /// "full", or "matrices" without powers of tau.
            var checked: String
            var insecure: Bool
            var circuitHash: String?
            var contributions: [Contribution]
        }

        func run() throws {
            defer { Console.endProgress() }
            Console.progress("reading \(zkey)")
            let parallel = Parallel.allCores
            let (file, key, system) = try mappingFormatErrors { () throws(FormatError) in
                let file = try ZKeyFile(MappedFile(path: zkey))
                return (
                    file, try AnyGroth16ZKey.load(file, threads: parallel.threads),
                    try AnyR1CS.load(MappedFile(path: r1cs))
                )
            }
            let report =
                switch (key, system) {
                case (.bn254(let key), .bn254(let system)): try verify(key, file, system, parallel)
                case (.bls12381(let key), .bls12381(let system)): try verify(key, file, system, parallel)
                default:
                    throw JobFailure(code: .badInput, message: "\(zkey) and \(r1cs) are for different curves")
                }
            Console.endProgress()
            if json {
                try Console.printJSON(report)
                return
            }
            print(
                "\(zkey): \(report.checked == "full" ? "valid" : "the matrices are the circuit's; the points were not checked (no --ptau)")"
            )
            if report.insecure { InsecureNotice.print(zkey) }
            for (index, contribution) in report.contributions.enumerated() {
                let name = contribution.name.map { " \($0)" } ?? ""
                print(
                    "contribution \(index + 1)\(name) (\(contribution.kind)): \(contribution.transcript.prefix(32))…"
                )
            }
            if report.contributions.isEmpty && !report.insecure {
                Console.error("martlet: warning: nobody has contributed: proofs with this key can be forged")
            }
        }

        private func verify<Suite: SetupKernels>(
            _ key: ProvingKey<Suite>, _ file: ZKeyFile, _ system: R1CS<Suite.Fr>, _ parallel: Parallel
        ) throws -> Report {
            var generator = SystemRandomNumberGenerator()
            let transcript: SetupTranscript<Suite>? =
                file.contributionCount == nil
                ? nil
                : try mappingFormatErrors { () throws(FormatError) in
                    try AnyGroth16ZKey.transcript(of: file, Suite.self)
                }
            let setup = try mappingSetupErrors(r1cs) { () throws(SetupError) in
                try Groth16Setup<Suite>(system, parallel: parallel)
            }
            if let ptau {
                guard let transcript else {
                    throw JobFailure(
                        code: .badInput, message: "\(zkey): it has no section 10, so no history to verify")
                }
                let powers = try SetupFiles.powers(ptau, for: setup, parallel, using: &generator)
                try mappingSetupErrors(zkey) { () throws(SetupError) in
                    try setup.verify(key, transcript, against: powers, using: &generator) {
                        Console.progress("verifying: \($0)")
                    }
                }
            } else {
                try mappingSetupErrors(zkey) { () throws(SetupError) in try setup.verifyMatrices(of: key) }
            }
            return Report(
                zkey: zkey, checked: ptau == nil ? "matrices" : "full",
                insecure: transcript.map { Groth16Setup<Suite>.isDevelopment($0) } ?? false,
                circuitHash: transcript.map { SetupFiles.hex($0.circuitHash) },
                contributions: (transcript?.contributions ?? []).map {
                    Report.Contribution(
                        name: $0.name.map { SpoolTable.plain($0) },
                        kind: $0.kind == 1 ? "beacon" : "contribution",
                        transcript: SetupFiles.hex($0.transcript))
                })
        }
    }
}
