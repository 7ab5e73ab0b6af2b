// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import Foundation
import Groth16
import SnarkFormats

/// The published files of a federation, in one directory:
///
///     task.json                       what all agree on
///     client.vkey.json round.vkey.json the verification keys
///     client.zkey round.zkey          the proving keys
///     registry.json                   who is registered
///     states/0.json                   the model that all begins with
///     rounds/1/round.json             what round 1 took and refused, and its proof
///     rounds/1/updates/0.json …       the updates that it took, with their proofs
///     rounds/1/state.json             the model after it
///
/// Everything that anyone needs to check the history is here, and nothing secret; `invitations.json` is the
/// operator's own (see `invite`).
package struct Federation: Sendable {
    package let directory: String
    package let plan: Plan
    /// Takes keys under which anybody can forge proofs (see `OpenSecret`): for tests only.
    package let allowsOpenKeys: Bool

    /// Opens a directory that has a task.
    ///
    /// - Parameter allowsOpenKeys: takes keys that nobody contributed to.
    /// - Throws: what is wrong with `task.json`.
    package init(_ directory: String, allowsOpenKeys: Bool = false) throws(FederationError) {
        self.directory = directory
        self.allowsOpenKeys = allowsOpenKeys
        try Self.requireDirectory(directory, of: "a federation", having: "task.json")
        plan = try Self.plan(of: directory + "/task.json", from: .federation)
    }

    init(_ directory: String, plan: Plan) {
        self.directory = directory
        self.plan = plan
        allowsOpenKeys = false
    }

    /// Demands a directory with the file that makes it what it has to be.
    static func requireDirectory(
        _ path: String, of whom: String, having mark: String
    ) throws(FederationError) {
        func has(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(file)") }
        var isDirectory: ObjCBool = false
        guard !has(mark), FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return
        }
        let found =
            !isDirectory.boolValue
            ? "it is no directory"
            : has("task.json")
                ? "it is a federation's directory"
                : has("identity.json") ? "it is a client's directory" : "there is no \(mark) in it"
        throw FederationError(.badInput, file: path, "\(found), and the directory of \(whom) is wanted")
    }

    /// Reads a task's description and checks that it can be done.
    ///
    /// - Parameter source: whether a person named the file, or it is a federation's own.
    package static func plan(
        of path: String, from source: JSONFile.Source = .argument
    ) throws(FederationError) -> Plan {
        let task = try TaskDescription.read(path, from: source)
        do throws(TaskError) {
            return try Plan(task)
        } catch {
            throw FederationError(.badInput, file: path, error.message)
        }
    }

    /// Begins a federation: writes task, empty registry and first state. The keys are the caller's to add.
    ///
    /// - Throws: where there is a task already, or the directory cannot be written.
    package static func create(
        _ directory: String, plan: Plan, model: Model
    ) throws(FederationError) -> Federation {
        guard !FileManager.default.fileExists(atPath: directory + "/task.json") else {
            throw FederationError(.badInput, file: directory, "there is a federation already")
        }
        let federation = Federation(directory, plan: plan)
        try JSONFile.make(directory: directory + "/states")
        try JSONFile.make(directory: directory + "/rounds")
        try JSONFile.write(RegistryFile(), to: federation.registryPath)
        let state = ChainState.genesis(model: model.hash(plan), task: plan.taskID)
        try JSONFile.write(StateFile(state, weights: model.flattened), to: directory + "/states/0.json")
        // Last: with it the federation is there.
        try JSONFile.write(plan.task, to: directory + "/task.json")
        return federation
    }

    package var clientKeyPath: String { directory + "/client.zkey" }
    package var roundKeyPath: String { directory + "/round.zkey" }
    package var clientVerifyingKeyPath: String { directory + "/client.vkey.json" }
    package var roundVerifyingKeyPath: String { directory + "/round.vkey.json" }
    package var registryPath: String { directory + "/registry.json" }
    package func roundDirectory(_ round: Int) -> String { "\(directory)/rounds/\(round)" }
    package func statePath(_ round: Int) -> String {
        round == 0 ? directory + "/states/0.json" : roundDirectory(round) + "/state.json"
    }

    /// The registry, each client once.
    package func registry() throws(FederationError) -> RegistryFile {
        let registry = try RegistryFile.read(registryPath)
        guard registry.clients.count <= 1 << plan.task.registryDepth else {
            throw FederationError(.invalid, file: registryPath, "more clients than the registry has room for")
        }
        return registry
    }

    /// The state after a round and its model, whose hashes are checked.
    package func state(_ round: Int) throws(FederationError) -> (state: ChainState, model: Model) {
        let path = statePath(round)
        let file = try StateFile.read(path)
        func require(_ holds: Bool, _ reason: String) throws(FederationError) {
            guard holds else { throw FederationError(.invalid, file: path, reason) }
        }
        try require(file.round == round, "it is the state of round \(file.round), not \(round)")
        try require(file.round >= 0 && file.task.value == plan.taskID, "it belongs to another task")
        guard let model = Model(flattened: file.weights, plan) else {
            throw FederationError(
                .invalid, file: path, "weights: not the task's number, or one is out of range")
        }
        try require(
            model.hash(plan) == file.model.value, "the weights are not those that its hash commits to")
        try require(file.state.hash == file.hash.value, "hash: not that of the fields")
        return (file.state, model)
    }

    /// Reads a verification key on BN254 for so many public inputs.
    ///
    /// - Throws: `.openKey` for a key under which anybody can forge, unless the federation takes such keys.
    func verifier(_ path: String, publicCount: Int) throws(FederationError) -> Verifier<BN254> {
        let verifier = try Self.readVerifier(path, publicCount: publicCount)
        if let secret = verifier.key.openSecret, !allowsOpenKeys {
            throw FederationError(.openKey, file: path, "\(secret)")
        }
        return verifier
    }

    private static func readVerifier(
        _ path: String, publicCount: Int
    ) throws(FederationError) -> Verifier<BN254> {
        do throws(FormatError) {
            let key = try Groth16JSON.verifyingKey(MappedFile(path: path))
            guard let file = key as? VerifyingKeyFile<BN254>, key.publicCount == publicCount else {
                throw FormatError(
                    .countMismatch(what: "public inputs", expected: publicCount, found: key.publicCount),
                    file: path)
            }
            return Verifier(file.key)
        } catch {
            throw FederationError(error)
        }
    }

    /// Parses a proof's text.
    ///
    /// - Returns: `nil` for what is no proof on BN254.
    static func proof(_ text: String) -> Proof<BN254>? {
        try? Groth16JSON.proof(MappedFile(copying: Array(text.utf8), name: "proof"), of: BN254.self)
    }
}
