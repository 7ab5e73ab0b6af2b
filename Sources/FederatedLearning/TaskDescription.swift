// SPDX-License-Identifier: Apache-2.0

import Circuits
import Foundation
import Foundations
import StrictJSON

/// What all parties of a federation agree on: the model, its arithmetic, the limits of an update, how updates
/// are aggregated. The file `task.json`.
///
/// A change of anything here makes another task with another identifier, and in most cases other circuits.
package struct TaskDescription: Codable, Hashable, Sendable {
    /// The layers of a network: fully connected, with biases, ReLU between them and the logistic function at
    /// the end.
    package struct Model: Codable, Hashable, Sendable {
        /// The number of features, of units of each hidden layer, of outputs. Two entries are a logistic
        /// regression, with one output a binary one, with several one against the rest.
        package var layers: [Int]

        package init(layers: [Int]) { self.layers = layers }
    }

    /// Fixed-point formats: an integer n with fraction f stands for n / 2^f.
    package struct Arithmetic: Codable, Hashable, Sendable {
        /// Signed features.
        package var featureBits: Int
        package var featureFraction: Int
        /// Signed weights.
        package var weightBits: Int
        package var weightFraction: Int
        /// Outputs of hidden layers.
        package var activationFraction: Int
        /// Outputs of the last layer, and errors that go back through the layers.
        package var probabilityFraction: Int
        /// log₂ of the steps of each of the sigmoid's eight pieces.
        package var sigmoidStepBits: Int

        package init(
            featureBits: Int, featureFraction: Int, weightBits: Int, weightFraction: Int,
            activationFraction: Int,
            probabilityFraction: Int, sigmoidStepBits: Int
        ) {
            self.featureBits = featureBits
            self.featureFraction = featureFraction
            self.weightBits = weightBits
            self.weightFraction = weightFraction
            self.activationFraction = activationFraction
            self.probabilityFraction = probabilityFraction
            self.sigmoidStepBits = sigmoidStepBits
        }
    }

    /// How the updates of a round become one.
    package enum Aggregator: Hashable, Sendable {
        /// The mean of all updates.
        case fedAvg
        /// The median, coordinate by coordinate; of an even number the mean of the two in the middle.
        case median
        /// The mean of what is left, coordinate by coordinate, without the `trim` smallest and the `trim`
        /// largest.
        case trimmedMean(trim: Int)
    }

    /// What a round's proof shows of its clients' proofs, and in which form it is settled.
    package enum Settlement: String, Codable, Hashable, Sendable {
        /// The round's proof verifies every client's, and a plain Groth16 proof verifies the round's.
        case plain
        /// The round's proof verifies every client's; it is one of a key with a commitment.
        case commitment
        /// **The round's proof verifies no client's**: that they were is the operator's word. For tests.
        case attested
    }

    /// Which `format` this version reads and writes.
    package static let currentFormat = "martlet-fl-task/1"

    package var format = Self.currentFormat
    package var name: String
    package var model: Model
    package var arithmetic: Arithmetic
    /// The samples of a batch; a client's update is the gradient of one batch.
    package var batchSize: Int
    /// log₂ of the batches that a client's dataset has.
    package var datasetDepth: Int
    /// log₂ of the clients that may be registered.
    package var registryDepth: Int
    /// The largest Euclidean norm of an update, in units of the loss' gradient over the batch's sum (see
    /// `NormBound`).
    package var normBound: Double
    /// The clients that a round has room for.
    package var clientsPerRound: Int
    /// The fewest clients of a round: with fewer there is no proof.
    package var minimumClients: Int
    package var learningRate: Double
    package var aggregator: Aggregator
    package var settlement: Settlement
    /// What makes rounds private; not there where updates are shown to the sequencer.
    package var privacy: Privacy?
    /// How tables become samples; a task without it takes samples as `DataFile` has them, and no others.
    package var data: TaskData?

    package init(
        name: String, model: Model, arithmetic: Arithmetic, batchSize: Int, datasetDepth: Int,
        registryDepth: Int,
        normBound: Double, clientsPerRound: Int, minimumClients: Int, learningRate: Double,
        aggregator: Aggregator, settlement: Settlement, privacy: Privacy? = nil, data: TaskData? = nil
    ) {
        self.name = name
        self.model = model
        self.arithmetic = arithmetic
        self.batchSize = batchSize
        self.datasetDepth = datasetDepth
        self.registryDepth = registryDepth
        self.normBound = normBound
        self.clientsPerRound = clientsPerRound
        self.minimumClients = minimumClients
        self.learningRate = learningRate
        self.aggregator = aggregator
        self.settlement = settlement
        self.privacy = privacy
        self.data = data
    }
}

