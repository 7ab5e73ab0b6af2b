// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Curves
import Digests
import Failures
import Foundation
import Foundations
import Groth16
import ProvingEngine
import SnarkFormats
public import VerifierContracts

extension ExportCommand {
    struct VerifierText: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verifier",
            abstract: "Writes a smart contract that verifies the Groth16 proofs of a BN254 key.",
            usage: """
                martlet export verifier --lang <lang> (--zkey <file> | --vkey <file>) [--kind <kind>] [--maximum <n>] \
                [--output <file>] [--allow-uncontributed]
                """,
            discussion: """
                single: verify(a, b, c, input) for one proof. batch: verify_batch(items) for 1 to --maximum proofs. round: a \
                chain of states for keys with three public inputs (old state, new state, registry of the new state), whose \
                circuit verifies the clients' proofs. attested-round: the same for circuits that do not, where the chain \
                takes the operator's word for the clients' proofs; for tests. The contract in Vyper (0.4.3) is executed by this \
                project's tests, the one in Solidity (0.8.28) where there is a compiler.
                """)

        enum KindName: String, CaseIterable, ExpressibleByArgument {
            case single, batch, round
            case attestedRound = "attested-round"
        }

        @Option(help: "The contract's language.")
        var lang: ContractLanguage

        @Option(help: "What the contract checks.")
        var kind = KindName.single

        @Option(help: ArgumentHelp("The largest number of proofs in a batch (default: 64).", valueName: "n"))
        var maximum: Int?

        @Option(
            help: ArgumentHelp("The proving key; this or --vkey.", valueName: "file"), completion: .file())
        var zkey: String?

        @Option(help: ArgumentHelp("The verification key.", valueName: "file"), completion: .file())
        var vkey: String?

        @Option(
            help: ArgumentHelp("Where the contract goes (default: standard output).", valueName: "file"),
            completion: .file())
        var output: String?

        @OptionGroup var openKeys: OpenKeyOption

        func validate() throws {
            guard (zkey == nil) != (vkey == nil) else {
                throw ValidationError(
                    zkey == nil ? "One of --zkey and --vkey is needed." : "Give --zkey or --vkey, not both.")
            }
            guard maximum == nil || kind == .batch else {
                throw ValidationError("--maximum goes with --kind batch only.")
            }
            guard (1...ContractKind.batchLimit).contains(maximum ?? 1) else {
                throw ValidationError("--maximum must be from 1 to \(ContractKind.batchLimit).")
            }
        }

        func run() throws {
            let files = try OutputFiles(output.map { [$0] } ?? [], inputs: [zkey, vkey])
            let (key, secret) = try readKey()
            try openKeys.check(secret ?? key.openSecret, of: zkey ?? vkey ?? "")
            let origin = ContractOrigin(
                generator: "martlet \(MartletVersion.current)",
                keyDigest: SHA256Digest.hex(of: Data(key.json.utf8)),
                notes: kind == .round ? Self.notesOfRounds : [])
            let contract = try JobFailure.naming(zkey ?? vkey ?? "") { () throws(ContractError) in
                try VerifierContract(key, kind: contractKind, language: lang, origin: origin)
            }
            if output != nil {
                try files.write([Data(contract.text.utf8)])
            } else {
                print(contract.text, terminator: "")
            }
        }

        /// A key does not tell what its circuit says.
        private static let notesOfRounds = [
            "Nor could the program that wrote this: it was given a key, and that of an attested federation, whose",
            "rounds verify no client's proof, looks the same. `martlet fl contract` goes by the federation's task.",
        ]

        private var contractKind: ContractKind {
            switch kind {
            case .single: .single
            case .batch: .batch(maximum: maximum ?? 64)
            case .round: .round
            case .attestedRound: .attestedRound
            }
        }

        /// The key, and what its history gives away.
        private func readKey() throws -> (Groth16VerifyingKey<BN254>, OpenSecret?) {
            let file: MappedFile
            var secret: OpenSecret?
            if let zkey {
                let key = try ProvingEngine(backend: .cpu).loadKey(path: zkey)
                file = MappedFile(copying: key.verificationKeyJSON, name: zkey)
                secret = key.openSecret
            } else {
                file = try MappedFile(json: vkey ?? "")
            }
            // gnark's keys are for `export vkey` first.
            if GnarkLayout(file) != nil { _ = try Groth16JSON.verifyingKey(file) }
            let any = try Groth16Files.verifyingKey(file)
            if let key = any as? Groth16VerifyingKey<BN254> { return (key, secret) }
            func title<Key: Groth16VerifyingKeyOnCurve>(_: Key) -> String { Key.Suite.names.title }
            throw JobFailure(
                code: .badInput,
                message:
                    "\(file.name): the key is on \(title(any)); the precompiles of EIP-196 and EIP-197 are for BN254 only"
            )
        }
    }
}

extension ContractLanguage: ExpressibleByArgument {}

extension VerifierContract {
    /// The contract of a key of either kind.
    ///
    /// - Throws: as the other initialisers.
    init(
        _ key: Groth16VerifyingKey<BN254>, kind: ContractKind, language: ContractLanguage,
        origin: ContractOrigin
    ) throws(ContractError) {
        switch key {
        case .plain(let key): try self.init(key, kind: kind, language: language, origin: origin)
        case .committed(let key): try self.init(key, kind: kind, language: language, origin: origin)
        }
    }
}
