// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import Curves
import Failures
import FederatedLearning
import FiniteFields
import Foundation
import Groth16
import ProvingEngine
import SnarkFormats
import TrustedSetup

struct FederationInit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Begins a federation in a directory.",
        usage: """
            martlet fl init <dir> --task <file> (--client-zkey <file> --round-zkey <file> (--ptau <file> [--allow-uncontributed] | \
            --insecure-dev) | --insecure-dev) [--json]
            """,
        discussion: """
            The directory holds everything that is published. The keys come from ceremonies (--client-zkey and \
            --round-zkey, for the circuits that `martlet fl circuits` writes) and are verified against --ptau, or from this \
            process with --insecure-dev. With --insecure-dev, of given keys only their sizes and matrices are compared with \
            the circuits: for tests.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("The task's description.", valueName: "file"), completion: .file())
    var task: String

    @Option(help: ArgumentHelp("The key of the clients' circuit.", valueName: "file"), completion: .file())
    var clientZkey: String?

    @Option(help: ArgumentHelp("The key of the rounds' circuit.", valueName: "file"), completion: .file())
    var roundZkey: String?

    @Option(
        help: ArgumentHelp(
            "The powers of tau that both keys were made from: the keys are verified against them.",
            valueName: "file"), completion: .file())
    var ptau: String?

    @Flag(
        help:
            "For development only: makes keys, or takes given ones that fit the circuits, otherwise unverified; whoever made them can forge proofs."
    )
    var insecureDev = false

    @OptionGroup var openKeys: OpenKeyOption

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (clientZkey == nil) == (roundZkey == nil) else {
            throw ValidationError("--client-zkey and --round-zkey go together.")
        }
        guard clientZkey != nil || (insecureDev && ptau == nil) else {
            throw ValidationError(
                "Give either --client-zkey, --round-zkey and --ptau, or --insecure-dev.")
        }
        guard (ptau == nil) == insecureDev else {
            throw ValidationError(
                "Keys of a ceremony are verified against --ptau; --insecure-dev takes them unverified.")
        }
        guard !insecureDev || !openKeys.allowsOpenKeys else {
            throw ValidationError(
                "--allow-uncontributed goes with --ptau: --insecure-dev takes such keys anyway.")
        }
    }

    struct Report: Encodable {
        var directory: String
        var task: String
        var taskID: String
        var weights: Int
        var clientConstraints: Int
        var roundConstraints: Int
        var state: String
        var insecure: Bool
    }

    func run() throws {
        defer { Console.endProgress() }
        let plan = try Federation.plan(of: task)
        guard !FileManager.default.fileExists(atPath: directory + "/task.json") else {
            throw JobFailure(code: .badInput, message: "\(directory): there is a federation already")
        }
        try OutputFile.requireNoFile(inTheWayOf: directory)
        let folder = try NewDirectory(directory)
        do { try found(plan) } catch {
            folder.remove(
                ["client", "round"].flatMap { ["\($0).zkey", "\($0).vkey.json"] }
                    + ["registry.json", "states", "rounds", "task.json"])
            throw error
        }
    }

    /// Fills the directory.
    private func found(_ plan: Plan) throws {
        Console.progress("circuits")
        let circuits = [
            ("client", ClientCircuit(plan).constraints(), clientZkey),
            ("round", RoundCircuit(plan).constraints(), roundZkey),
        ]
        var isInsecure = insecureDev
        for (name, circuit, given) in circuits {
            let setup = try naming(task) {
                try Groth16Setup<BN254>(circuit.constraintSystem(), parallel: .allCores)
            }
            let target = "\(directory)/\(name).zkey"
            let key: VerifyingKey<BN254>
            if let given {
                let (ceremony, transcript, bytes) = try read(given)
                try verify(ceremony, transcript, of: given, for: setup)
                isInsecure =
                    isInsecure || transcript.map { Groth16Setup<BN254>.isDevelopment($0) } ?? false
                // What was verified, whatever stands in the file by now.
                try OutputFile.write([(target, bytes)])
                key = ceremony.verifyingKey
            } else {
                var generator = SystemRandomNumberGenerator()
                let made = setup.development(using: &generator) { Console.progress("\(name) setup: \($0)") }
                try SetupFiles.write(made.key, made.transcript, to: target)
                key = made.key.verifyingKey
            }
            try OutputFile.write([("\(directory)/\(name).vkey.json", Data(Groth16JSON.text(key).utf8))])
        }
        var generator = SystemRandomNumberGenerator()
        let federation = try Federation.create(
            directory, plan: plan, model: .initial(plan, using: &generator))
        let (state, _) = try federation.state(0)
        Console.endProgress()
        if isInsecure { InsecureNotice.print("\(directory)/client.zkey, \(directory)/round.zkey", .keys) }
        let report = Report(
            directory: directory, task: plan.task.name, taskID: plan.taskID.decimal,
            weights: plan.weightCount,
            clientConstraints: circuits[0].1.constraintCount, roundConstraints: circuits[1].1.constraintCount,
            state: state.hash.decimal, insecure: isInsecure)
        if json { return try Console.printJSON(report) }
        print(
            "\(directory): \(report.task), \(Count.text(report.weights, "weight")); client proofs of \(report.clientConstraints) constraints, round proofs of \(report.roundConstraints)"
        )
    }

    /// A key to found the federation on, with the history that its file tells.
    ///
    /// - Throws: where it is for another curve.
    private func read(
        _ path: String
    ) throws -> (key: ProvingKey<BN254>, transcript: SetupTranscript<BN254>?, bytes: Data) {
        let file = try ZKeyFile(MappedFile(path: path))
        let any = try Groth16ZKey.load(file, threads: Parallel.availableCores)
        guard let key = any as? ProvingKey<BN254> else {
            throw FormatError(
                .unsupportedCurve(found: file.header.curve.rawValue, wanted: BN254.id.rawValue),
                file: path)
        }
        let transcript =
            file.contributionCount == nil ? nil : try Groth16ZKey.transcript(of: file, BN254.self)
        return (key, transcript, file.file.withBytes { $0.withUnsafeBytes { Data($0) } })
    }

    /// Demands that a given key is the circuit's and sound: all of it against the powers of tau, or with
    /// --insecure-dev that its matrices are the circuit's.
    ///
    /// - Throws: `.badInput` for the key of another circuit.
    private func verify(
        _ key: ProvingKey<BN254>, _ transcript: SetupTranscript<BN254>?, of path: String,
        for setup: Groth16Setup<BN254>
    ) throws {
        var openKeys = openKeys
        openKeys.allowsOpenKeys = openKeys.allowsOpenKeys || insecureDev
        do throws(SetupError) { try setup.verifyMatrices(of: key) } catch {
            throw JobFailure(code: .badInput, message: "\(path): \(error.message)")
        }
        guard let ptau else {
            return try openKeys.check(key.verifyingKey.openSecret, of: path)
        }
        guard let transcript else {
            throw JobFailure(
                code: .badInput, message: "\(path): it has no section 10, so no history to verify")
        }
        var generator = SystemRandomNumberGenerator()
        let powers = try SetupFiles.powers(
            ptau, log: setup.logDomainSize, of: BN254.self, setup.parallel, using: &generator)
        do throws(SetupError) {
            try setup.verify(key, transcript, against: powers, using: &generator) {
                Console.progress("verifying \(path): \($0)")
            }
        } catch .nobodyContributed {
            return try openKeys.check(key.verifyingKey.openSecret ?? .onlyBeacons, of: path)
        } catch {
            throw JobFailure(error, about: path)
        }
    }
}
