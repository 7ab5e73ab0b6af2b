// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Compute
import Curves
import Foundation
import Foundations
import SnarkFormats
import TrustedSetup

struct SetupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Makes proving keys from circuits, and powers of tau for development.",
        subcommands: [Groth16Command.self, PlonkCommand.self, PowersOfTauCommand.self])

    struct PowersOfTauCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "powersoftau",
            abstract: "Makes powers of tau for development, prepared for the second phase.",
            usage:
                "martlet setup powersoftau --insecure-dev --power <n> --ptau <file> [--curve <curve>] [--threads <n>]",
            discussion: """
                The secret τ comes from this process: whoever runs it can forge proofs with every key that is made of the \
                file. For anything of value, take the file of a public ceremony.
                """)

        @Flag(help: "Required, to show that you know this: there is no other way to make powers here.")
        var insecureDev = false

        @Option(help: "The curve: bn254, bls12381 or bls12377.")
        var curve = CurveID.bn254

        @Option(help: ArgumentHelp("For circuits of up to 2^n rows.", valueName: "n"))
        var power: Int

        @Option(help: ArgumentHelp("Where the powers go.", valueName: "file"), completion: .file())
        var ptau: String

        @OptionGroup var threads: ThreadOption

        func validate() throws {
            guard insecureDev else {
                throw ValidationError(
                    "Powers made here are for development only: say so with --insecure-dev.")
            }
            guard (1...22).contains(power) else { throw ValidationError("--power must be from 1 to 22.") }
        }

        func run() throws {
            _ = try OutputFiles([ptau], inputs: [])
            try withSuite(curve) { try make($0) }
            Console.endProgress()
            InsecureNotice.print(OutputFiles.name(ptau), .powers)
        }

        private func make<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
            defer { Console.endProgress() }
            var generator = SystemRandomNumberGenerator()
            let sections = DevelopmentPowers<Suite>.prepared(
                power: power, parallel: threads.parallel,
                using: &generator
            ) { Console.progress("powers of tau: \($0)") }
            try PtauFile.write(sections, power: power, to: ptau)
        }
    }

    struct Groth16Command: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "groth16",
            abstract: "Makes a Groth16 key for an r1cs.",
            usage:
                "martlet setup groth16 --r1cs <file> (--ptau <file> | --insecure-dev) --zkey <file> [--commitment-hash <hash>] [--threads <n>] [--json]",
            discussion: """
                With --ptau the key begins a second phase, section for section as snarkjs makes it: nobody \
                may use it before at least one `martlet zkey contribute`. With --insecure-dev the secrets of the setup \
                come from this process: whoever runs it can forge proofs.
                """)

        @Option(help: ArgumentHelp("The circuit.", valueName: "file"), completion: .file())
        var r1cs: String

        @OptionGroup var origin: KeyOrigin

        @Option(help: ArgumentHelp("Where the key goes.", valueName: "file"), completion: .file())
        var zkey: String

        @OptionGroup var commitments: CommitmentHashOption

        @OptionGroup var threads: ThreadOption

        @Flag(help: "Print what was made as JSON.")
        var json = false

        func run() throws {
            let files = try OutputFiles([zkey], inputs: [r1cs, origin.ptau], report: json ? "--json" : nil)
            let clock = ContinuousClock()
            let start = clock.now
            defer { Console.endProgress() }
            Console.progress("reading \(r1cs)")
            let maker = Groth16KeyMaker(
                circuit: r1cs, ptau: origin.ptau, zkey: zkey, hash: commitments.hash,
                parallel: threads.parallel)
            let system = try AnyR1CS.load(MappedFile(path: r1cs))
            var report = try withSuite(system.curve) { try make(system, $0, maker) }
            report.seconds = (clock.now - start).inSeconds
            try maker.tell(report, files, json: json)
        }

        private func make<Suite: ComputeSuite>(
            _ any: AnyR1CS, _ suite: Suite.Type, _ maker: Groth16KeyMaker
        ) throws -> Groth16KeyMaker.Report {
            guard let system = any.system(on: suite) else { preconditionFailure("the suite is the system's") }
            return try maker.make(system, suite)
        }
    }
}
