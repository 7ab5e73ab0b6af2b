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

    @OptionGroup var keys: FederationKeyCheck

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
            let federation = try Federation(directory, allowsOpenKeys: keys.openKeys.allowsOpenKeys)
            settlement = federation.plan.task.settlement
            AttestedNotice.print(federation.plan, directory)
            let checked = try keys.check(federation)
            let links = try federation.verifyHistory(keys: checked, parallel: .allCores, using: &generator) {
                Console.progress("round \($0.round) holds")
            }
            let last = links[links.count - 1].state.hash.decimal
            if let state, state != last {
                let place = links.lastIndex { $0.state.hash.decimal == state }
                let found = place.map { ", which is that after round \($0)" } ?? ""
                throw FederationError(
                    .invalid, file: directory,
                    "the history leads to state \(last), not to \(state.prefix(100))\(found)")
            }
            Console.endProgress()
            let report = Report(
                valid: true, rounds: links.count - 1, updates: links.reduce(0) { $0 + $1.accepted },
                state: last, settlement: settlement?.rawValue, keysChecked: checked != nil)
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
}
