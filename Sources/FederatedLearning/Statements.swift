// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields
import Foundation

extension Plan {
    /// What stands for a task: Poseidon over the bytes of its description, in one fixed form of JSON.
    package var taskID: Scalar {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Numbers and strings that were decoded can be encoded.
        let bytes = [UInt8]((try? encoder.encode(task)) ?? Data())
        let elements = stride(from: 0, to: bytes.count, by: 31).map { start in
            let chunk = bytes[start..<min(start + 31, bytes.count)]
            return Scalar(littleEndian: chunk + [UInt8](repeating: 0, count: 32 - chunk.count)) ?? .zero
        }
        return Poseidon.hash(elements + [Scalar(UInt64(bytes.count))], domain: HashDomain.task.rawValue)
    }
}

/// What a client's proof says about: its one public input is the digest of this.
package struct ClientStatement: Hashable, Sendable {
    /// The state of the chain that the client started from.
    package var state: Scalar
    /// The hash of that state's model.
    package var model: Scalar
    package var update: Scalar
    package var registryRoot: Scalar
    package var nullifier: Scalar
    package var round: Int
    package var task: Scalar

    package init(
        state: Scalar, model: Scalar, update: Scalar, registryRoot: Scalar, nullifier: Scalar, round: Int,
        task: Scalar
    ) {
        self.state = state
        self.model = model
        self.update = update
        self.registryRoot = registryRoot
        self.nullifier = nullifier
        self.round = round
        self.task = task
    }

    /// The public input.
    package var digest: Scalar {
        Poseidon.hash(
            [state, model, update, registryRoot, nullifier, Scalar(UInt64(round)), task],
            domain: HashDomain.statement.rawValue)
    }
}

/// A link of the chain of models. Its hash is the state that the contract keeps.
package struct ChainState: Hashable, Sendable {
    /// The hash of the link before; 0 for the first.
    package var previous: Scalar
    package var model: Scalar
    /// The digest of the updates that led here; 0 for the first.
    package var batch: Scalar
    /// How many rounds led here.
    package var round: Int
    package var task: Scalar

    package init(previous: Scalar, model: Scalar, batch: Scalar, round: Int, task: Scalar) {
        self.previous = previous
        self.model = model
        self.batch = batch
        self.round = round
        self.task = task
    }

    package static func genesis(model: Scalar, task: Scalar) -> ChainState {
        ChainState(previous: .zero, model: model, batch: .zero, round: 0, task: task)
    }

    package var hash: Scalar {
        Poseidon.hash(
            [previous, model, batch, Scalar(UInt64(round)), task], domain: HashDomain.state.rawValue)
    }
}

/// The updates of a round, in the order of their slots: which, whose, under which registry.
package struct RoundBatch: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var update: Scalar
        package var nullifier: Scalar

        package init(update: Scalar, nullifier: Scalar) {
            self.update = update
            self.nullifier = nullifier
        }
    }

    package var registryRoot: Scalar
    package var entries: [Entry]

    package init(registryRoot: Scalar, entries: [Entry]) {
        self.registryRoot = registryRoot
        self.entries = entries
    }

    /// Poseidon over registry root, number of updates, and hash and nullifier of each; slots that are not
    /// used hold the hash of an update of zeros and the nullifier 0.
    package func digest(_ plan: Plan) -> Scalar {
        let unused = plan.task.clientsPerRound - entries.count
        let zero = unused > 0 ? Update.zero(plan).hash(plan) : .zero
        let slots = entries + (0..<max(unused, 0)).map { _ in Entry(update: zero, nullifier: .zero) }
        return Poseidon.hash(
            [registryRoot, Scalar(UInt64(entries.count))] + slots.flatMap { [$0.update, $0.nullifier] },
            domain: HashDomain.roundBatch.rawValue)
    }
}
