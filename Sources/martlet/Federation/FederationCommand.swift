import ArgumentParser
import Circuits
import Compute
import Curves
import FederatedLearning
import Foundation
import Groth16
import ProvingService
import SnarkFormats
import TrustedSetup

struct FederationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fl", abstract: "Verifiable federated learning: every update comes with a proof.",
        subcommands: [
            FederationInit.self, FederationCircuits.self, FederationInvite.self, FederationEnroll.self,
            FederationTrain.self, FederationRound.self, FederationVerify.self, FederationLog.self,
        ])
}

extension JobFailure {
    init(_ error: FederationError) {
        let code: Code =
            switch error.kind {
            case .badInput: .badInput
            case .infrastructure: .infrastructure
            case .invalid: .invalidProof
            }
        self.init(code: code, retryable: false, message: error.description)
    }
}

/// Runs `body` and turns what a federation says into a failure of the command.
func mappingFederationErrors<T>(_ body: () throws(FederationError) -> T) throws(JobFailure) -> T {
    do {
        return try body()
    } catch {
        throw JobFailure(error)
    }
}

/// Makes proofs of a federation's circuits: here, or by the workers of a queue.
struct FederationProver: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Has the proof made by the workers of a queue, spool:DIR, http(s)://HOST:PORT or unix:PATH (default: here).",
            valueName: "queue"))
    var queue: QueueLocation?

    @OptionGroup var client: ClientArguments
    @OptionGroup var options: BackendOptions

    /// The text of proof.json; the witness' file is gone when this returns.
    func prove(_ values: CircuitBuilder, zkey: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-fl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "witness.wtns").path
        do throws(FormatError) {
            try WitnessFile.write(values.witness(), of: BN254.self, to: path)
        } catch {
            throw JobFailure(code: .infrastructure, message: error.description)
        }
        values.wipe()
        if let queue { return try await QueuedProof.make(zkey: zkey, witness: path, on: queue, client) }
        Console.progress("loading \(zkey)")
        defer { Console.endProgress() }
        let engine = try options.makeEngine()
        let key = try engine.loadKey(path: zkey)
        let output = try engine.prove(key: key, witnessPath: path) { Console.progress("proving: \($0)") }
        return String(decoding: output.proofJSON, as: UTF8.self)
    }
}

