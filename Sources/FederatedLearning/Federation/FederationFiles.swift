// SPDX-License-Identifier: Apache-2.0

package import Circuits
import SnarkFormats

/// A registered client, as published.
package struct RegisteredClient: Codable, Hashable, Sendable {
    /// What the operator knows the client by; has no meaning for proofs.
    package var name: String
    package var commitment: Element
    package var datasetRoot: Element

    package init(name: String, commitment: Scalar, datasetRoot: Scalar) {
        self.name = name
        self.commitment = Element(commitment)
        self.datasetRoot = Element(datasetRoot)
    }

    var leaf: Scalar { registryLeaf(commitment: commitment.value, datasetRoot: datasetRoot.value) }
}

/// `registry.json`: the clients in the order of their registration, which is that of the tree's leaves. It
/// only grows.
package struct RegistryFile: Codable, Hashable, Sendable {
    package static let currentFormat = "martlet-fl-registry/1"

    package var format = Self.currentFormat
    package var clients: [RegisteredClient] = []

    package init() {}

    /// The tree of the first `count` clients.
    package func tree(_ plan: Plan, count: Int) -> MerkleTree {
        MerkleTree(depth: plan.task.registryDepth, leaves: clients.prefix(count).map(\.leaf))
    }
}

/// `state.json` of a round, or of the beginning: a link of the chain with the model that it commits to.
package struct StateFile: Codable, Hashable, Sendable {
    package static let currentFormat = "martlet-fl-state/1"

    package var format = Self.currentFormat
    package var previous: Element
    package var model: Element
    package var batch: Element
    package var round: Int
    package var task: Element
    /// The root of the registry whose clients the next round takes updates of.
    package var registry: Element
    /// The hash of the six above.
    package var hash: Element
    /// How many of the registered clients that root is over.
    package var registered: Int
    /// The weights, layer after layer, row after row, biases last in each layer.
    package var weights: [Int]

    package init(_ state: ChainState, registered: Int, weights: [Int]) {
        previous = Element(state.previous)
        model = Element(state.model)
        batch = Element(state.batch)
        round = state.round
        task = Element(state.task)
        registry = Element(state.registry)
        hash = Element(state.hash)
        self.registered = registered
        self.weights = weights
    }

    package var state: ChainState {
        ChainState(
            previous: previous.value, model: model.value, batch: batch.value, round: round, task: task.value,
            registry: registry.value)
    }
}

/// A client's update with its proof, as it goes to the sequencer and as it is published.
package struct UpdateFile: Codable, Hashable, Sendable {
    package static let currentFormat = "martlet-fl-update/1"

    package var format = Self.currentFormat
    package var task: Element
    package var round: Int
    /// The state that the client started from.
    package var state: Element
    package var nullifier: Element
    /// The update, layer after layer, row after row.
    package var entries: [Int]
    /// The proof, as the text of proof.json.
    package var proof: String

    package init(
        task: Scalar, round: Int, state: Scalar, nullifier: Scalar, entries: [Int], proof: String
    ) {
        self.task = Element(task)
        self.round = round
        self.state = Element(state)
        self.nullifier = Element(nullifier)
        self.entries = entries
        self.proof = proof
    }
}

extension UpdateFile {
    /// Writes the update to a file.
    package func write(to path: String) throws(FederationError) { try JSONFile.write(self, to: path) }

    /// Reads what a client may have written.
    ///
    /// - Returns: the update, or why it is none that can be taken.
    /// - Throws: where there is no update to judge: nothing that can be read, or a file of another kind.
    static func read(
        handedIn path: String
    ) throws(FederationError) -> Result<UpdateFile, FederationError> {
        let file = try JSONFile.open(path, from: .argument)
        do throws(FederationError) {
            return .success(try read(file))
        } catch {
            guard error.kind == .badInput else { throw error }
            if FederationFileKind.update.isPossible(file) { return .failure(error) }
            throw FederationError.otherKind(file, wanted: .update)
                ?? FederationError(
                    .badInput, file: file.name, "holds no update of a federation: \(error.reason)")
        }
    }
}

/// `round.json`: what a round took and what it refused.
package struct RoundFile: Codable, Hashable, Sendable {
    package static let currentFormat = "martlet-fl-round/2"

    /// How many updates were not taken for one reason. Nothing tells whose they were.
    package struct Refusal: Codable, Hashable, Sendable {
        package var reason: Reason
        package var updates: Int
    }

    /// Why an update is not taken.
    package enum Reason: String, Codable, CaseIterable, Sendable {
        case unreadable
        case otherTask = "other-task"
        case otherRound = "other-round"
        case otherState = "other-state"
        case entries
        case noProof = "no-proof"
        case invalidProof = "invalid-proof"
        case secondUpdate = "second-update"
        case roundFull = "round-full"
    }

    /// Reasons with their numbers, in one order.
    static func refusals(_ reasons: [Reason]) -> [Refusal] {
        Reason.allCases.compactMap { reason in
            let count = reasons.count { $0 == reason }
            return count == 0 ? nil : Refusal(reason: reason, updates: count)
        }
    }

    /// An update that was taken.
    package struct Taken: Codable, Hashable, Sendable {
        /// The hash of the update.
        package var update: Element
        package var nullifier: Element
    }

    package var format = Self.currentFormat
    package var round: Int
    /// The updates that were taken, in the order of their nullifiers' keys. In the attested form they are
    /// published, as `updates/0.json` and so on.
    package var accepted: [Taken]
    package var refused: [Refusal]
    package var oldState: Element
    package var newState: Element
    package var batch: Element
    /// The round's proof, as the text of proof.json.
    package var proof: String

    package init(
        round: Int, accepted: [Taken], refused: [Refusal], oldState: Scalar, newState: Scalar, batch: Scalar,
        proof: String
    ) {
        self.round = round
        self.accepted = accepted
        self.refused = refused
        self.oldState = Element(oldState)
        self.newState = Element(newState)
        self.batch = Element(batch)
        self.proof = proof
    }
}

/// `identity.json` of a client: secret. Never published.
package struct IdentityFile: Codable, Hashable, Sendable {
    package static let currentFormat = "martlet-fl-identity/2"

    package var format = Self.currentFormat
    package var name: String
    package var secret: Element
    /// The task that the identity, and the integers of the data, were made for.
    package var task: Element
    /// The salts of the batches.
    package var salts: [Element]

    package init(name: String, identity: Identity, task: Scalar, salts: [Scalar]) {
        self.name = name
        secret = Element(identity.secret)
        self.task = Element(task)
        self.salts = salts.map { Element($0) }
    }
}

/// `dataset.json` of a client: its batches in integers. Secret. Never published.
package struct DatasetFile: Codable, Hashable, Sendable {
    package static let currentFormat = "martlet-fl-dataset/1"

    package struct Samples: Codable, Hashable, Sendable {
        /// Sample after sample.
        package var features: [Int]
        package var labels: [Int]
    }

    package var format = Self.currentFormat
    package var batches: [Samples]

    package init(_ batches: [Batch]) {
        self.batches = batches.map { Samples(features: $0.features.elements, labels: $0.labels) }
    }
}

extension RegistryFile: FormattedFile {}
extension StateFile: FormattedFile {}
extension UpdateFile: FormattedFile {}
extension RoundFile: FormattedFile {}
extension IdentityFile: FormattedFile {}
extension DatasetFile: FormattedFile {}
extension TaskDescription: FormattedFile {}
