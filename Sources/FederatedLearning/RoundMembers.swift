// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Compute
import FiniteFields

/// Σ (u + 2^(bits−1)) over updates, entry by entry: what packed updates add up to.
package struct UpdateSum: Equatable, Sendable {
    /// For each layer its entries.
    package var layers: [[Int]]
    /// For each layer the packed entries.
    package var packed: [[Scalar]]

    /// The sum that one update is.
    package init(_ update: Update, _ plan: Plan) {
        layers = zip(update.layers, plan.updatePackings).map { matrix, packing in
            matrix.elements.map { $0 + packing.offset }
        }
        packed = update.packed(plan)
    }

    /// - Precondition: there is one, and together they are of no more updates than a round has room for.
    package init(of sums: [UpdateSum]) {
        self = sums[0]
        for sum in sums.dropFirst() {
            for layer in layers.indices {
                for index in layers[layer].indices { layers[layer][index] += sum.layers[layer][index] }
                for index in packed[layer].indices { packed[layer][index] += sum.packed[layer][index] }
            }
        }
    }

    /// The hash in a group's statement.
    package var hash: Scalar { Poseidon.hash(packed.flatMap(\.self), domain: HashDomain.sum.rawValue) }
}

/// What has a place in a circuit of a round: the update of a client, or what a group of clients has added up.
package struct RoundMember: Sendable {
    package enum Origin: Sendable {
        /// An update, and the client's nullifier.
        case client(Update, nullifier: Scalar)
        case group(GroupStatement)
    }

    package var origin: Origin
    package var sum: UpdateSum

    /// A client's update.
    package init(_ update: Update, nullifier: Scalar, _ plan: Plan) {
        origin = .client(update, nullifier: nullifier)
        sum = UpdateSum(update, plan)
    }

    /// A group.
    package init(_ statement: GroupStatement, _ sum: UpdateSum) {
        origin = .group(statement)
        self.sum = sum
    }

    /// What of it is hashed into the digest of a circuit's entries.
    package func entry(_ plan: Plan) -> [Scalar] {
        switch origin {
        case .client(let update, let nullifier): [update.hash(plan), nullifier]
        case .group(let statement): [statement.entries]
        }
    }

    /// How many clients.
    package var count: Int {
        if case .group(let statement) = origin { statement.count } else { 1 }
    }

    package var firstKey: Scalar {
        switch origin {
        case .client(_, let nullifier): NullifierKey.key(of: nullifier)
        case .group(let statement): statement.firstKey
        }
    }

    package var lastKey: Scalar {
        switch origin {
        case .client(_, let nullifier): NullifierKey.key(of: nullifier)
        case .group(let statement): statement.lastKey
        }
    }
}

/// The places of a circuit of a round, in wires: what their members are, that used ones come first, and that
/// no client is there twice.
struct MemberPlaces {
    /// What all members of a circuit have in common.
    struct Context {
        let state, model, registry, round, task: Linear
    }

    /// A member's wires.
    private struct Member {
        /// For each layer.
        let packed: [[Linear]]
        let count, firstKey, lastKey: Linear
        let entry: [Linear]
        /// The public input of its proof.
        let digest: (CircuitBuilder, Context) -> Linear
    }

    let plan: Plan
    let builder: CircuitBuilder
    /// One bit for each place, the used ones first, and at least one.
    let used: [Linear]
    private let members: [Member]
    private let isOfClients: Bool
    private let parallel: Parallel

    /// Describes the places.
    ///
    /// - Parameters:
    ///   - level: of the circuit, 0 for one that takes updates of clients.
    ///   - values: what is in the used places; none where no values are made.
    ///   - parallel: the threads; what each member is is a part of its own.
    init(
        _ plan: Plan, _ builder: CircuitBuilder, level: Int, _ values: [RoundMember], _ parallel: Parallel
    ) {
        self.plan = plan
        self.parallel = parallel
        self.builder = builder
        let places = plan.shape.places[level]
        precondition(values.count <= places && (!values.isEmpty || !builder.hasValues))
        isOfClients = level == 0
        used = builder.scope("places") { Self.usedPlaces(builder, places, used: values.count) }
        members = builder.inParallel(places, parallel) { builder, place in
            let value = place < values.count ? values[place] : nil
            return level == 0
                ? Self.client(plan, builder, value) : Self.group(plan, builder, value)
        }
        builder.scope("order") { enforceOrder() }
    }

    private static func usedPlaces(_ builder: CircuitBuilder, _ places: Int, used count: Int) -> [Linear] {
        let used = (0..<places).map { place in builder.boolean(place < count) }
        builder.enforceEqual(used[0], .one)
        for (place, next) in zip(used, used.dropFirst()) {
            // next ≤ place
            builder.enforce(next, times: Linear.one - place, equals: .zero)
        }
        return used
    }

