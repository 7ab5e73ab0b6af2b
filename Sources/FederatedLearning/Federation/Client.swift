// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Failures
import FiniteFields
import Foundation

/// A client's own directory: identity and data.
package struct Client: Sendable {
    package let directory: String
    package let name: String
    package let identity: Identity
    /// What the registry has of it.
    package let leaf: Scalar
    /// The client's place in the registry, which is where its leaf is.
    package let index: Int
    package let dataset: Dataset

    /// Where a client's registration is written.
    package static func registrationPath(_ directory: String) -> String { directory + "/registration.json" }

    /// Reads the directory, and checks that it is the registered client's.
    ///
    /// - Throws: what is wrong with the files, also where the registry has another client at the place.
    package init(_ directory: String, _ federation: Federation) throws(FederationError) {
        let plan = federation.plan
        try Federation.requireDirectory(directory, of: "a client", having: "identity.json")
        let identityPath = directory + "/identity.json"
        let (file, identity) = try IdentityFile.open(identityPath)
        guard file.task.value == plan.taskID else {
            throw FederationError(
                .badInput, file: identityPath,
                "it was made for another task than \(federation.directory)/task.json")
        }
        let dataPath = directory + "/dataset.json"
        let data = try DatasetFile.read(dataPath)
        let count = 1 << plan.task.datasetDepth
        guard data.batches.count == count, file.salts.count == count else {
            throw FederationError(
                .badInput, file: dataPath,
                "batches: \(data.batches.count), salts: \(file.salts.count), where the task has \(count) of each"
            )
        }
        var batches: [Batch] = []
        for (index, samples) in data.batches.enumerated() {
            guard samples.features.count == plan.task.batchSize * plan.features else {
                throw FederationError(
                    .badInput, file: dataPath, "batches[\(index)]: not the task's number of features")
            }
            let batch = Batch(
                features: Matrix(
                    rows: plan.task.batchSize, columns: plan.features, elements: samples.features),
                labels: samples.labels)
            if let fault = batch.fault(plan) {
                throw FederationError(.badInput, file: dataPath, "batches[\(index)]: \(fault)")
            }
            batches.append(batch)
        }
        self.directory = directory
        name = file.name
        self.identity = identity
        dataset = Dataset(plan, batches: batches, salts: file.salts.map(\.value))
        let leaf = registryLeaf(commitment: identity.commitment, datasetRoot: dataset.tree.root)
        guard let index = try federation.registry().clients.firstIndex(where: { $0.leaf == leaf }) else {
            throw FederationError(
                .badInput, file: directory,
                "the registry does not have this client with these data: the operator registers it from \(Self.registrationPath(directory))"
            )
        }
        self.leaf = leaf
        self.index = index
    }

    /// What the client proves in the round after the last settled one, and the update without its proof. It
    /// is for `answer` to say whether this client gives it.
    ///
    /// - Parameter start: the state that the round starts from, its model and how many clients its registry
    ///   has; nil for what the last settled round's files say.
    package func train(
        _ federation: Federation, from start: (state: ChainState, model: Model, registered: Int)? = nil
    ) throws(FederationError) -> (witness: ClientWitness, update: UpdateFile) {
        let plan = federation.plan
        var start = start
        if start == nil { start = try federation.state(try federation.lastWholeRound) }
        guard let (state, model, registered) = start else { preconditionFailure("set above") }
        guard index < registered else {
            throw FederationError(
                .badInput, file: directory,
                "registered too late for round \(state.round + 1), which is for the first \(Count.text(registered, "client")) of the registry: the next round's is as of the end of this one"
            )
        }
        let registry = try federation.registry()
        try federation.requireRegistry(
            of: state, registered, in: registry, path: federation.statePath(state.round))
        let tree = registry.tree(plan, count: registered)
        let task = plan.taskID
        let nullifier = identity.nullifier(task: task, round: state.round)
        let place = Dataset.batchIndex(plan, identity, task: task, round: state.round)
        let witness = ClientWitness(
            model: model, batch: dataset.batches[place], salt: dataset.salts[place],
            datasetPath: dataset.tree.path(place),
            identity: identity, registryIndex: index, registryPath: tree.path(index), state: state.hash,
            round: state.round, task: task)
        let trace = TrainingTrace(plan, model: model, batch: witness.batch)
        guard plan.normBound.admits(trace.update.layers) else {
            throw FederationError(
                .invalid, file: directory,
                "the update of batch \(place) is larger than the task's norm bound: it cannot be proved")
        }
        let update = UpdateFile(
            task: task, round: state.round + 1, state: state.hash, nullifier: nullifier,
            entries: trace.update.flattened, proof: "")
        return (witness, update)
    }
}
