import ArgumentParser
import ProvingService

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verifies Groth16 proofs.",
        discussion: """
            Several proofs of one circuit are verified as a batch: repeat --public and --proof in the same order. Exit \
            code 0 when all are valid, 1 when one is not, 2 when a file cannot be read as what it should be.
            """)

    @Option(help: ArgumentHelp("The verification key.", valueName: "file"))
    var vkey: String

    @Option(
        name: .customLong("public"), parsing: .singleValue,
        help: ArgumentHelp("Public inputs, one file a proof.", valueName: "file"))
    var publicInputs: [String]

    @Option(parsing: .singleValue, help: ArgumentHelp("A proof.", valueName: "file"))
    var proof: [String]

    @Option(help: ArgumentHelp("Threads; 0 uses all processors.", valueName: "n"))
    var threads = 0

    @Flag(help: "Print the verdicts as JSON.")
    var json = false

    struct Report: Encodable {
        var valid: Bool
        var proofs: [ProofVerification.Finding]
    }

    func validate() throws {
        guard proof.count == publicInputs.count else {
            throw ValidationError(
                "\(proof.count) --proof and \(publicInputs.count) --public: each proof needs one of each.")
        }
        guard !proof.isEmpty else { throw ValidationError("--proof and --public are missing.") }
    }

    func run() throws {
        let engine = try ProvingEngine(backend: .cpu, threads: threads)
        let findings = try ProofVerification.verify(
            vkey: vkey, proofs: Array(zip(proof, publicInputs)), threads: engine.threads)
        let valid = findings.allSatisfy(\.valid)
        if json {
            try Console.printJSON(Report(valid: valid, proofs: findings))
        } else {
            Console.printTable(findings.map { [$0.valid ? "valid" : "INVALID", $0.proof, $0.reason ?? ""] })
        }
        if !valid { throw Exit.invalid }
    }
}
