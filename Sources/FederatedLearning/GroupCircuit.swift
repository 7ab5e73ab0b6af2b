// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
package import Curves
import EmulatedArithmetic
import FiniteFields
import Groth16
package import Recursion
package import SnarkFormats

/// The proof of a member of a circuit: a client's is plain, a group's has a commitment.
package typealias MemberProof = Groth16Proof<BN254>

extension ConstantVerifyingKey {
    /// Demands that the members' proofs hold.
    ///
    /// - Parameters:
    ///   - emulation: of the circuit; not finished here.
    ///   - proofs: of the used places; none where no values are made.
    func enforce(_ proofs: [MemberProof], inputs: [Linear], _ emulation: Emulation) {
        let field = EmulatedField<BN254.Fp>(emulation)
        // What the scalars and the points of the inputs depend on.
        for input in inputs { emulation.bind(input) }
        let elements = inputs.indices.map { place in
            // In unused places the first proof once more.
            let own = place < proofs.count ? proofs[place] : proofs.first
            guard commitments == nil else {
                return ProofElements(
                    field,
                    committed: {
                        guard let proof = own?.committed else { preconditionFailure("no proof of a group") }
                        return proof
                    })
            }
            return ProofElements(field) {
                guard let proof = own?.plain else { preconditionFailure("no proof of a client") }
                return proof
            }
        }
        Groth16Verification(field, self).enforce(elements, publicInputs: inputs.map { [$0] })
    }
}

/// A leaf or a node of a round: its proof shows that all of its members have valid proofs for one state, and
/// what their updates add up to.
///
/// Public input: `GroupStatement.digest`. A circuit with one commitment.
package struct GroupCircuit: Sendable {
    package let plan: Plan
    /// 0 for leaves.
    package let level: Int
    /// The key of the members' proofs.
    package let key: ConstantVerifyingKey

    package static let publicCount = 1

    /// - Precondition: the plan's shape has groups of that level.
    package init(_ plan: Plan, level: Int, _ key: ConstantVerifyingKey) {
        precondition(level < plan.shape.groupLevels && (key.commitments == nil) == (level == 0))
        precondition(key.publicCount == 1)
        (self.plan, self.level, self.key) = (plan, level, key)
    }

    /// Describes the circuit to a new builder.
    ///
    /// - Parameters:
    ///   - group: what it takes; `nil` where no values are made.
    ///   - proofs: of its members.
    package func build(
        _ mode: CircuitBuilder.Mode, _ group: RoundGroup?, _ proofs: [MemberProof], _ challenger: Challenger?,
        _ parallel: Parallel, names: Bool = false
    ) -> CircuitBuilder {
        precondition(proofs.count == group?.members.count ?? 0)
        let builder = CircuitBuilder(
            mode, publicCount: Self.publicCount, names: names, challenger: challenger)
        let emulation = Emulation(
            builder, .commitment,
            chunkBits: Groth16Verification.chunkBits(proofs: plan.shape.places[level], key), parallel)
        let statement = group?.statement
        let context = MemberPlaces.Context(
            state: builder.wire(statement?.state ?? .zero), model: builder.wire(statement?.model ?? .zero),
            registry: builder.wire(statement?.registry ?? .zero),
            round: builder.wire(Scalar(UInt64(statement?.round ?? 0))),
            task: builder.wire(statement?.task ?? .zero))
        let places = MemberPlaces(plan, builder, level: level, group?.members ?? [], parallel)
        let sum = builder.scope("sum") {
            builder.poseidon(places.packedSum().flatMap(\.self), domain: HashDomain.sum.rawValue)
        }
        let digest = builder.scope("statement") {
            builder.poseidon(
                [
                    context.state, context.model, context.registry, context.round, context.task,
                    places.count(), places.firstKey, places.lastKey(), sum, places.entries(),
                ], domain: HashDomain.group.rawValue)
        }
        builder.bindPublic(0, to: digest)
        emulation.bindPublic(digest)
        key.enforce(proofs, inputs: places.inputs(context), emulation)
        emulation.finish()
        return builder
    }
}

/// A group of a round: its members, and what its proof says of them.
package struct RoundGroup: Sendable {
    package let members: [RoundMember]
    package let statement: GroupStatement
    package let sum: UpdateSum

    /// - Precondition: there is a member; their keys rise; together they are no more clients than a round has
    ///   room for.
    package init(_ plan: Plan, level: Int, _ members: [RoundMember], of state: ChainState) {
        self.members = members
        sum = UpdateSum(of: members.map(\.sum))
        statement = GroupStatement(
            state: state.hash, model: state.model, registry: state.registry, round: state.round,
            task: state.task, count: members.reduce(0) { $0 + $1.count }, firstKey: members[0].firstKey,
            lastKey: members[members.count - 1].lastKey, sum: sum.hash,
            entries: RoundEntries.digest(
                members.map { $0.entry(plan) }, places: plan.shape.places[level]))
    }
}

extension [RoundMember] {
    /// The groups that these members make up, in order.
    package func grouped(_ plan: Plan, level: Int, of state: ChainState) -> [RoundGroup] {
        let places = plan.shape.places[level]
        return stride(from: 0, to: count, by: places).map { start in
            RoundGroup(plan, level: level, Array(self[start..<Swift.min(start + places, count)]), of: state)
        }
    }
}
