// SPDX-License-Identifier: Apache-2.0

import Circuits
import FiniteFields
import Foundation
import FuzzSupport

@testable import FederatedLearning

/// The files of a federation, which come from its operator, its clients and whoever publishes a history.
enum FederationTargets {
    static let all = [tasks, files, samples]

    private static let task = TaskDescription(
        name: "small", model: .init(layers: [6, 4, 3]),
        arithmetic: .init(
            featureBits: 5, featureFraction: 3, weightBits: 14, weightFraction: 10, activationFraction: 6,
            probabilityFraction: 12, sigmoidStepBits: 6),
        batchSize: 4, datasetDepth: 2, registryDepth: 3, normBound: 1e12, clientsPerRound: 5,
        minimumClients: 2, learningRate: 0.5, aggregator: .trimmedMean(trim: 1), settlement: .plain)

    /// `task.json` and what is planned of it.
    private static let tasks = FuzzTarget(
        "task", lengthLimit: 1_000,
        words: jsonWords([
            "\"fedavg\"", "\"median\"", "trimmed-mean:", "\"layers\":", "65536", "4096", "1e12",
            "\"normBound\":", "\"learningRate\":", "\"minimumClients\":", "\"attested\"", "\"commitment\"",
        ]),
        seeds: { [Array(try JSONFile.encode(task))] },
        read: { bytes in
            let task = try JSONFile.decode(TaskDescription.self, Data(bytes), file: "fuzz")
            let plan = try Plan(task)
            demand(plan.layers.count == task.model.layers.count - 1, "layers")
            demand(
                plan.layers.allSatisfy { $0.sumBits < 62 && $0.updateBits < 62 && $0.backwardBits < 62 },
                "a machine's word is too small")
            let text = reread("task") { try JSONFile.encode(task) }
            demand(
                reread("task") { try JSONFile.decode(TaskDescription.self, text, file: "fuzz") } == task,
                "another task")
            _ = plan.taskID
        })

    /// Registry, states, updates, rounds, identities, datasets and invitations.
    private static let files = FuzzTarget(
        "federation", lengthLimit: 1_500,
        words: jsonWords([
            "\"format\":", "\"accepted\":", "\"registered\":", "\"clients\":", "\"weights\":", "\"entries\":",
            "\"refused\":", "\"salts\":",
            "\"batches\":", "\"round\":",
        ]),
        seeds: {
            var registry = RegistryFile()
            registry.clients = [RegisteredClient(name: "a", commitment: .one, datasetRoot: .zero)]
            let state = StateFile(
                .genesis(model: .one, task: .one, registry: .one), registered: 1, weights: [1, -2, 3])
            let update = UpdateFile(
                task: .one, round: 0, state: .one, nullifier: .one, entries: [1, -5], proof: "{}")
            let round = RoundFile(
                round: 1, accepted: [.init(update: Element(.one), nullifier: Element(.zero))],
                refused: [.init(update: "u", reason: "r")],
                oldState: .one, newState: .one, batch: .one, proof: "{}")
            let identity = IdentityFile(name: "a", identity: Identity(secret: .one), index: 0, salts: [.one])
            let data = DatasetFile([
                Batch(features: Matrix(rows: 1, columns: 2, elements: [1, 2]), labels: [0])
            ])
            let invitations = InvitationFile(invitations: [
                .init(name: "a", hash: Element(.one), isUsed: false)
            ])
            return [
                try JSONFile.encode(registry), try JSONFile.encode(state), try JSONFile.encode(update),
                try JSONFile.encode(round), try JSONFile.encode(identity), try JSONFile.encode(data),
                try JSONFile.encode(invitations),
            ].map { Array($0) }
        },
        read: { bytes in
            let data = Data(bytes)
            same(RegistryFile.self, data)
            same(StateFile.self, data)
            same(UpdateFile.self, data)
            same(RoundFile.self, data)
            same(IdentityFile.self, data)
            same(DatasetFile.self, data)
            _ = try JSONFile.decode(InvitationFile.self, data, file: "fuzz")
        })

    private static func same<Value: Codable & Equatable>(_ type: Value.Type, _ data: Data) {
        guard let value = try? JSONFile.decode(type, data, file: "fuzz") else { return }
        let again = reread("file") { try JSONFile.decode(type, JSONFile.encode(value), file: "fuzz") }
        demand(again == value, "another \(type)")
    }

    private static let plan = try? Plan(task)

    /// A client's data in text.
    private static let samples = FuzzTarget(
        "samples", lengthLimit: 400,
        words: [",", "\n", "\r\n", "#", " ", "nan", "inf", "1e400", "-0", "0x1p3"].map { Array($0.utf8) },
        seeds: { [Array("# features, label\n0,0.5,-1,1.25,0,0,2\r\n\n1, 1,1,-0.5,0,0,1\n".utf8)] },
        read: { bytes in
            guard let plan else { return demand(false, "the task has no plan") }
            try Data(bytes).write(to: URL(filePath: Scratch.path))
            let file = try DataFile(path: Scratch.path, plan)
            let limit = plan.featurePacking.offset
            demand(file.features.rows == file.labels.count, "samples without labels")
            demand(
                file.features.elements.allSatisfy { (-limit..<limit).contains($0) },
                "a feature beyond its bits")
        })
}
