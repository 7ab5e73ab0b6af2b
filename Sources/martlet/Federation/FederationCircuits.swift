// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import ConstraintSystems
import Curves
import Failures
import FederatedLearning
import ProvingEngine
import SnarkFormats

struct FederationCircuits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "circuits",
        abstract: "Writes the circuits of a task as r1cs, and shows what they consist of.")

    @Option(help: ArgumentHelp("The task's description.", valueName: "file"), completion: .file())
    var task: String

    @Option(
        help: ArgumentHelp("Where client.r1cs and round.r1cs go (default: nowhere).", valueName: "dir"),
        completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        struct Circuit: Encodable {
            struct Part: Encodable {
                var part: String
                var constraints: Int
            }
            var circuit: String
            var constraints: Int
            var wires: Int
            var publicInputs: Int
            var parts: [Part]
        }
        var task: String
        var circuits: [Circuit]
    }

    func run() throws {
        defer { Console.endProgress() }
        let plan = try Federation.plan(of: task)
        if let output {
            try OutputFile.make(directory: output)
            _ = try OutputFiles(["client", "round"].map { "\(output)/\($0).r1cs" }, inputs: [task])
        }
        var report = Report(task: plan.task.name, circuits: [])
        let circuits = [
            ("client", ClientCircuit(plan).constraints(names: true)),
            ("round", RoundCircuit(plan).constraints(names: true)),
        ]
        for (name, builder) in circuits {
            let system = builder.constraintSystem()
            report.circuits.append(
                Report.Circuit(
                    circuit: name, constraints: system.constraintCount, wires: system.wireCount,
                    publicInputs: system.publicCount,
                    parts: builder.constraintsByScope().map {
                        .init(part: $0.scope, constraints: $0.constraints)
                    }))
            guard let output else { continue }
            Console.progress("writing \(name).r1cs")
            try R1CSFile.write(system, of: BN254.self, to: "\(output)/\(name).r1cs")
        }
        Console.endProgress()
        if json { return try Console.printJSON(report) }
        for circuit in report.circuits {
            Console.printTable(
                [["\(circuit.circuit) (\(Count.text(circuit.wires, "wire")))", "\(circuit.constraints)"]]
                    + circuit.parts.map { ["  \($0.part)", "\($0.constraints)"] })
        }
    }
}