    private static func wires(_ plan: Plan, _ builder: CircuitBuilder, _ sum: UpdateSum?) -> [[Linear]] {
        plan.layers.indices.map { layer in
            let count = plan.updatePackings[layer].elementCount(plan.layers[layer].weightCount)
            return (0..<count).map { index in builder.wire(sum?.packed[layer][index] ?? .zero) }
        }
    }

    private static func client(_ plan: Plan, _ builder: CircuitBuilder, _ value: RoundMember?) -> Member {
        // What no update is packed to is not hashed: unused places hold an update of zeros.
        let packed = wires(plan, builder, value?.sum ?? UpdateSum(.zero(plan), plan))
        let update = builder.scope("update hashes") {
            builder.poseidon(packed.flatMap(\.self), domain: HashDomain.update.rawValue)
        }
        var own = Scalar.zero
        if case .client(_, let value)? = value?.origin { own = value }
        let nullifier = builder.wire(own)
        let key = builder.scope("nullifiers") {
            // Of the canonical bits: n and n + q would be two keys of one nullifier.
            builder.weighted(builder.canonicalBits(of: nullifier).prefix(NullifierKey.bits))
        }
        return Member(
            packed: packed, count: .one, firstKey: key, lastKey: key, entry: [update, nullifier]
        ) { builder, context in
            builder.poseidon(
                [
                    context.state, context.model, update, context.registry, nullifier, context.round,
                    context.task,
                ], domain: HashDomain.statement.rawValue)
        }
    }

    private static func group(_ plan: Plan, _ builder: CircuitBuilder, _ value: RoundMember?) -> Member {
        var own: GroupStatement?
        if case .group(let statement)? = value?.origin { own = statement }
        let packed = wires(plan, builder, value?.sum)
        let sum = builder.scope("sums") {
            builder.poseidon(packed.flatMap(\.self), domain: HashDomain.sum.rawValue)
        }
        let count = builder.wire(Scalar(UInt64(own?.count ?? 0)))
        let (first, last) = (builder.wire(own?.firstKey ?? .zero), builder.wire(own?.lastKey ?? .zero))
        let entries = builder.wire(own?.entries ?? .zero)
        return Member(
            packed: packed, count: count, firstKey: first, lastKey: last, entry: [entries]
        ) { builder, context in
            builder.poseidon(
                [
                    context.state, context.model, context.registry, context.round, context.task, count,
                    first, last, sum, entries,
                ], domain: HashDomain.group.rawValue)
        }
    }

    /// Keys rise from each used place to the next.
    private func enforceOrder() {
        for place in 1..<max(members.count, 1) {
            let difference = members[place].firstKey - members[place - 1].lastKey - Scalar.one
            builder.enforceRange(builder.multiply(used[place], difference), bits: NullifierKey.bits)
        }
    }

    /// The number of clients.
    func count() -> Linear {
        zip(used, members).map { used, member in
            isOfClients ? used : builder.multiply(used, member.count)
        }.sum()
    }

    var firstKey: Linear { members[0].firstKey }

    /// The last key of the last used place.
    func lastKey() -> Linear {
        members.indices.map { place in
            let isLast = place + 1 < used.count ? used[place] - used[place + 1] : used[place]
            return builder.multiply(isLast, members[place].lastKey)
        }.sum()
    }

    /// For each place and layer the packed update, or the packed sum of a group's.
    var packed: [[[Linear]]] { members.map(\.packed) }

    /// For each layer the packed sum of the used places.
    func packedSum() -> [[Linear]] {
        plan.layers.indices.map { layer in
            members[0].packed[layer].indices.map { index in
                members.indices.map { builder.multiply(used[$0], members[$0].packed[layer][index]) }.sum()
            }
        }
    }

    /// The digest of what is in the used places.
    func entries() -> Linear {
        builder.poseidon(
            zip(used, members).flatMap { used, member in member.entry.map { builder.multiply(used, $0) } },
            domain: HashDomain.entries.rawValue)
    }

    /// The public inputs of the members' proofs, as wires; in unused places that of the first, whose proof is
    /// there once more.
    func inputs(_ context: Context) -> [Linear] {
        let digests = builder.scope("statements") {
            builder.inParallel(members.count, parallel) { members[$1].digest($0, context) }
        }
        return zip(used, digests).map { used, digest in
            builder.materialized(digests[0] + builder.multiply(used, digest - digests[0]))
        }
    }
}
