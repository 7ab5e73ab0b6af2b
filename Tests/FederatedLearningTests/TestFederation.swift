// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import FederatedLearning
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import TrustedSetup

let parallel = Parallel.allCores

/// Development keys of the small task's circuits, made once.
struct FederationTestKeys: Sendable {
    let plan: Plan
    let client: ProvingKey<BN254>
    let round: ProvingKey<BN254>

    static let small = try! FederationTestKeys(Plan(.small(layers: [3, 2], clients: 3)))

    init(_ plan: Plan) throws {
        func key(_ builder: CircuitBuilder) throws -> ProvingKey<BN254> {
            var generator = SystemRandomNumberGenerator()
            return try Groth16Setup<BN254>(builder.constraintSystem(), parallel: parallel)
                .development(using: &generator).key
        }
        self.plan = plan
        client = try key(ClientCircuit(plan).constraints())
        round = try key(RoundCircuit(plan, nil).build(.constraints, nil, [], nil, parallel))
    }

    func prove(_ values: CircuitBuilder, _ key: ProvingKey<BN254>) throws -> String {
        var generator = SystemRandomNumberGenerator()
        let prover = Prover(backend: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
        return Groth16JSON.text(
            try prover.prove(
                key: key, verifier: Verifier(key.verifyingKey), witness: values.witness(), using: &generator))
    }
}

/// A federation in a temporary directory, with three clients.
final class TestFederation {
    let keys = FederationTestKeys.small
    let folder: URL
    let federation: Federation
    var plan: Plan { federation.plan }
    var clients: [String] = []

    /// - Parameter plan: of another task than the keys', whose clients have the same circuit.
    init(_ generator: inout SeededGenerator, _ plan: Plan = FederationTestKeys.small.plan) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "martlet-fl-\(UUID())")
        let directory = folder.appending(path: "published").path
        federation = try Federation.create(
            directory, plan: plan, model: .initial(plan, using: &generator))
        for (key, circuit) in [(keys.client, FederationCircuit.client), (keys.round, .round)] {
            try Groth16JSON.text(key.verifyingKey)
                .write(toFile: federation.verifyingKeyPath(circuit), atomically: true, encoding: .utf8)
        }
        for name in ["ann", "bob", "cem"] { clients.append(try enroll(name, &generator)) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Makes a client and registers it.
    func enroll(_ name: String, _ generator: inout SeededGenerator, invitation: String? = nil) throws
        -> String
    {
        let directory = try makeClient(name, &generator, invitation: invitation)
        _ = try federation.register([Client.registrationPath(directory)])
        return directory
    }

    /// Makes a client.
    ///
    /// - Parameter folder: its directory's, where that is not called after it.
    func makeClient(
        _ name: String, _ generator: inout SeededGenerator, invitation: String? = nil,
        folder own: String? = nil
    ) throws -> String {
        var lines = ["# features, label"]
        for _ in 0..<(plan.task.batchSize << plan.task.datasetDepth) {
            let features = (0..<plan.features).map { _ in Double.random(in: -2...1.8, using: &generator) }
            // A rule that can be learned.
            let label = features[0] > features[1] ? 1 : 0
            lines.append(features.map { "\($0)" }.joined(separator: ",") + ",\(label)")
        }
        let data = folder.appending(path: "\(name).csv").path
        try lines.joined(separator: "\n").write(toFile: data, atomically: true, encoding: .utf8)
        let directory = folder.appending(path: "client-\(own ?? name)").path
        _ = try Client.create(
            directory, plan, name: name, data: data, invitation: invitation, using: &generator)
        return directory
    }

    /// An honest update, as a file.
    func update(_ client: Int) throws -> UpdateFile {
        let (witness, update) = try Client(clients[client], federation).train(federation)
        var file = update
        file.proof = try keys.prove(ClientCircuit(plan).witness(witness).values, keys.client)
        return file
    }

    /// What a client says in the open round, as the program has it do.
    ///
    /// - Parameter notice: called with what is pinned anew, which is allowed where this is given.
    func answer(_ client: Int, repins notice: ((String) -> Void)? = nil) throws -> Client.Answer {
        var generator = SystemRandomNumberGenerator()
        return try Client(clients[client], federation).answer(
            federation, repins: notice != nil, parallel: parallel, using: &generator
        ) { notice?($0) }
    }

    /// The same with a proof where it needs one: the bytes to be sent.
    func send(_ client: Int) throws -> Data {
        switch try answer(client) {
        case .given(_, let data): return data
        case .open(let open):
            let proof = try keys.prove(ClientCircuit(plan).witness(open.witness).values, keys.client)
            return try Client(clients[client], federation).keep(
                open, proof: proof, plan, parallel: parallel)
        }
    }

    func write(_ update: UpdateFile, _ name: String) throws -> String {
        let path = folder.appending(path: name).path
        try update.write(to: path)
        return path
    }

    /// Checks and settles a round; gives what was refused by name.
    @discardableResult
    func round(_ updates: [(String, UpdateFile)], _ generator: inout SeededGenerator) throws -> [String:
        String]
    {
        let paths = try updates.map { try write($0.1, $0.0) }
        let opened = try federation.openRound(updates: paths, parallel: parallel, using: &generator)
        if let round = opened.round {
            try settle(round)
        }
        return Dictionary(uniqueKeysWithValues: opened.refused.map { ($0.update, $0.reason) })
    }

    func settle(_ round: Federation.OpenRound) throws {
        let values = RoundCircuit(plan, nil).build(.witness, round.witness, [], nil, parallel)
        try federation.settle(round, proof: keys.prove(values, keys.round), parallel: parallel)
    }
}
