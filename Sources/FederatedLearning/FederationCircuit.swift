// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
package import Recursion

/// The circuits of a federation. Each has keys of its own, and verifies proofs of the one before, whose
/// verification key is a constant of it.
package enum FederationCircuit: String, CaseIterable, Sendable {
    /// A client's update.
    case client
    /// Updates of clients, in a group.
    case leaf
    /// Groups, in a group.
    case node
    /// The round.
    case round
    /// The round's proof, in a plain one.
    case wrap

    /// The level in a round's shape; `nil` for what is no part of it.
    package func level(_ shape: RoundShape) -> Int? {
        switch self {
        case .client, .wrap: nil
        case .leaf: 0
        case .node: 1
        case .round: shape.groupLevels
        }
    }

    /// The number of public inputs.
    package var publicCount: Int {
        switch self {
        case .client: ClientCircuit.publicCount
        case .leaf, .node: GroupCircuit.publicCount
        case .round, .wrap: RoundCircuit.publicCount
        }
    }
}

extension Plan {
    /// The circuits that a task has, each after those whose proofs it verifies.
    package var circuits: [FederationCircuit] {
        let groups: [FederationCircuit] = Array([.leaf, .node].prefix(shape.groupLevels))
        return [.client] + groups + [.round] + (task.settlement == .plain ? [.wrap] : [])
    }

    /// The circuit whose proof settles a round.
    package var settling: FederationCircuit { task.settlement == .plain ? .wrap : .round }

    /// Whether proofs of a circuit have a commitment.
    package func hasCommitment(_ circuit: FederationCircuit) -> Bool {
        switch circuit {
        case .client, .wrap: false
        case .leaf, .node: true
        case .round: task.settlement != .attested
        }
    }

    /// Whether a circuit is verified by another one: challenges of its commitment are Poseidon's then.
    package func isVerifiedInCircuit(_ circuit: FederationCircuit) -> Bool {
        circuit != settling && task.settlement != .attested
    }

    /// The constraints of a circuit.
    ///
    /// - Parameter key: of the proofs that it verifies, those of the circuit before; `nil` where there are
    ///   none.
    package func constraints(
        of circuit: FederationCircuit, _ key: ConstantVerifyingKey?, _ parallel: Parallel,
        names: Bool = false
    ) -> CircuitBuilder {
        switch (circuit, key) {
        case (.client, _): ClientCircuit(self).constraints(names: names)
        case (.round, _): RoundCircuit(self, key).build(.constraints, nil, [], nil, parallel, names: names)
        case (.leaf, let key?):
            GroupCircuit(self, level: 0, key).build(.constraints, nil, [], nil, parallel, names: names)
        case (.node, let key?):
            GroupCircuit(self, level: 1, key).build(.constraints, nil, [], nil, parallel, names: names)
        case (.wrap, let key?): ProofWrap(key).build(.constraints, nil, parallel, names: names)
        case (.leaf, nil), (.node, nil), (.wrap, nil):
            preconditionFailure("a circuit that verifies proofs of no key")
        }
    }
}