struct FederationInit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Begins a federation in a directory.",
        discussion: """
            The directory holds everything that is published. The keys come from ceremonies (--client-zkey and \
            --round-zkey, for the circuits that `martlet fl circuits` writes), or from this process with --insecure-dev.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("The task's description.", valueName: "file"))
    var task: String

    @Option(help: ArgumentHelp("The key of the clients' circuit.", valueName: "file"))
    var clientZkey: String?

    @Option(help: ArgumentHelp("The key of the rounds' circuit.", valueName: "file"))
    var roundZkey: String?

    @Flag(help: "Makes keys for development only: their maker could forge proofs.")
    var insecureDev = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (clientZkey == nil) == (roundZkey == nil) else {
            throw ValidationError("--client-zkey and --round-zkey go together.")
        }
        guard (clientZkey == nil) == insecureDev else {
            throw ValidationError(
                "Either --client-zkey and --round-zkey or --insecure-dev is needed, and not both.")
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
        let plan = try mappingFederationErrors { () throws(FederationError) in try Federation.plan(of: task) }
        guard !FileManager.default.fileExists(atPath: directory + "/task.json") else {
            throw JobFailure(code: .badInput, message: "\(directory): there is a federation already")
        }
        try OutputFile.make(directory: directory)
        Console.progress("circuits")
        let circuits = [
            ("client", ClientCircuit(plan).constraints(), clientZkey),
            ("round", RoundCircuit(plan).constraints(), roundZkey),
        ]
        for (name, circuit, given) in circuits {
            let setup = try mappingSetupErrors(task) { () throws(SetupError) in
                try Groth16Setup<BN254>(circuit.constraintSystem(), parallel: .allCores)
            }
            let target = "\(directory)/\(name).zkey"
            if let given {
                let key = try mappingFormatErrors { () throws(FormatError) in
                    try AnyGroth16ZKey.load(MappedFile(path: given), threads: Parallel.availableCores)
                }
                guard case .bn254(let key) = key else {
                    throw JobFailure(code: .badInput, message: "\(given): it is for another curve than BN254")
                }
                try mappingSetupErrors(given) { () throws(SetupError) in try setup.verifyMatrices(of: key) }
                try OutputFile.write([(target, try Data(contentsOf: URL(filePath: given)))])
            } else {
                var generator = SystemRandomNumberGenerator()
                let made = setup.development(using: &generator) { Console.progress("\(name) setup: \($0)") }
                try SetupFiles.write(made.key, made.transcript, to: target)
            }
            let key = try ProvingEngine(backend: .cpu).loadKey(path: target)
            try OutputFile.write([("\(directory)/\(name).vkey.json", key.verificationKeyJSON)])
        }
        var generator = SystemRandomNumberGenerator()
        let federation = try mappingFederationErrors { () throws(FederationError) in
            try Federation.create(directory, plan: plan, model: .initial(plan, using: &generator))
        }
        let (state, _) = try mappingFederationErrors { () throws(FederationError) in try federation.state(0) }
        Console.endProgress()
        if insecureDev { InsecureNotice.print("\(directory)/client.zkey, \(directory)/round.zkey") }
        let report = Report(
            directory: directory, task: plan.task.name, taskID: plan.taskID.decimal,
            weights: plan.weightCount,
            clientConstraints: circuits[0].1.constraintCount, roundConstraints: circuits[1].1.constraintCount,
            state: state.hash.decimal, insecure: insecureDev)
        if json { return try Console.printJSON(report) }
        print(
            "\(directory): \(report.task), \(report.weights) weights; client proofs of \(report.clientConstraints) constraints, round proofs of \(report.roundConstraints)"
        )
    }
}

struct FederationCircuits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "circuits",
        abstract: "Writes the circuits of a task as r1cs, and shows what they consist of.")

    @Option(help: ArgumentHelp("The task's description.", valueName: "file"))
    var task: String

    @Option(help: ArgumentHelp("Where client.r1cs and round.r1cs go (default: nowhere).", valueName: "dir"))
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
        let plan = try mappingFederationErrors { () throws(FederationError) in try Federation.plan(of: task) }
        if let output { try OutputFile.make(directory: output) }
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
            do throws(FormatError) {
                try R1CSFile.write(system, of: BN254.self, to: "\(output)/\(name).r1cs")
            } catch {
                throw JobFailure(code: .infrastructure, message: error.description)
            }
        }
        Console.endProgress()
        if json { return try Console.printJSON(report) }
        for circuit in report.circuits {
            Console.printTable(
                [["\(circuit.circuit) (\(circuit.wires) wires)", "\(circuit.constraints)"]]
                    + circuit.parts.map { ["  \($0.part)", "\($0.constraints)"] })
        }
    }
}

struct FederationInvite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Makes an invitation and prints its code; from then on nobody registers without one.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"))
    var directory: String

    @Option(help: "Whom the invitation is for.")
    var name: String

    func run() throws {
        var generator = SystemRandomNumberGenerator()
        print(
            try mappingFederationErrors { () throws(FederationError) in
                try Federation(directory).invite(name: name, using: &generator)
            })
    }
}

struct FederationEnroll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Registers a client: commits to its data, and draws its secret identity.",
        discussion: """
            The data are lines of numbers, features and then the label, separated by commas. They stay, with the secret, \
            in the client's own directory; the registry gets two hashes.
            """)

    @Argument(help: ArgumentHelp("The client's own directory.", valueName: "dir"))
    var client: String

    @Option(help: ArgumentHelp("The federation's directory.", valueName: "dir"))
    var federation: String

    @Option(help: ArgumentHelp("The client's samples.", valueName: "file"))
    var data: String

    @Option(help: "What the operator knows the client by (default: the last part of the directory).")
    var name: String?

    @Option(help: "The code of the invitation.")
    var invitation: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var client: String
        var name: String
        var index: Int
    }

    func run() throws {
        var generator = SystemRandomNumberGenerator()
        let name = self.name ?? (client as NSString).lastPathComponent
        let index = try mappingFederationErrors { () throws(FederationError) in
            try Federation(federation).enroll(
                client: client, name: name, data: data, invitation: invitation, using: &generator)
        }
        if json { return try Console.printJSON(Report(client: client, name: name, index: index)) }
        print("\(name): registered, number \(index)")
    }
}

struct FederationTrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Computes a client's update for the open round, and proves it.")

    @Argument(help: ArgumentHelp("The client's own directory.", valueName: "dir"))
    var client: String

    @Option(help: ArgumentHelp("The federation's directory.", valueName: "dir"))
    var federation: String

    @Option(help: ArgumentHelp("Where the update with its proof goes.", valueName: "file"))
    var output: String

    @OptionGroup var prover: FederationProver

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var client: String
        var round: Int
        var update: String
        var trainSeconds: Double
        var witnessSeconds: Double
        var proveSeconds: Double
    }

    func run() async throws {
        let clock = ContinuousClock()
        func seconds(since start: ContinuousClock.Instant) -> Double { (clock.now - start) / .seconds(1) }
        var start = clock.now
        let (published, prepared) = try mappingFederationErrors { () throws(FederationError) in
            let published = try Federation(federation)
            return (published, try Client(client, published).train(published))
        }
        var update = prepared.update
        let trainSeconds = seconds(since: start)
        start = clock.now
        let values = ClientCircuit(published.plan).witness(prepared.witness).values
        let witnessSeconds = seconds(since: start)
        start = clock.now
        update.proof = try await prover.prove(values, zkey: published.clientKeyPath)
        let proveSeconds = seconds(since: start)
        try mappingFederationErrors { () throws(FederationError) in try update.write(to: output) }
        if json {
            try Console.printJSON(
                Report(
                    client: client, round: update.round, update: output, trainSeconds: trainSeconds,
                    witnessSeconds: witnessSeconds, proveSeconds: proveSeconds))
        } else {
            print("\(output): round \(update.round), proved in \(String(format: "%.2f", proveSeconds)) s")
        }
    }
}

struct FederationRound: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "round",
        abstract: "Verifies updates, aggregates those that hold, proves the round and publishes it.",
        discussion:
            "Exit code 1 when no update was taken. An update that is refused is no error: the report has the reason."
    )

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"))
    var directory: String

    @Argument(help: ArgumentHelp("The clients' updates.", valueName: "update"))
    var updates: [String]

    @OptionGroup var prover: FederationProver

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var round: Int
        var accepted: Int
        var refused: [RoundFile.Refusal]
        var oldState: String?
        var newState: String?
        var batch: String?
        var verifySeconds: Double
        var proveSeconds: Double
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var generator = SystemRandomNumberGenerator()
        let parallel = Parallel.allCores
        let (federation, opened) = try mappingFederationErrors { () throws(FederationError) in
            let federation = try Federation(directory)
            return (
                federation, try federation.openRound(updates: updates, parallel: parallel, using: &generator)
            )
        }
        let verifySeconds = (clock.now - start) / .seconds(1)
        var report = Report(
            round: federation.lastRound + 1, accepted: opened.round?.acceptedCount ?? 0,
            refused: opened.refused,
            verifySeconds: verifySeconds, proveSeconds: 0)
        guard let round = opened.round else {
            try show(report)
            Console.error("martlet: no update was taken, so there is no round \(report.round)")
            throw Exit.invalid
        }
        let proving = clock.now
        let values = RoundCircuit(federation.plan).witness(round.witness)
        let proof = try await prover.prove(values, zkey: federation.roundKeyPath)
        report.proveSeconds = (clock.now - proving) / .seconds(1)
        try mappingFederationErrors { () throws(FederationError) in
            try federation.settle(round, proof: proof, parallel: parallel)
        }
        report.oldState = round.witness.state.hash.decimal
        report.newState = round.next.state.hash.decimal
        report.batch = round.next.state.batch.decimal
        try show(report)
    }

    private func show(_ report: Report) throws {
        if json { return try Console.printJSON(report) }
        for refusal in report.refused {
            print("refused \(SpoolTable.plain(refusal.update)): \(SpoolTable.plain(refusal.reason))")
        }
        if let state = report.newState {
            print(
                "round \(report.round): \(report.accepted) updates taken, \(report.refused.count) refused, state \(state)"
            )
        }
    }
}

struct FederationVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Rechecks a federation's whole published history, and names the first broken link.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"))
    var directory: String

    @Option(
        help: ArgumentHelp(
            "The state that the last round must have led to, such as the one that the contract on L1 holds.",
            valueName: "decimal"))
    var state: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var valid: Bool
        var rounds: Int
        var updates: Int
        var state: String?
        /// The first broken link.
        var file: String?
        var reason: String?
    }

    func run() throws {
        defer { Console.endProgress() }
        var generator = SystemRandomNumberGenerator()
        do throws(FederationError) {
            let links = try Federation(directory).verifyHistory(parallel: .allCores, using: &generator) {
                Console.progress("round \($0.round) holds")
            }
            let last = links[links.count - 1].state.hash.decimal
            if let state, state != last {
                throw FederationError(
                    .invalid, file: directory,
                    "the history leads to state \(last), not to \(state.prefix(100))")
            }
            Console.endProgress()
            let report = Report(
                valid: true, rounds: links.count - 1, updates: links.reduce(0) { $0 + $1.accepted },
                state: last)
            if json {
                try? Console.printJSON(report)
            } else {
                print(
                    "\(directory): \(report.rounds) rounds with \(report.updates) updates hold; state \(last)"
                )
            }
        } catch {
            Console.endProgress()
            guard json, error.kind == .invalid else { throw JobFailure(error) }
            try Console.printJSON(
                Report(valid: false, rounds: 0, updates: 0, file: error.file, reason: error.reason))
            throw Exit.invalid
        }
    }
}

struct FederationLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Lists the rounds: updates taken and refused, state, accuracy on given data.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("Samples to measure each model's accuracy with.", valueName: "file"))
    var data: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Entry: Encodable {
        var round: Int
        var accepted: Int
        var refused: [RoundFile.Refusal]
        var state: String
        var accuracy: Double?
    }

    func run() throws {
        let entries = try mappingFederationErrors { () throws(FederationError) in
            let federation = try Federation(directory)
            let samples = try data.map { (path) throws(FederationError) in
                try DataFile(path: path, federation.plan)
            }
            return try federation.links().map { link in
                Entry(
                    round: link.round, accepted: link.accepted, refused: link.refused,
                    state: link.state.hash.decimal,
                    accuracy: samples.flatMap { $0.accuracy(federation.plan, of: link.model) })
            }
        }
        if json { return try Console.printJSON(entries) }
        Console.printTable(
            [["round", "accepted", "refused", "accuracy", "state"]]
                + entries.map {
                    [
                        "\($0.round)", "\($0.accepted)", "\($0.refused.count)",
                        $0.accuracy.map { String(format: "%.4f", $0) } ?? "-",
                        String($0.state.prefix(20)) + "…",
                    ]
                })
    }
}
