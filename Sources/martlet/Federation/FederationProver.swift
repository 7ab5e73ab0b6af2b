// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import Curves
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

    @OptionGroup var client: ClientArguments
    @OptionGroup var options: BackendOptions

    func validate() throws {
        guard let queue else {
            guard let option = client.given.first else { return }
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
        let file = try MemoryFile(name: "the witness")
        try WitnessFile.write(values.witness(), of: BN254.self, to: file)
        values.wipe()
        FaultInjection.reached("witness-made")
        defer { withExtendedLifetime(file) {} }
        if let queue { return try await QueuedProof.make(zkey: zkey, witness: file, on: queue, client) }
        Console.progress("loading \(zkey)")
        defer { Console.endProgress() }
        let engine = try options.makeEngine()
        let key = try engine.loadKey(path: zkey)
        let output = try engine.prove(key: key, witness: file) { phase in
            Console.progress("proving: \(phase.rawValue)")
            FaultInjection.reached("proving-\(phase.rawValue)")
        }
        FaultInjection.reached("proof-made")
        return String(decoding: output.proofJSON, as: UTF8.self)
    }
}
