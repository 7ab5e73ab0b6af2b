// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import Failures
import FederatedLearning
import FiniteFields
import Foundation
import Groth16
import ProofFixtures
import Recursion
import SnarkFormats
import TrustedSetup

/// The keys of a federation's circuits: each circuit has the verification key of the one before in it, so
/// they are made, and checked, in that order.
struct FederationKeys {
    let plan: Plan
    /// What messages call the task.
    let task: String
    let parallel = Parallel.allCores

    /// A key on BN254 with what its file tells of it.
    struct Key {
        var verifyingKey: Groth16VerifyingKey<BN254>
        var isDevelopment: Bool
    }

    /// Calls `key` with each circuit and its constraints, to have the key that the next circuit verifies
    /// proofs of.
    func visit(
        named: Bool = false,
        _ key: (FederationCircuit, CircuitBuilder) throws -> Groth16VerifyingKey<BN254>
    ) throws {
        var before: Groth16VerifyingKey<BN254>?
        for circuit in plan.circuits {
            Console.progress("circuit: \(circuit.rawValue)")
            let constant =
                plan.task.settlement == .attested ? nil : before.map { ConstantVerifyingKey($0) }
            before = try key(circuit, plan.constraints(of: circuit, constant, parallel, names: named))
        }
    }

    /// What makes the challenges of a circuit's commitment; `nil` where it has none.
    func hash(of circuit: FederationCircuit) -> CommitmentHash? {
        guard plan.hasCommitment(circuit) else { return nil }
        return plan.isVerifiedInCircuit(circuit) ? .poseidon : .keccak256
    }

    /// A key of the circuit's kind that nobody proves with: all keys of a kind give circuits of one size.
    func standIn(for circuit: FederationCircuit) throws -> Groth16VerifyingKey<BN254> {
        var generator = SystemRandomNumberGenerator()
        let count = circuit.publicCount
        guard plan.hasCommitment(circuit) else {
            return .plain(SimulatedKey<BN254>(publicCount: count, using: &generator).verifyingKey)
        }
        return .committed(
            try SimulatedCommittedKey<BN254>(
                publicCount: count, hashed: [Array(1...count)], hash: .poseidon, using: &generator
            ).verifyingKey)
    }

    /// Makes a key for development.
    func make(_ circuit: FederationCircuit, _ builder: CircuitBuilder, to path: String) throws -> Key {
        let maker = Groth16KeyMaker(
            circuit: name(of: circuit), ptau: nil, zkey: path, hash: hash(of: circuit), parallel: parallel)
        _ = try maker.make(builder.constraintSystem(parallel), BN254.self)
        return Key(verifyingKey: try verifyingKey(path), isDevelopment: true)
    }

    private func name(of circuit: FederationCircuit) -> String {
        "\(task): the circuit '\(circuit.rawValue)'"
    }

    /// The verification key that a zkey of this task's has in it.
    ///
    /// - Throws: `.badInput` for what is none on BN254.
    func verifyingKey(_ path: String) throws -> Groth16VerifyingKey<BN254> {
        let file = try ZKeyFile(MappedFile(path: path))
        if file.header.proofSystem == .committedGroth16 {
            guard let key = try CommittedZKey.verifyingKey(of: file) as? Groth16VerifyingKey<BN254> else {
                throw otherCurve(file, path)
            }
            return key
        }
        guard let key = try Groth16ZKey.load(file, threads: parallel.threads) as? ProvingKey<BN254> else {
            throw otherCurve(file, path)
        }
        return .plain(key.verifyingKey)
    }

    private func otherCurve(_ file: ZKeyFile, _ path: String) -> FormatError {
        FormatError(
            .unsupportedCurve(found: file.header.curve.rawValue, wanted: BN254.id.rawValue), file: path)
    }

