// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import Curves
import Failures
import FederatedLearning
import FiniteFields
import ProvingEngine
import SnarkFormats

struct FederationVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Rechecks a federation's whole published history, and names the first broken link.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(
        help: ArgumentHelp(
            "The state that the last round must have led to, such as the one in the contract on L1.",
            valueName: "decimal"))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "The powers of tau that the keys were made from: rebuilds the task's circuits, and checks each key against its circuit and these.",
            valueName: "file"), completion: .file())
    var ptau: String?

    @OptionGroup var openKeys: OpenKeyOption

    func validate() throws {
        guard state?.allSatisfy({ $0.isASCII && $0.isNumber }) ?? true, state != "" else {
            throw ValidationError("--state must be a decimal number.")
        }
    }

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var valid: Bool
        var rounds: Int
        var updates: Int
        var state: String?
        /// What the clients' proofs were verified by: `plain`, `commitment` or `attested`.
        var settlement: String?
        /// The keys were checked against circuits and powers of tau.
        var keysChecked: Bool
        /// The first broken link.
        var file: String?
        var reason: String?
    }

    func run() throws {
        defer { Console.endProgress() }
        var generator = SystemRandomNumberGenerator()
        var settlement: TaskDescription.Settlement?
        do {
            let federation = try Federation(directory, allowsOpenKeys: openKeys.allowsOpenKeys)
            settlement = federation.plan.task.settlement
            AttestedNotice.print(federation.plan, directory)
            let keys = try ptau.map { try check(federation, $0) }
            let links = try federation.verifyHistory(keys: keys, parallel: .allCores, using: &generator) {
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
                state: last, settlement: settlement?.rawValue, keysChecked: ptau != nil)
            if json {
                try? Console.printJSON(report)
            } else {
                print(
                    "\(directory): \(Count.text(report.rounds, "round")) with \(Count.text(report.updates, "update")) \(report.rounds == 1 ? "holds" : "hold"); state \(last)"
                )
            }
        } catch let error as FederationError {
            Console.endProgress()
            // A history under a key that anybody forges with proves nothing.
            guard error.kind == .invalid || error.kind == .openKey else { throw error }
            guard json else {
                throw JobFailure(
                    code: .invalidProof, retryable: false, message: JobFailure(advising: error).message)
            }
            try Console.printJSON(
                Report(
                    valid: false, rounds: 0, updates: 0, settlement: settlement?.rawValue, keysChecked: false,
                    file: error.file, reason: error.reason))
            throw Exit.invalid
        }
    }

    /// Demands that the keys of the directory are those of the task's circuits, and its verification keys
    /// theirs.
    ///
    /// - Returns: these.
    private func check(
        _ federation: Federation, _ ptau: String
    ) throws -> [FederationCircuit: Groth16VerifyingKey<BN254>] {
        var checked: [FederationCircuit: Groth16VerifyingKey<BN254>] = [:]
        let keys = FederationKeys(plan: federation.plan, task: "\(directory)/task.json")
        try keys.visit { circuit, builder in
            let path = federation.keyPath(circuit)
            let key = try Self.finding(path) {
                try keys.check(MappedFile(path: path), circuit, builder, ptau: ptau, openKeys)
            }
            guard try federation.verifyingKey(circuit) == key.verifyingKey else {
                throw FederationError(
                    .invalid, file: federation.verifyingKeyPath(circuit),
                    "it is not the verification key of \(path)")
            }
            checked[circuit] = key.verifyingKey
            return key.verifyingKey
        }
        return checked
    }

    /// Of a file that is published, what is wrong with it is a finding.
    private static func finding<R>(_ path: String, _ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as JobFailure {
            // What is wrong with the powers of tau is the caller's.
            let prefix = "\(path): "
            guard error.code == .badInput, error.message.hasPrefix(prefix) else { throw error }
            throw FederationError(.invalid, file: path, String(error.message.dropFirst(prefix.count)))
        } catch let error as FormatError {
            throw FederationError(error)
        }
    }
}
