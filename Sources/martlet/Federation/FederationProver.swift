// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import Curves
import Failures
import Foundation
import Foundations
import Groth16
import Outcomes
import ProvingEngine
import SnarkFormats

/// Makes proofs of a federation's circuits: here, or by the workers of a queue.
struct FederationProver: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Has the proof made by the workers of a queue, spool:DIR, http(s)://HOST:PORT or unix:PATH (default: here).",
            valueName: "queue"))
    var queue: QueueLocation?

    @Option(
        help: ArgumentHelp(
            "With --queue: the longest time to wait for a proof (90s, 15m, …); exit code 3 when it is up.",
            valueName: "time"))
    var timeout: TimeSpan?

    @OptionGroup var client: ClientArguments
    @OptionGroup var options: BackendOptions

    func validate() throws {
        guard let queue else {
            guard let option = timeout == nil ? client.given.first : "--timeout" else { return }
            throw ValidationError("\(option) goes with --queue only.")
        }
        try client.validate(for: queue)
        if let option = options.given.first {
            throw ValidationError("\(option) is for proofs that are made here, not by a --queue's workers.")
        }
    }

    /// The text of proof.json. The witness is in memory only, so that nothing of it is left however this
    /// process ends.
    func prove(_ values: CircuitBuilder, zkey: String) async throws -> String {
        let witness = try Self.file(values)
        FaultInjection.reached("witness-made")
        defer { withExtendedLifetime(witness) {} }
        if let queue {
            return try await QueuedProof.make(
                zkey: zkey, witness: witness, on: queue, client, timeout: timeout)
        }
        defer { Console.endProgress() }
        let engine = try options.makeEngine()
        let key = try load(zkey, engine)
        guard values.wireCount == key.variableCount else { throw Self.otherCircuit(zkey) }
        return try prove(witness, key, engine)
    }

    private static func otherCircuit(_ zkey: String) -> JobFailure {
        JobFailure(code: .badInput, message: "\(zkey): not a key of this task's circuit")
    }

    private static func file(_ values: CircuitBuilder) throws -> MemoryFile {
        let file = try MemoryFile(name: ProvingEngine.unnamedWitness)
        try WitnessFile.write(values.witness(), of: BN254.self, to: file)
        values.wipe()
        return file
    }

    private func load(_ zkey: String, _ engine: ProvingEngine) throws -> LoadedKey {
        Console.progress("loading \(zkey)")
        return try engine.loadKey(path: zkey)
    }

    private func prove(_ witness: MemoryFile, _ key: LoadedKey, _ engine: ProvingEngine) throws -> String {
        let output = try engine.prove(key: key, witness: witness) { phase in
            Console.progress("proving: \(phase.rawValue)")
            FaultInjection.reached("proving-\(phase.rawValue)")
        }
        FaultInjection.reached("proof-made")
        return String(decoding: output.proofJSON, as: UTF8.self)
    }

    /// The jobs that are in a queue at a time: each witness is in memory until its proof is there.
    private static let mostQueued = 16

    /// Makes proofs with one key, whose commitment is made here in the middle of each witness: the proofs are
    /// made here one after the other, or by the workers of a queue side by side.
    ///
    /// - Parameter values: the values of a circuit, by its number, with what makes challenges.
    /// - Returns: the texts of proof.json.
    func prove(
        _ count: Int, zkey: String, _ values: (Int, Challenger) throws -> CircuitBuilder
    ) async throws -> [String] {
        defer { Console.endProgress() }
        let engine = try queue == nil ? options.makeEngine() : ProvingEngine(backend: .cpu)
        let key = try load(zkey, engine)
        guard key.commitmentCount == 1 else { throw Self.otherCircuit(zkey) }
        func witness(_ index: Int) throws -> MemoryFile {
            let phase = CommitmentPhase(engine: engine, key: key)
            let values = try values(index, phase.challenger)
            if let failure = phase.failure { throw failure }
            guard !phase.isOfOtherKey, values.wireCount == key.variableCount else {
                throw Self.otherCircuit(zkey)
            }
            return try Self.file(values)
        }
        guard let queue else {
            return try (0..<count).map { try prove(witness($0), key, engine) }
        }
        let (client, timeout) = (client, timeout)
        return try await withThrowingTaskGroup(of: (index: Int, text: String).self) { group in
            var texts = [String](repeating: "", count: count)
            for index in 0..<count {
                if index >= Self.mostQueued, let made = try await group.next() {
                    texts[made.index] = made.text
                }
                let file = try witness(index)
                group.addTask {
                    (
                        index,
                        try await QueuedProof.make(
                            zkey: zkey, witness: file, on: queue, client, timeout: timeout)
                    )
                }
            }
            for try await made in group { texts[made.index] = made.text }
            return texts
        }
    }
}
