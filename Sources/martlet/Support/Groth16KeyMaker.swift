// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import Failures
import Foundation
import Foundations
import Groth16
import SnarkFormats
import TrustedSetup

/// Makes the key of a circuit, with or without commitments, and writes it.
struct Groth16KeyMaker {
    /// What messages call the circuit.
    var circuit: String
    /// Powers of tau; where there are none, the key is one for development.
    var ptau: String?
    /// Where the key goes.
    var zkey: String
    /// What makes challenges of commitments; `nil` for SHA-256.
    var hash: CommitmentHash?
    var parallel: Parallel

    struct Report: Encodable {
        var zkey: String
        var curve: String
        var constraints: Int
        var wires: Int
        var publicInputs: Int
        var domainSize: Int
        var insecure: Bool
        /// Of a key from powers of tau; those for development have no history.
        var circuitHash: String?
        var seconds: Double
    }

    /// Makes and writes the key. The report's time is for the caller.
    func make<Suite: ComputeSuite>(_ system: R1CS<Suite.Fr>, _ suite: Suite.Type) throws -> Report {
        if !system.commitments.isEmpty { return try makeCommitted(system, suite) }
        if let hash {
            throw JobFailure(
                code: .badInput,
                message:
                    "\(circuit): the circuit has no commitments, of which \(hash.rawValue) could make challenges"
            )
        }
        let setup = try naming(circuit) {
            try Groth16Setup<Suite>(system, parallel: parallel)
        }
        var generator = SystemRandomNumberGenerator()
        let made: (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>)
        if let ptau {
            let powers = try SetupFiles.powers(
                ptau, log: setup.logDomainSize, of: Suite.self, parallel, using: &generator)
            made = setup.initialKey(powers) { Console.progress("setup: \($0)") }
        } else {
            made = setup.development(using: &generator) { Console.progress("setup: \($0)") }
        }
        Console.progress("writing \(zkey)")
        try SetupFiles.write(made.key, made.transcript, to: zkey)
        return report(
            on: suite, system, logDomainSize: setup.logDomainSize, circuitHash: made.transcript.circuitHash)
    }

    private func makeCommitted<Suite: ComputeSuite>(
        _ system: R1CS<Suite.Fr>, _ suite: Suite.Type
    ) throws -> Report {
        let setup = try SetupFiles.committedSetup(system, of: suite, circuit, parallel)
        let hash = hash ?? .sha256
        var generator = SystemRandomNumberGenerator()
        let key: CommittedKey<Suite>
        do {
            if let ptau {
                let powers = try SetupFiles.powers(
                    ptau, log: setup.logDomainSize, of: suite, parallel, using: &generator)
                key = try setup.initialKey(powers, hash: hash) { Console.progress("setup: \($0)") }
            } else {
                Console.progress("setup")
                key = try setup.developmentKey(hash: hash, using: &generator)
            }
        } catch let fault as CommittedKeyFault {
            throw JobFailure(code: .badInput, message: "\(circuit): \(fault.message)")
        }
        Console.progress("writing \(zkey)")
        try CommittedZKey.write(key, to: zkey)
        return report(
            on: suite, system, logDomainSize: setup.logDomainSize, circuitHash: key.transcript.circuitHash)
    }

    private func report<Suite: ComputeSuite>(
        on suite: Suite.Type, _ system: R1CS<Suite.Fr>, logDomainSize: Int, circuitHash: [UInt8]
    ) -> Report {
        Report(
            zkey: zkey, curve: Suite.id.rawValue, constraints: system.constraintCount,
            wires: system.wireCount, publicInputs: system.publicCount, domainSize: 1 << logDomainSize,
            insecure: ptau == nil, circuitHash: ptau.map { _ in circuitHash.hexadecimal }, seconds: 0)
    }

    /// Says what was made, and what comes next.
    func tell(_ report: Report, _ files: OutputFiles, json: Bool) throws {
        Console.endProgress()
        let name = OutputFiles.name(zkey)
        if report.insecure { InsecureNotice.print(name) }
        if json {
            try Console.printJSON(report)
            return
        }
        files.say(
            "\(name): \(Count.text(report.constraints, "constraint")), \(Count.text(report.wires, "wire")), domain \(report.domainSize), \(String(format: "%.1f", report.seconds)) s"
        )
        if !report.insecure {
            let option = files.takesStandardOutput ? "" : " --zkey \(zkey) --output …"
            files.say("next: martlet zkey contribute\(option) (do not use the key before that)")
        }
    }
}