    /// Demands that a key is the circuit's and sound: all of it against the powers of tau, or, where none are
    /// given, that its matrices are the circuit's.
    ///
    /// - Throws: `.badInput` for the key of another circuit, one whose history does not hold, and one that
    ///   nobody contributed to, unless that is allowed.
    func check(
        _ mapped: MappedFile, _ circuit: FederationCircuit, _ builder: CircuitBuilder, ptau: String?,
        _ openKeys: OpenKeyOption
    ) throws -> Key {
        let path = mapped.name
        Console.progress("checking \(path)")
        let file = try ZKeyFile(mapped)
        let system = builder.constraintSystem(parallel)
        let key =
            file.header.proofSystem == .committedGroth16
            ? try checkCommitted(file, path, circuit, system, ptau: ptau, openKeys)
            : try checkPlain(file, path, circuit, system, ptau: ptau, openKeys)
        if let fault = plan.fault(of: key.verifyingKey, for: circuit) {
            throw JobFailure(code: .badInput, message: "\(path): \(fault)")
        }
        return key
    }

    private func checkPlain(
        _ file: ZKeyFile, _ path: String, _ circuit: FederationCircuit, _ system: R1CS<BN254.Fr>,
        ptau: String?, _ openKeys: OpenKeyOption
    ) throws -> Key {
        guard let key = try Groth16ZKey.load(file, threads: parallel.threads) as? ProvingKey<BN254> else {
            throw otherCurve(file, path)
        }
        guard system.commitments.isEmpty else {
            throw JobFailure(
                code: .badInput,
                message: "\(path): the key has no commitments, and \(name(of: circuit)) has one")
        }
        let setup = try naming(task) { try Groth16Setup<BN254>(system, parallel: parallel) }
        let transcript = try file.contributionCount.map { _ in
            try Groth16ZKey.transcript(of: file, BN254.self)
        }
        try check(path, openKeys, ptau: ptau, logDomainSize: setup.logDomainSize, key.verifyingKey.openSecret)
        {
            () throws(SetupError) in
            try setup.verifyMatrices(of: key)
        } points: { powers in
            guard let transcript else {
                throw JobFailure(
                    code: .badInput, message: "\(path): it has no section 10, so no history to verify")
            }
            var generator = SystemRandomNumberGenerator()
            try setup.verify(key, transcript, against: powers, using: &generator) {
                Console.progress("checking \(path): \($0)")
            }
        }
        return Key(
            verifyingKey: .plain(key.verifyingKey),
            isDevelopment: transcript.map { Groth16Setup<BN254>.isDevelopment($0) } ?? false)
    }

    private func checkCommitted(
        _ file: ZKeyFile, _ path: String, _ circuit: FederationCircuit, _ system: R1CS<BN254.Fr>,
        ptau: String?, _ openKeys: OpenKeyOption
    ) throws -> Key {
        let read = try CommittedZKey.load(file, threads: parallel.threads, indexed: false)
        guard let key = read as? CommittedKey<BN254> else { throw otherCurve(file, path) }
        let setup = try SetupFiles.committedSetup(system, of: BN254.self, name(of: circuit), parallel)
        try check(path, openKeys, ptau: ptau, logDomainSize: setup.logDomainSize, key.verifyingKey.openSecret)
        {
            () throws(SetupError) in
            try setup.verifyCircuit(of: key)
        } points: { powers in
            var generator = SystemRandomNumberGenerator()
            try setup.verify(key, against: powers, using: &generator) {
                Console.progress("checking \(path): \($0)")
            }
        }
        return Key(
            verifyingKey: .committed(key.verifyingKey), isDevelopment: key.transcript.isDevelopment)
    }

    /// The checks of both kinds of keys, and what their errors mean here.
    private func check(
        _ path: String, _ openKeys: OpenKeyOption, ptau: String?, logDomainSize: Int, _ secret: OpenSecret?,
        matrices: () throws(SetupError) -> Void, points: (PowersOfTau<BN254>) throws -> Void
    ) throws {
        do throws(SetupError) { try matrices() } catch {
            throw JobFailure(code: .badInput, message: "\(path): \(error.message)")
        }
        guard let ptau else { return try openKeys.check(secret, of: path) }
        var generator = SystemRandomNumberGenerator()
        let powers = try SetupFiles.powers(
            ptau, log: logDomainSize, of: BN254.self, parallel, using: &generator)
        do { try points(powers) } catch SetupError.nobodyContributed {
            try openKeys.check(secret ?? .onlyBeacons, of: path)
        } catch let error as SetupError {
            throw JobFailure(error, about: path)
        }
    }
}
