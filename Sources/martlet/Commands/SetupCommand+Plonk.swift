// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Commitments
import Compute
import ConstraintSystems
import Curves
import Failures
import Foundation
import Foundations
import Plonk
import SnarkFormats

extension SetupCommand {
    struct PlonkCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plonk",
            abstract: "Makes a PLONK key for an r1cs.",
            usage: "martlet setup plonk --r1cs <file> --ptau <file> --zkey <file> [--threads <n>] [--json]",
            discussion: """
                The key is made from powers of tau alone, byte for byte as snarkjs makes it: there is nothing to \
                contribute to, and anybody can make it again to compare.
                """)

        @Option(help: ArgumentHelp("The circuit.", valueName: "file"), completion: .file())
        var r1cs: String

        @Option(
            help: ArgumentHelp(
                "Powers of tau, with six more than the circuit has rows: of a power above the rows'.",
                valueName: "file"), completion: .file())
        var ptau: String

        @Option(help: ArgumentHelp("Where the key goes.", valueName: "file"), completion: .file())
        var zkey: String

        @OptionGroup var threads: ThreadOption

        @Flag(help: "Print what was made as JSON.")
        var json = false

        struct Report: Encodable {
            var zkey: String
            var curve: String
            var constraints: Int
            var gates: Int
            var additions: Int
            var wires: Int
            var publicInputs: Int
            var domainSize: Int
            var seconds: Double
        }

        func run() throws {
            let files = try OutputFiles([zkey], inputs: [r1cs, ptau], report: json ? "--json" : nil)
            let clock = ContinuousClock()
            let start = clock.now
            defer { Console.endProgress() }
            Console.progress("reading \(r1cs)")
            let system = try AnyR1CS.load(MappedFile(path: r1cs))
            var report = try withSuite(system.curve) { try make(system, $0) }
            report.seconds = (clock.now - start).inSeconds
            Console.endProgress()
            if json { return try Console.printJSON(report) }
            files.say(
                "\(OutputFiles.name(zkey)): \(Count.text(report.gates, "gate")) of \(Count.text(report.constraints, "constraint")), domain \(report.domainSize), \(String(format: "%.1f", report.seconds)) s"
            )
        }

        private func make<Suite: ComputeSuite>(_ any: AnyR1CS, _ suite: Suite.Type) throws -> Report {
            guard let system = any.system(on: suite) else { preconditionFailure("the suite is the system's") }
            func refusal(_ file: String, _ what: String) -> JobFailure {
                JobFailure(code: .badInput, message: "\(file): \(what)")
            }
            guard let circuit = PlonkCircuit(system) else {
                throw refusal(
                    r1cs, "a circuit with commitments, or of more than 2^31 gates, has no key of plonk")
            }
            let backend = CPUBackend<Suite>(parallel: threads.parallel)
            var generator = SystemRandomNumberGenerator()
            Console.progress("reading \(ptau)")
            do {
                let powers = try KZG<Suite>.Setup(
                    PtauFile(MappedFile(path: ptau)), count: PlonkSetup<Suite>.powersNeeded(circuit),
                    parallel: threads.parallel, using: &generator)
                Console.progress("writing \(zkey)")
                let key = try PlonkZKey.write(PlonkSetup(circuit, powers, backend: backend), to: zkey)
                return Report(
                    zkey: zkey, curve: Suite.id.rawValue, constraints: system.constraintCount,
                    gates: circuit.gates.count, additions: circuit.additions.count,
                    wires: circuit.variableCount, publicInputs: circuit.publicCount,
                    domainSize: key.verifyingKey.domainSize, seconds: 0)
            } catch let error as CommitmentError {
                throw refusal(ptau, error.message)
            } catch let error as PlonkSetupError {
                throw refusal(r1cs, error.message)
            }
        }
    }
}
