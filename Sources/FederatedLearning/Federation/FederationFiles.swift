public import Circuits

/// A registered client, as published.
public struct RegisteredClient: Codable, Hashable, Sendable {
    /// What the operator knows the client by; has no meaning for proofs.
    public var name: String
    public var commitment: Element
    public var datasetRoot: Element

    public init(name: String, commitment: Scalar, datasetRoot: Scalar) {
        self.name = name
        self.commitment = Element(commitment)
        self.datasetRoot = Element(datasetRoot)
    }

    var leaf: Scalar { registryLeaf(commitment: commitment.value, datasetRoot: datasetRoot.value) }
}

/// `registry.json`: the clients in the order of their registration, which is that of the tree's leaves. It only grows.
public struct RegistryFile: Codable, Hashable, Sendable {
    public static let currentFormat = "martlet-fl-registry/1"

    public var format = Self.currentFormat
    public var clients: [RegisteredClient] = []

    public init() {}

    /// The roots over the first `least`, `least` + 1 … clients, up to all.
    ///
    /// - Precondition: there are as many clients as `least`.
    func roots(_ plan: Plan, least: Int) -> [(count: Int, root: Scalar)] {
        let roots = MerkleTree.roots(
            depth: plan.task.registryDepth, leaves: clients.map(\.leaf), least: least)
        return roots.enumerated().map { (least + $0, $1) }
    }

    /// The tree of the first `count` clients.
    public func tree(_ plan: Plan, count: Int) -> MerkleTree {
        MerkleTree(depth: plan.task.registryDepth, leaves: clients.prefix(count).map(\.leaf))
    }
}

/// `state.json` of a round, or of the beginning: a link of the chain with the model that it commits to.
public struct StateFile: Codable, Hashable, Sendable {
    public static let currentFormat = "martlet-fl-state/1"

    public var format = Self.currentFormat
    public var previous: Element
    public var model: Element
    public var batch: Element
    public var round: Int
    public var task: Element
    /// The hash of the five above.
    public var hash: Element
    /// The weights, layer after layer, row after row, biases last in each layer.
    public var weights: [Int]

    public init(_ state: ChainState, weights: [Int]) {
        previous = Element(state.previous)
        model = Element(state.model)
        batch = Element(state.batch)
        round = state.round
        task = Element(state.task)
        hash = Element(state.hash)
        self.weights = weights
    }

    public var state: ChainState {
        ChainState(
            previous: previous.value, model: model.value, batch: batch.value, round: round, task: task.value)
    }
}

/// A client's update with its proof, as it goes to the sequencer and as it is published.
public struct UpdateFile: Codable, Hashable, Sendable {
    public static let currentFormat = "martlet-fl-update/1"

    public var format = Self.currentFormat
    public var task: Element
    public var round: Int
    /// The state that the client started from.
    public var state: Element
    public var registryRoot: Element
    public var nullifier: Element
    /// The update, layer after layer, row after row.
    public var entries: [Int]
    /// The proof, as the text of snarkjs' proof.json.
    public var proof: String

    public init(
        task: Scalar, round: Int, state: Scalar, registryRoot: Scalar, nullifier: Scalar, entries: [Int],
        proof: String
    ) {
        self.task = Element(task)
        self.round = round
        self.state = Element(state)
        self.registryRoot = Element(registryRoot)
        self.nullifier = Element(nullifier)
        self.entries = entries
        self.proof = proof
    }
}

extension UpdateFile {
    /// Writes the update to a file.
    public func write(to path: String) throws(FederationError) { try JSONFile.write(self, to: path) }
}

/// `round.json`: what a round took and what it refused.
public struct RoundFile: Codable, Hashable, Sendable {
    public static let currentFormat = "martlet-fl-round/1"

    /// An update that was not taken.
    public struct Refusal: Codable, Hashable, Sendable {
        /// The file as it was handed in.
        public var update: String
        public var reason: String

        public init(update: String, reason: String) {
            self.update = update
            self.reason = reason
        }
    }

    public var format = Self.currentFormat
    public var round: Int
    /// How many clients were registered, and the root over them.
    public var registered: Int
    public var registryRoot: Element
    /// How many updates were taken; they are `updates/0.json` and so on.
    public var accepted: Int
    public var refused: [Refusal]
    public var oldState: Element
    public var newState: Element
    public var batch: Element
    /// The round's proof, as the text of snarkjs' proof.json.
    public var proof: String

    public init(
        round: Int, registered: Int, registryRoot: Scalar, accepted: Int, refused: [Refusal],
        oldState: Scalar,
        newState: Scalar, batch: Scalar, proof: String
    ) {
        self.round = round
        self.registered = registered
        self.registryRoot = Element(registryRoot)
        self.accepted = accepted
        self.refused = refused
        self.oldState = Element(oldState)
        self.newState = Element(newState)
        self.batch = Element(batch)
        self.proof = proof
    }
}

/// `identity.json` of a client: secret. Never published.
public struct IdentityFile: Codable, Hashable, Sendable {
    public static let currentFormat = "martlet-fl-identity/1"

    public var format = Self.currentFormat
    public var name: String
    public var secret: Element
    /// The client's place in the registry.
    public var index: Int
    /// The salts of the batches.
    public var salts: [Element]

    public init(name: String, identity: Identity, index: Int, salts: [Scalar]) {
        self.name = name
        secret = Element(identity.secret)
        self.index = index
        self.salts = salts.map { Element($0) }
    }
}

/// `dataset.json` of a client: its batches in integers. Secret. Never published.
public struct DatasetFile: Codable, Hashable, Sendable {
    public static let currentFormat = "martlet-fl-dataset/1"

    public struct Samples: Codable, Hashable, Sendable {
        /// Sample after sample.
        public var features: [Int]
        public var labels: [Int]
    }

    public var format = Self.currentFormat
    public var batches: [Samples]

    public init(_ batches: [Batch]) {
        self.batches = batches.map { Samples(features: $0.features.elements, labels: $0.labels) }
    }
}

/// A file with a `format` of its own.
protocol FormattedFile: Codable {
    static var currentFormat: String { get }
    var format: String { get }
}

extension RegistryFile: FormattedFile {}
extension StateFile: FormattedFile {}
extension UpdateFile: FormattedFile {}
extension RoundFile: FormattedFile {}
extension IdentityFile: FormattedFile {}
extension DatasetFile: FormattedFile {}

extension FormattedFile {
    /// - Throws: what is wrong with the file, its format among it.
    static func read(_ path: String) throws(FederationError) -> Self {
        let file = try JSONFile.read(Self.self, path)
        guard file.format == currentFormat else {
            throw FederationError(
                .badInput, file: path, "format: \"\(file.format)\" is not \"\(currentFormat)\"")
        }
        return file
    }
}
