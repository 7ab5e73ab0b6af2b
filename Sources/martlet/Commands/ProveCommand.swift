// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Foundation
import Foundations
import Outcomes
import Plonk
import ProvingEngine
import SnarkFormats

struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Makes a proof of a witness, of Groth16 or PLONK as the key is, and verifies it.",
        discussion: """
            The proof is written only after it has been verified. A witness that does not satisfy the circuit ends with \
            exit code 2; with --r1cs the key is compared with the circuit and the first violated constraint is named, with \
            --sym by its signals. - is standard input for the witness and standard output for one of the results.

            With a proving key of gnark's, --vkey is its verification key, --r1cs its constraint system, and the witness a line with number and \
            value of each wire, or a .wtns of them; the CPU computes (docs/formats.md).
            """)

    @Option(help: ArgumentHelp("The proving key.", valueName: "file"), completion: .file())
    var zkey: String

    @Option(help: ArgumentHelp("The witness (.wtns).", valueName: "file"), completion: .file())
    var witness: String

    @Option(help: ArgumentHelp("Where the proof goes.", valueName: "file"), completion: .file())
    var proof = "proof.json"

    @Option(
        name: .customLong("public"), help: ArgumentHelp("Where the public inputs go.", valueName: "file"),
        completion: .file())
    var publicInputs = "public.json"

    @Option(
        help: ArgumentHelp(
            "The circuit: checks key and witness before anything is proved.", valueName: "file"),
        completion: .file())
    var r1cs: String?

    @Option(
        help: ArgumentHelp("With --r1cs: the names of its signals (circom's .sym).", valueName: "file"),
        completion: .file())
    var sym: String?

    @OptionGroup var gnark: GnarkProofOptions

    @OptionGroup var options: BackendOptions

    @Flag(help: "Print on standard error how the proof will be computed.")
    var explain = false

    @Flag(help: "Print the result as JSON, with timings (docs/results.md).")
    var json = false

    func validate() throws {
        guard sym == nil || r1cs != nil else { throw ValidationError("--sym goes with --r1cs only.") }
    }

    func run() throws {
        let files = try OutputFiles(
            [proof, publicInputs], inputs: [zkey, witness, r1cs, sym, gnark.vkey],
            report: json ? "--json" : nil)
        if GnarkProving.takes(zkey, isAsked: gnark.vkey != nil) {
            try proveWithGnarksKey(files)
            return
        }
        // What is no key at all says so itself.
        if let option = gnark.given.first, GnarkProving.isZKey(zkey) {
            throw JobFailure(
                code: .badInput, message: "\(zkey): \(option) goes with proving keys of gnark's only")
        }
        if PlonkProving.takes(zkey) {
            try provePlonk(files)
            return
        }
        let engine = try options.makeEngine()
        Console.progress("loading \(zkey)")
        defer { Console.endProgress() }
        let clock = ContinuousClock()
        let (start, startedAt) = (clock.now, ResultDocument.milliseconds())
        let key = try engine.loadKey(path: zkey)
        let loadTime = (clock.now - start).inSeconds
        OpenKey.warn(key.openSecret, of: zkey)
        if explain {
            Console.endProgress()
            Console.error(try engine.explanation(of: key))
        }
        let circuit = r1cs.map { CircuitFiles(r1cs: $0, symbols: sym) }
        let output = try engine.prove(key: key, witnessPath: witness, circuit: circuit) {
            Console.progress("proving: \($0.rawValue)")
        }
        var facts = output.facts
        let seconds = facts.timings?.total ?? 0
        facts.precede(
            by: [.init(phase: JobPhase.key.rawValue, seconds: loadTime)], total: loadTime + seconds)
        facts.threads = engine.threads
        try publish(output, facts, seconds: seconds, startedAt: startedAt, files)
    }

    /// Writes proof and public inputs, and says what was done.
    private func publish(
        _ output: ProofOutput, _ facts: ProofFacts, seconds: Double, startedAt: Int64, _ files: OutputFiles
    ) throws {
        try files.write([output.proofJSON, output.publicJSON])
        Console.endProgress()
        if json {
            var result = ResultDocument(facts)
            result.files = .init(proof: proof, public: publicInputs)
            result.startedAt = startedAt
            try Console.printJSON(result)
        } else if Console.showsProgress {
            let backend = facts.backend ?? ""
            Console.error(
                "proved and verified in \(String(format: "%.3f", seconds)) s on \(backend): \(proof), \(publicInputs)"
            )
        }
    }

    private func provePlonk(_ files: OutputFiles) throws {
        func refusal(_ what: String) -> JobFailure {
            JobFailure(code: .badInput, message: "\(zkey): \(what)")
        }
        guard options.devices.backend != .opencl else {
            throw refusal("plonk proofs are made on the CPU, not with --backend opencl")
        }
        let others = [("--r1cs", r1cs != nil), ("--explain", explain)]
        if let option = (others.filter(\.1).map(\.0) + options.devices.given).first {
            throw refusal("\(option) does not go with keys of plonk")
        }
        let backend = options.devices.backend
        let engine = try ProvingEngine(
            backend: backend == .auto ? .cpu : backend, threads: options.threads.count)
        Console.progress("loading \(zkey)")
        defer { Console.endProgress() }
        let startedAt = ResultDocument.milliseconds()
        let output = try PlonkProving.prove(zkey: zkey, witness: witness, threads: engine.threads) {
            Console.progress("proving: \($0.rawValue)")
        }
        var facts = output.facts
        facts.threads = engine.threads
        try publish(output, facts, seconds: facts.timings?.total ?? 0, startedAt: startedAt, files)
    }

    private func proveWithGnarksKey(_ files: OutputFiles) throws {
        func refusal(_ what: String) -> JobFailure {
            JobFailure(code: .badInput, message: "\(zkey): \(what)")
        }
        guard let vkey = gnark.vkey, let r1cs else {
            throw refusal("a proving key of gnark's needs its --vkey and its --r1cs")
        }
        guard options.devices.backend != .opencl else {
            throw refusal("proofs with gnark's keys are made on the CPU, not with --backend opencl")
        }
        let others = [("--sym", sym != nil), ("--explain", explain), ("--json", json)]
        if let option = (others.filter(\.1).map(\.0) + options.devices.given).first {
            throw refusal("\(option) does not go with proving keys of gnark's")
        }
        let backend = options.devices.backend
        let engine = try ProvingEngine(
            backend: backend == .auto ? .cpu : backend, threads: options.threads.count)
        Console.progress("proving")
        defer { Console.endProgress() }
        let inputs = GnarkProving.Inputs(
            provingKey: zkey, verifyingKey: vkey, constraints: r1cs, wires: witness)
        let output = try GnarkProving.prove(
            inputs, hash: gnark.commitments.hash, form: gnark.proofFormat, threads: engine.threads)
        try files.write([output.proof, output.publicInputs])
    }
}
