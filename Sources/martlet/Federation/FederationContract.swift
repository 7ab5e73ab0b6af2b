// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Curves
import Digests
import Failures
import FederatedLearning
import FiniteFields
import Foundation
import Foundations
import Groth16
import SnarkFormats
import TrustedSetup
import VerifierContracts

struct FederationContract: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract",
        abstract: "Writes the contract that a federation's rounds are settled by.",
        discussion: """
            Its kind and its key are those of the task's settlement. The header says what the constructor is given: the \
            first state and registry, which `martlet fl start` fixes, an operator, who alone may submit rounds (the zero \
            address: anybody), and a registrar. With --ptau the keys are checked as `martlet fl verify` does.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: "The contract's language.")
    var lang = ContractLanguage.vyper

    @Option(
        help: ArgumentHelp("Where the contract goes (default: standard output).", valueName: "file"),
        completion: .file())
    var output: String?

    @OptionGroup var keys: FederationKeyCheck

    @Flag(help: "Print JSON: what the constructor is given. Goes with --output.")
    var json = false

    struct Report: Encodable {
        struct Constructor: Encodable {
            var genesis: String
            var firstRegistry: String
        }
        var contract: String
        var kind: String
        var language: String
        var settlement: String
        /// Of the verification key, as `martlet export vkey` writes it.
        var keySHA256: String
        /// The keys were checked against circuits and powers of tau.
        var keysChecked: Bool
        /// A key is one for development; nil where the proving keys are not all there, so that it cannot be
        /// told.
        var insecure: Bool?
        /// The values that the federation gives; operator and registrar are the deployer's.
        var constructor: Constructor
    }

    func validate() throws {
        guard !json || output != nil else { throw ValidationError("--json goes with --output.") }
    }

    func run() throws {
        defer { Console.endProgress() }
        try FederationOutput.require([output], outside: directory)
        let files = try OutputFiles(
            output.map { [$0] } ?? [],
            inputs: ["task.json", "registry.json", "states/0.json"].map { "\(directory)/\($0)" } + [
                keys.ptau
            ],
            report: json ? "--json" : nil)
        let federation = try Federation(directory, allowsOpenKeys: keys.openKeys.allowsOpenKeys)
        let plan = federation.plan
        AttestedNotice.print(plan, directory)
        guard try federation.isStarted else {
            throw JobFailure(
                code: .badInput,
                message:
                    "\(directory): the first state changes with each client that is registered, and the contract's constructor is given it: martlet fl start fixes it"
            )
        }
        let first = try federation.firstState()
        let key: Groth16VerifyingKey<BN254>
        let checked = try keys.check(federation)
        if let checked {
            guard let own = checked[plan.settling] else { preconditionFailure("a circuit without a key") }
            key = own
        } else {
            key = try federation.verifyingKey(plan.settling)
        }
        let developments = try plan.circuits.map { try FederationKeys.isDevelopment(federation, $0) }
        let isInsecure = developments.contains(true) ? true : developments.contains(nil) ? nil : false
        let digest = SHA256Digest.hex(of: Data(key.json.utf8))
        let isAttested = plan.task.settlement == .attested
        let origin = ContractOrigin(
            generator: "martlet \(MartletVersion.current)", keyDigest: digest,
            notes: notes(plan, first, isInsecure: isInsecure))
        let contract = try JobFailure.naming(federation.verifyingKeyPath(plan.settling)) {
            () throws(ContractError) in
            try VerifierContract(
                key, kind: isAttested ? .attestedRound : .round, language: lang, origin: origin)
        }
        Console.endProgress()
        if isInsecure == true { InsecureNotice.print("\(directory)/*.zkey", .keys) }
        guard let output else { return print(contract.text, terminator: "") }
        try files.write([Data(contract.text.utf8)])
        let report = Report(
            contract: output, kind: isAttested ? "attested-round" : "round", language: lang.rawValue,
            settlement: plan.task.settlement.rawValue, keySHA256: digest, keysChecked: checked != nil,
            insecure: isInsecure,
            constructor: .init(genesis: first.hash.decimal, firstRegistry: first.registry.decimal))
        if json { return try Console.printJSON(report) }
        files.say(
            """
            \(OutputFiles.name(output)): \(report.kind) of \(directory); its constructor takes
              genesis         \(report.constructor.genesis)
              first_registry  \(report.constructor.firstRegistry)
              operator        who alone may submit rounds\(isAttested ? "" : "; the zero address: anybody")
              registrar       who alone changes the registry of clients
            """)
    }

    /// What the header says of the federation: numbers only, no names that somebody has chosen.
    private func notes(_ plan: Plan, _ first: ChainState, isInsecure: Bool?) -> [String] {
        let checked =
            keys.ptau == nil
            ? "The keys were taken as they are in the federation's directory; nobody checked them."
            : "The keys were checked against the task's circuits and powers of tau."
        return [
            "Of the federation of the task \(plan.taskID.decimal), settlement \(plan.task.settlement.rawValue).",
            "The constructor is given genesis", first.hash.decimal, "first_registry", first.registry.decimal,
            "and the operator's and the registrar's address.", checked,
        ]
            + (isInsecure == true
                ? ["WARNING: KEYS FOR DEVELOPMENT: whoever made them can forge rounds."]
                : isInsecure == nil
                    ? ["Whether they are for development cannot be told: not all proving keys are there."]
                    : [])
    }
}
