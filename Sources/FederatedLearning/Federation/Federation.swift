// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import Failures
import Foundation
import SnarkFormats

/// The published files of a federation, in one directory:
///
///     task.json                       what all agree on
///     client.zkey round.zkey …        the proving keys of the task's circuits (`Plan.circuits`)
///     client.vkey.json …              their verification keys
///     registry.json                   who is registered
///     states/0.json                   the model that all begins with
///     rounds/1/round.json             what round 1 took and refused, and its proof
///     rounds/1/updates/0.json …       in the attested form, the updates that it took, with their proofs
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

    /// The federation's directory that a path is in, or is.
    static func holding(_ path: String) -> String? {
        var folder = URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath()
        while true {
            let marks = ["task.json", "registry.json"].map { folder.appending(path: $0).path }
            if marks.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) { return folder.path }
            let parent = folder.deletingLastPathComponent()
            guard parent.path != folder.path, folder.pathComponents.count > 1 else { return nil }
            folder = parent
        }
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
        let state = ChainState.genesis(
            model: model.hash(plan), task: plan.taskID, registry: RegistryFile().tree(plan, count: 0).root)
        try JSONFile.write(
            StateFile(state, registered: 0, weights: model.flattened), to: directory + "/states/0.json")
        // Last: with it the federation is there.
        try JSONFile.write(plan.task, to: directory + "/task.json")
        return federation
    }

    package func keyPath(_ circuit: FederationCircuit) -> String { "\(directory)/\(circuit.rawValue).zkey" }
    package func verifyingKeyPath(_ circuit: FederationCircuit) -> String {
        "\(directory)/\(circuit.rawValue).vkey.json"
    }
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

    /// Demands that a state's registry is that of the first `count` clients.
    ///
    /// - Throws: `.invalid`, by the state's file.
    func requireRegistry(
        of state: ChainState, _ count: Int, in registry: RegistryFile, path: String
    ) throws(FederationError) {
        guard count <= registry.clients.count else {
            throw FederationError(.invalid, file: path, "registered: the registry has no such past")
        }
        guard state.registry == registry.tree(plan, count: count).root else {
            throw FederationError(
                .invalid, file: path,
                "registry: not the root over the first \(Count.text(count, "client"))")
        }
    }

    /// The first state, whose registry is checked.
    package func firstState() throws(FederationError) -> ChainState {
        let (state, _, registered) = try state(0)
        guard state == .genesis(model: state.model, task: plan.taskID, registry: state.registry) else {
            throw FederationError(
                .invalid, file: statePath(0), "it is not a first state: previous and batch must be 0")
        }
        try requireRegistry(of: state, registered, in: try registry(), path: statePath(0))
        return state
    }

    /// The state that the next round starts from, with how many clients its registry has, which is checked.
    package func openState() throws(FederationError) -> (state: ChainState, registered: Int) {
        let last = try lastWholeRound
        let (state, _, registered) = try state(last)
        try requireRegistry(of: state, registered, in: try registry(), path: statePath(last))
        return (state, registered)
    }

    /// The state after a round, its model, and how many clients its registry has; the hashes are checked.
    package func state(
        _ round: Int
    ) throws(FederationError) -> (state: ChainState, model: Model, registered: Int) {
        let path = statePath(round)
        let file = try StateFile.read(published: path)
        guard file.round == round else {
            throw FederationError(
                .invalid, file: path, "it is the state of round \(file.round), not \(round)")
        }
        return try file.checked(plan, path: path)
    }
}

extension StateFile {
    /// The state, its model, and how many clients its registry has; the hashes are checked.
    ///
    /// - Throws: `.invalid`, by the path.
    func checked(
        _ plan: Plan, path: String
    ) throws(FederationError) -> (state: ChainState, model: Model, registered: Int) {
        func require(_ holds: Bool, _ reason: String) throws(FederationError) {
            guard holds else { throw FederationError(.invalid, file: path, reason) }
        }
        try require(round >= 0 && task.value == plan.taskID, "it belongs to another task")
        try require(
            (0...(1 << plan.task.registryDepth)).contains(registered),
            "registered: \(registered) is no number of clients that the registry has room for")
        guard let network = Model(flattened: weights, plan) else {
            throw FederationError(
                .invalid, file: path, "weights: not the task's number, or one is out of range")
        }
        try require(
            network.hash(plan) == model.value, "the weights are not those that its hash commits to")
        try require(state.hash == hash.value, "hash: not that of the fields")
        return (state, network, registered)
    }
}
