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
        return HashDomain.task.hash([UInt8]((try? encoder.encode(task)) ?? Data()))
    }
}

extension HashDomain {
    /// Poseidon over bytes, 31 to an element, and their number.
    func hash(_ bytes: [UInt8]) -> Scalar {
        let elements = stride(from: 0, to: bytes.count, by: 31).map { start in
            let chunk = bytes[start..<min(start + 31, bytes.count)]
            return Scalar(littleEndian: chunk + [UInt8](repeating: 0, count: 32 - chunk.count)) ?? .zero
        }
        return Poseidon.hash(elements + [Scalar(UInt64(bytes.count))], domain: rawValue)
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
    /// The root of the registry whose clients the next round takes updates of.
    package var registry: Scalar

    package init(
        previous: Scalar, model: Scalar, batch: Scalar, round: Int, task: Scalar, registry: Scalar
    ) {
        self.previous = previous
        self.model = model
        self.batch = batch
        self.round = round
        self.task = task
        self.registry = registry
    }

    package static func genesis(model: Scalar, task: Scalar, registry: Scalar) -> ChainState {
        ChainState(previous: .zero, model: model, batch: .zero, round: 0, task: task, registry: registry)
    }

    package var hash: Scalar {
        Poseidon.hash(
            [previous, model, batch, Scalar(UInt64(round)), task, registry], domain: HashDomain.state.rawValue
        )
    }
}

/// What the proof of a leaf or a node says: its one public input is the digest of this.
package struct GroupStatement: Hashable, Sendable {
    /// The state of the chain that the clients started from.
    package var state: Scalar
    /// The hash of that state's model.
    package var model: Scalar
    /// That state's registry, which all clients are in.
    package var registry: Scalar
    package var round: Int
    package var task: Scalar
    /// How many clients' updates are added up.
    package var count: Int
    /// The keys of the first and of the last client (`NullifierKey`).
    package var firstKey, lastKey: Scalar
    /// The hash of the packed sum.
    package var sum: Scalar
    /// The digest of the updates and nullifiers (`RoundEntries`).
    package var entries: Scalar

    /// The public input.
    package var digest: Scalar {
        Poseidon.hash(
            [
                state, model, registry, Scalar(UInt64(round)), task, Scalar(UInt64(count)), firstKey,
                lastKey, sum, entries,
            ], domain: HashDomain.group.rawValue)
    }
}

/// The order of a round's clients, and what shows that none is there twice: the lowest 126 bits of the
/// nullifier.
package enum NullifierKey {
    /// The bits of a key.
    package static let bits = 126

    /// The key of a nullifier, as an element.
    package static func key(of nullifier: Scalar) -> Scalar {
        let limbs = nullifier.canonical
        return Scalar(canonical: .init(l: (limbs[0], limbs[1] & (1 << 62 - 1), 0, 0))) ?? .zero
    }

    /// Whether one nullifier's key is below another's.
    package static func isLess(_ a: Scalar, _ b: Scalar) -> Bool {
        let (a, b) = (a.canonical, b.canonical)
        let mask: UInt64 = 1 << 62 - 1
        return (a[1] & mask, a[0]) < (b[1] & mask, b[0])
    }
}

/// Digests of the updates that a circuit takes, in the order of its places; those that are not used are zero.
package enum RoundEntries {
    /// - Parameter members: for each used place the hash of the update and the nullifier, or the digest of a
    ///   group.
    package static func digest(_ members: [[Scalar]], places: Int) -> Scalar {
        let width = members[0].count
        let unused = [Scalar](repeating: .zero, count: width * (places - members.count))
        return Poseidon.hash(members.flatMap(\.self) + unused, domain: HashDomain.entries.rawValue)
    }

    /// The digest of a round's updates, by the circuits of its shape.
    ///
    /// - Parameter taken: for each the hash of the update and the nullifier, in order; not empty, and no more
    ///   than there is room for.
    package static func digest(_ taken: [[Scalar]], _ shape: RoundShape) -> Scalar {
        var members = taken
        for places in shape.places {
            members = stride(from: 0, to: members.count, by: places).map { start in
                [digest(Array(members[start..<min(start + places, members.count)]), places: places)]
            }
        }
        return members[0][0]
    }

    /// The batch of a state: over the number of updates and their digest.
    package static func batch(count: Int, entries: Scalar) -> Scalar {
        Poseidon.hash([Scalar(UInt64(count)), entries], domain: HashDomain.roundBatch.rawValue)
    }
}
