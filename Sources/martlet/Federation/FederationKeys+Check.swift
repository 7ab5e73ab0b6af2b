// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Curves
import Failures
import FederatedLearning
import Foundation
import Groth16
import SnarkFormats
import TrustedSetup

/// How a command that anybody may call checks the keys of a federation.
struct FederationKeyCheck: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The powers of tau that the keys were made from: rebuilds the task's circuits, and checks each key against its circuit and these.",
            valueName: "file"), completion: .file())
    var ptau: String?

    @OptionGroup var openKeys: OpenKeyOption

    /// The verification keys that were checked; `nil` where no powers of tau are given.
    func check(
        _ federation: Federation
    ) throws -> [FederationCircuit: Groth16VerifyingKey<BN254>]? {
        try ptau.map { try FederationKeys.check(federation, ptau: $0, openKeys) }
    }
}

extension FederationKeys {
    /// Demands that the keys of the directory are those of the task's circuits, and its verification keys
    /// theirs.
    ///
    /// - Returns: these.
    fileprivate static func check(
        _ federation: Federation, ptau: String, _ openKeys: OpenKeyOption
    ) throws -> [FederationCircuit: Groth16VerifyingKey<BN254>] {
        var checked: [FederationCircuit: Groth16VerifyingKey<BN254>] = [:]
        let keys = FederationKeys(plan: federation.plan, task: "\(federation.directory)/task.json")
        try keys.visit { circuit, builder in
            let path = federation.keyPath(circuit)
            let key = try finding(path) {
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

    /// Whether a key of the directory was made by one process, for development; `nil` where there is none,
    /// and where it has no history to tell.
    ///
    /// - Throws: for a key whose verification key is not the one beside it.
    static func isDevelopment(_ federation: Federation, _ circuit: FederationCircuit) throws -> Bool? {
        let path = federation.keyPath(circuit)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try ZKeyFile(MappedFile(path: path))
        let own = try Groth16Files.verifyingKey(of: file)
        guard own as? Groth16VerifyingKey<BN254> == (try federation.verifyingKey(circuit)) else {
            throw FederationError(
                .invalid, file: federation.verifyingKeyPath(circuit),
                "it is not the verification key of \(path)")
        }
        if file.header.proofSystem == .committedGroth16 {
            return try CommittedZKey.transcript(of: file, BN254.self).isDevelopment
        }
        guard file.contributionCount != nil else { return nil }
        return Groth16Setup<BN254>.isDevelopment(try Groth16ZKey.transcript(of: file, BN254.self))
    }
}