extension TaskDescription {
    /// Checks each number for itself; `Plan` checks that they fit together.
    func checkFields() throws(TaskError) {
        func check(_ field: String, _ value: Int, _ range: ClosedRange<Int>) throws(TaskError) {
            guard range.contains(value) else {
                throw TaskError(
                    field: field,
                    reason: "\(value) is not between \(range.lowerBound) and \(range.upperBound)")
            }
        }
        guard format == Self.currentFormat else {
            throw TaskError(
                field: "format", reason: "\(quoted(format, limit: 60)) is not \"\(Self.currentFormat)\"")
        }
        guard !name.isEmpty, name.utf8.count <= 100 else {
            throw TaskError(field: "name", reason: "must have 1 to 100 bytes")
        }
        try check("model.layers (their number)", model.layers.count, 2...9)
        for (index, size) in model.layers.enumerated() {
            try check("model.layers[\(index)]", size, 1...65536)
        }
        let parameters = zip(model.layers, model.layers.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
        try check("model.layers (their weights)", parameters, 1...(1 << 24))
        try check("arithmetic.featureBits", arithmetic.featureBits, 2...24)
        try check("arithmetic.featureFraction", arithmetic.featureFraction, 0...(arithmetic.featureBits - 1))
        try check("arithmetic.weightBits", arithmetic.weightBits, 4...28)
        try check("arithmetic.weightFraction", arithmetic.weightFraction, 1...(arithmetic.weightBits - 1))
        try check("arithmetic.activationFraction", arithmetic.activationFraction, 0...24)
        try check("arithmetic.probabilityFraction", arithmetic.probabilityFraction, 4...24)
        try check(
            "arithmetic.sigmoidStepBits", arithmetic.sigmoidStepBits, 1...(arithmetic.probabilityFraction - 1)
        )
        try check("batchSize", batchSize, 1...4096)
        try check("datasetDepth", datasetDepth, 0...20)
        try check("registryDepth", registryDepth, 1...32)
        try check(
            "clientsPerRound", clientsPerRound, 1...(settlement == .attested ? 256 : RoundShape.mostClients))
        try check("minimumClients", minimumClients, 1...min(clientsPerRound, 1 << registryDepth))
        guard normBound.isFinite, normBound > 0 else {
            throw TaskError(field: "normBound", reason: "\(normBound) is not a positive number")
        }
        guard learningRate.isFinite, learningRate > 0 else {
            throw TaskError(field: "learningRate", reason: "\(learningRate) is not a positive number")
        }
        if settlement != .attested, aggregator != .fedAvg, clientsPerRound > RoundShape.fanOut {
            throw TaskError(
                field: "aggregator",
                reason:
                    "\(aggregator) is for rounds of at most \(RoundShape.fanOut) clients: larger ones are proved in groups, of which only sums are known"
            )
        }
        if case .trimmedMean(let trim) = aggregator, trim < 1 || trim > (clientsPerRound - 1) / 2 {
            throw TaskError(
                field: "aggregator",
                reason: "\(trim) cannot be trimmed on both sides of \(clientsPerRound) updates")
        }
        try privacy?.check(self)
        try data?.checkFields(layers: model.layers)
    }
}

extension TaskDescription.Aggregator: Codable, CustomStringConvertible {
    /// "fedavg", "median" or "trimmed-mean:K".
    package var description: String {
        switch self {
        case .fedAvg: "fedavg"
        case .median: "median"
        case .trimmedMean(let trim): "trimmed-mean:\(trim)"
        }
    }

    package init?(_ text: String) {
        switch text {
        case "fedavg": self = .fedAvg
        case "median": self = .median
        default:
            let prefix = "trimmed-mean:"
            guard text.hasPrefix(prefix), let trim = Int(text.dropFirst(prefix.count)), trim >= 1,
                text == "\(prefix)\(trim)"
            else { return nil }
            self = .trimmedMean(trim: trim)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let own = Self(text) else {
            throw DecodingError.refused(
                "\(String(text.prefix(60)).debugDescription) is not \"fedavg\", \"median\" or \"trimmed-mean:K\"",
                at: decoder.codingPath)
        }
        self = own
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
