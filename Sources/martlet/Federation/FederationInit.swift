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
            martlet fl init <dir> --task <file> (--keys <dir> (--ptau <file> [--allow-uncontributed] | --insecure-dev) | \
            --insecure-dev) [--weights <file>] [--json]
            """,
        discussion: """
            The directory holds everything that is published. The keys come from ceremonies (--keys, a directory with \
            client.zkey and so on, for the circuits that `martlet fl circuits` writes) and are verified against --ptau, or \
            from this process with --insecure-dev. With --insecure-dev, of given keys only their sizes and matrices are \
            compared with the circuits: for tests.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("The task's description.", valueName: "file"), completion: .file())
    var task: String

    @Option(
        help: ArgumentHelp(
            "The directory with the keys of the task's circuits: client.zkey, round.zkey and what else `martlet fl circuits` names.",
            valueName: "dir"), completion: .directory)
    var keys: String?

    @Option(
        help: ArgumentHelp(
            "The powers of tau that the keys were made from: they are verified against them.",
            valueName: "file"), completion: .file())
    var ptau: String?

    @Flag(
        help:
            "For development only: makes keys, or takes given ones that fit the circuits, otherwise unverified; whoever made them can forge proofs."
    )
    var insecureDev = false

    @OptionGroup var openKeys: OpenKeyOption

    @Option(
        help: ArgumentHelp(
            "The weights that all begins with, as an archive of NumPy (npz) or ONNX of the task's layers (default: random hidden layers, zeros without).",
            valueName: "file"), completion: .file())
    var weights: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard keys != nil || (insecureDev && ptau == nil) else {
            throw ValidationError("Give either --keys and --ptau, or --insecure-dev.")
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
        var settlement: String
        /// The constraints of each circuit.
        var circuits: [String: Int]
        var state: String
        var insecure: Bool
        /// Of the weights that were given: by how much one was rounded at most.
        var largestRounding: Double?
    }

    func run() throws {
        defer { Console.endProgress() }
        let plan = try Federation.plan(of: task)
        guard !FileManager.default.fileExists(atPath: directory + "/task.json") else {
            throw JobFailure(code: .badInput, message: "\(directory): there is a federation already")
        }
        try OutputFile.requireNoFile(inTheWayOf: directory)
        let given = try weights.map { (path) throws(FederationError) in try ModelFile.read(path, plan) }
        let folder = try NewDirectory(directory)
        do { try found(plan, given) } catch {
            folder.remove(
                FederationCircuit.allCases.flatMap { ["\($0.rawValue).zkey", "\($0.rawValue).vkey.json"] }
                    + ["registry.json", "states", "rounds", "task.json"])
            throw error
        }
    }

    /// Fills the directory.
    ///
    /// - Parameter given: the weights to begin with, where there are any.
    private func found(_ plan: Plan, _ given: (model: Model, rounding: Model.Rounding)?) throws {
        var openKeys = openKeys
        openKeys.allowsOpenKeys = openKeys.allowsOpenKeys || insecureDev
        let maker = FederationKeys(plan: plan, task: task)
        var report = Report(
            directory: directory, task: plan.task.name, taskID: plan.taskID.decimal,
            weights: plan.weightCount, settlement: plan.task.settlement.rawValue, circuits: [:], state: "",
            insecure: insecureDev)
        try maker.visit { circuit, builder in
            report.circuits[circuit.rawValue] = builder.constraintCount
            let target = "\(directory)/\(circuit.rawValue).zkey"
            let key: FederationKeys.Key
            if let keys {
                let file = try MappedFile(path: "\(keys)/\(circuit.rawValue).zkey")
                key = try maker.check(file, circuit, builder, ptau: ptau, openKeys)
                // What was verified, whatever stands under that name by now.
                try OutputFile.write([(target, file.withBytes { $0.withUnsafeBytes { Data($0) } })])
            } else {
                key = try maker.make(circuit, builder, to: target)
            }
            report.insecure = report.insecure || key.isDevelopment
            try OutputFile.write([
                ("\(directory)/\(circuit.rawValue).vkey.json", Data(key.verifyingKey.json.utf8))
            ])
            return key.verifyingKey
        }
        var generator = SystemRandomNumberGenerator()
        let federation = try Federation.create(
            directory, plan: plan, model: given?.model ?? .initial(plan, using: &generator))
        report.largestRounding = given?.rounding.largest
        report.state = try federation.state(0).state.hash.decimal
        Console.endProgress()
        if report.insecure { InsecureNotice.print("\(directory)/*.zkey", .keys) }
        AttestedNotice.print(plan, directory)
        if json { return try Console.printJSON(report) }
        let sizes = plan.circuits.map { "\($0.rawValue) \(report.circuits[$0.rawValue] ?? 0)" }
        print(
            "\(directory): \(ForeignText.plain(report.task)), \(Count.text(report.weights, "weight")); constraints: \(sizes.joined(separator: ", "))"
        )
        guard let weights, let rounding = given?.rounding else { return }
        print(
            rounding.place.map { "\(weights): rounded by \(rounding.largest) at most (\($0))" }
                ?? "\(weights): no weight is rounded")
    }
}

/// What commands say on standard error of a federation whose rounds prove nothing of clients' proofs.
enum AttestedNotice {
    static func print(_ plan: Plan, _ directory: String) {
        guard plan.task.settlement == .attested else { return }
        Console.endProgress()
        Console.error(
            """
            ***********************************************************************
            **  ATTESTED: \(directory)
            **  The rounds' proofs do not verify the clients' proofs: that they were
            **  verified is the operator's word. For tests ("settlement" in task.json).
            ***********************************************************************
            """)
    }
}
