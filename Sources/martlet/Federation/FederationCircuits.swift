// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import ConstraintSystems
import Curves
import Failures
import FederatedLearning
import Foundation
import Groth16
import ProvingEngine
import SnarkFormats

struct FederationCircuits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "circuits",
        abstract: "Writes the circuits of a task as r1cs, and shows what they consist of.",
        discussion: """
            Each circuit but the clients' has the verification key of the one before in it, so keys are made one after the \
            other: with --keys, those that are there are used, and the circuits up to the first without a key are written.
            """)

    @Option(help: ArgumentHelp("The task's description.", valueName: "file"), completion: .file())
    var task: String

    @Option(
        help: ArgumentHelp(
            "The directory with the keys that there are already: client.zkey and so on.", valueName: "dir"),
        completion: .directory)
    var keys: String?

    @Option(
        help: ArgumentHelp(
            "Where client.r1cs, round.r1cs and the others go (default: nowhere).", valueName: "dir"),
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
            /// What has to make the challenges of the key's commitment, as
            /// `martlet setup groth16 --commitment-hash` takes it; nil for a circuit without one.
            var commitmentHash: String?
            /// The r1cs that was written.
            var file: String?
            var parts: [Part]
        }
        var task: String
        var circuits: [Circuit]
    }

    func run() throws {
        defer { Console.endProgress() }
        let plan = try Federation.plan(of: task)
        let made = FederationKeys(plan: plan, task: task)
        let paths = plan.circuits.map { circuit in output.map { "\($0)/\(circuit.rawValue).r1cs" } }
        if let output {
            try OutputFile.make(directory: output)
            _ = try OutputFiles(paths.compactMap(\.self), inputs: [task])
            // Circuits of other keys, or of another task, are not taken for those of these.
            Self.remove(paths)
        }
        do { try write(plan, made) } catch {
            Self.remove(paths)
            throw error
        }
    }

    /// Removes the circuits that are there.
    private static func remove(_ paths: [String?]) {
        for path in paths { if let path { unlink(path) } }
    }

    private func write(_ plan: Plan, _ made: FederationKeys) throws {
        var report = Report(task: plan.task.name, circuits: [])
        // Whether the keys of all circuits before are there.
        var isWritten = true
        try made.visit(named: true) { circuit, builder in
            let system = builder.constraintSystem(made.parallel)
            var own = Report.Circuit(
                circuit: circuit.rawValue, constraints: system.constraintCount, wires: system.wireCount,
                publicInputs: system.publicCount, commitmentHash: made.hash(of: circuit)?.rawValue,
                parts: builder.constraintsByScope().map {
                    .init(part: $0.scope.isEmpty ? "other" : $0.scope, constraints: $0.constraints)
                })
            if isWritten, let output {
                let path = "\(output)/\(circuit.rawValue).r1cs"
                Console.progress("writing \(path)")
                try R1CSFile.write(system, of: BN254.self, to: path)
                own.file = path
            }
            report.circuits.append(own)
            let key = keys.map { "\($0)/\(circuit.rawValue).zkey" }
            if let key, FileManager.default.fileExists(atPath: key) {
                let own = try made.verifyingKey(key)
                if let fault = plan.fault(of: own, for: circuit) {
                    throw JobFailure(code: .badInput, message: "\(key): \(fault)")
                }
                OpenKey.warn(own.openSecret, of: key)
                return own
            }
            if plan.task.settlement != .attested { isWritten = false }
            return try made.standIn(for: circuit)
        }
        Console.endProgress()
        if json { return try Console.printJSON(report) }
        for circuit in report.circuits {
            Console.printTable(
                [["\(circuit.circuit) (\(Count.text(circuit.wires, "wire")))", "\(circuit.constraints)"]]
                    + circuit.parts.map { ["  \($0.part)", "\($0.constraints)"] })
        }
        guard output != nil else { return }
        for circuit in report.circuits {
            let hash = circuit.commitmentHash.map { " (martlet setup groth16 --commitment-hash \($0))" } ?? ""
            print(
                circuit.file.map { "\($0): written\(hash)" }
                    ?? "\(circuit.circuit).r1cs: to be written when the keys before it are in --keys")
        }
    }
}
