import ArgumentParser
import Foundation
import ProvingService

struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Makes a Groth16 proof of a witness and verifies it.",
        discussion: """
            The proof is written only after it has been verified. A witness that does not satisfy the circuit ends with \
            exit code 2; with --r1cs the first violated constraint is named. - is standard input for the witness and standard \
            output for one of the results.
            """)

    @Option(help: ArgumentHelp("The proving key.", valueName: "file"))
    var zkey: String

    @Option(help: ArgumentHelp("The witness (.wtns).", valueName: "file"))
    var witness: String

    @Option(help: ArgumentHelp("Where the proof goes.", valueName: "file"))
    var proof = "proof.json"

    @Option(name: .customLong("public"), help: ArgumentHelp("Where the public inputs go.", valueName: "file"))
    var publicInputs = "public.json"

    @Option(help: ArgumentHelp("The circuit: checks the witness before it is proved.", valueName: "file"))
    var r1cs: String?

    @OptionGroup var options: BackendOptions

    @Flag(help: "Tell on standard error how the proof will be computed.")
    var explain = false

    @Flag(help: "Print what was done, with timings, as JSON.")
    var json = false

    struct Report: Encodable {
        var backend: String
        var curve: String
        var threads: Int
        var loadSeconds: Double
        var phases: [String: Double]
        var seconds: Double
        var cpuSeconds: Double
        var proof: String
        var `public`: String
    }

    func run() throws {
        let files = try OutputFiles(
            [proof, publicInputs], inputs: [zkey, witness, r1cs], report: json ? "--json" : nil)
        let engine = try options.makeEngine()
        Console.progress("loading \(zkey)")
        defer { Console.endProgress() }
        let clock = ContinuousClock()
        let start = clock.now
        let key = try engine.loadKey(path: zkey)
        let loadTime = (clock.now - start) / .seconds(1)
        if explain {
            Console.endProgress()
            Console.error(try engine.explanation(of: key))
        }
        let output = try engine.prove(key: key, witnessPath: witness, r1csPath: r1cs) {
            Console.progress("proving: \($0)")
        }
        try files.write([output.proofJSON, output.publicJSON])
        Console.endProgress()
        if json {
            try Console.printJSON(
                Report(
                    backend: output.backend, curve: key.curve.rawValue, threads: engine.threads,
                    loadSeconds: loadTime,
                    phases: Dictionary(output.timings.map { ($0.phase, $0.seconds) }, uniquingKeysWith: +),
                    seconds: output.wallSeconds, cpuSeconds: output.cpuSeconds, proof: proof,
                    public: publicInputs))
        } else if Console.showsProgress {
            let seconds = String(format: "%.3f", output.wallSeconds)
            Console.error(
                "proved and verified in \(seconds) s on \(output.backend): \(proof), \(publicInputs)")
        }
    }
}
