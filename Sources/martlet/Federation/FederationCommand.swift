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
            FederationTrain.self, FederationRound.self, FederationVerify.self, FederationProofs.self,
            FederationLog.self,
        ])
}

extension JobFailure {
    init(_ error: FederationError) {
        let code: Code =
            switch error.kind {
            case .badInput: .badInput
            case .infrastructure: .infrastructure
            case .invalid: .invalidProof
            case .openKey: .badInput
            }
        let hint = error.kind == .openKey ? " (--allow-uncontributed takes it all the same)" : ""
        self.init(code: code, retryable: false, message: error.description + hint)
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
