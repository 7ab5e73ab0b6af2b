// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import FederatedLearning
import FiniteFields
import Groth16
import Recursion
import TestSupport
import TrustedSetup

/// Clients of a small task, registered, with proofs of their updates for one state, by a development key.
struct ProvedClients {
    let plan: Plan
    /// The key of the clients' proofs.
    let key: ConstantVerifyingKey
    /// A round that takes all of them.
    let witness: RoundWitness
    /// Their proofs, in the order of the round's updates.
    let proofs: [Proof<BN254>]

    /// Three clients of a task that wants two.
    static let three = Result {
        try ProvedClients(
            .small(layers: [2, 1], clients: 3, minimumClients: 2, settlement: .commitment))
    }

    init(_ task: TaskDescription) throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(task)
        self.plan = plan
        let circuit = ClientCircuit(plan)
        let made = try Groth16Setup<BN254>(circuit.constraints().constraintSystem(), parallel: .allCores)
            .development(using: &generator).key
        key = ConstantVerifyingKey(made.verifyingKey)
        let clients = (0..<plan.task.clientsPerRound).map { _ in TestClient(plan, using: &generator) }
        let registry = MerkleTree(depth: plan.task.registryDepth, leaves: clients.map(\.leaf))
        let model = randomModel(plan, using: &generator)
        let state = ChainState(
            previous: .random(using: &generator), model: model.hash(plan), batch: .random(using: &generator),
            round: 4, task: plan.taskID, registry: registry.root)
        let prover = Prover(backend: CPUBackend<BN254>(parallel: .allCores), parallel: .allCores)
        var proofs: [Scalar: Proof<BN254>] = [:]
        var taken: [RoundWitness.Taken] = []
        for (index, client) in clients.enumerated() {
            let (values, update) = circuit.witness(
                client.witness(plan, model: model, registry: registry, index: index, state: state))
            let nullifier = client.identity.nullifier(task: plan.taskID, round: state.round)
            taken.append(.init(update, nullifier: nullifier))
            proofs[nullifier] = try prover.prove(
                key: made, verifier: Verifier(made.verifyingKey), witness: values.witness(),
                using: &generator)
        }
        witness = RoundWitness(
            state: state, model: model, updates: taken, nextRegistry: .random(using: &generator))
        self.proofs = witness.updates.compactMap { proofs[$0.nullifier] }
    }
}

extension Challenger {
    /// Depends on nothing, which whoever makes a valid witness does not mind.
    static var constant: Challenger {
        Challenger(mask: { _ in .one }, challenge: { _ in Scalar(1 << 60).squared() })
    }
}

/// A circuit with the names of its parts, and what is wrong with witnesses of it.
///
/// Unchecked: nothing is added to the builder any more, and what it has is only read.
struct CheckedCircuit: @unchecked Sendable {
    let system: R1CS<Scalar>
    /// Nothing is added any more, and nothing changes.
    private let builder: CircuitBuilder

    init(_ builder: CircuitBuilder) {
        self.builder = builder
        system = builder.constraintSystem()
    }

    /// Where the first constraint is that values violate; "" where all hold.
    func violated(by values: [Scalar.Limbs]) -> String {
        system.firstViolated(by: values.span).map { "\(builder.scope(of: $0)), constraint \($0)" } ?? ""
    }

    /// The same for a run of the description.
    func violated(by run: CircuitBuilder) -> String { violated(by: run.limbs) }

    /// Every violated constraint, as the name of its part: for small circuits.
    func allViolated(by values: [Scalar.Limbs]) -> [String] {
        let elements = values.map { Scalar(canonical: $0)! }
        return (0..<system.constraintCount).filter { index in
            value(0, index, elements) * value(1, index, elements) != value(2, index, elements)
        }.map { builder.scope(of: $0) }
    }

    /// The wires that can be given another value, each alone, without a violated constraint: a random one,
    /// the next one, and what a bit is not.
    ///
    /// A constraint is looked at with every wire that it has, and no others: they leave it as it is.
    ///
    /// - Precondition: the values satisfy the circuit.
    func freeWires(of values: [Scalar.Limbs], using generator: inout SeededGenerator) -> [Int] {
        let elements = values.map { Scalar(canonical: $0)! }
        let changes = elements.map { own in [Scalar.random(using: &generator), .one, .one - own - own] }
        var isFree = changes.map { $0.map { !$0.isZero } }
        for index in 0..<system.constraintCount {
            let (a, b, c) = (value(0, index, elements), value(1, index, elements), value(2, index, elements))
            // By wire, what it is multiplied by on each side.
            var factors: [UInt32: (a: Scalar, b: Scalar, c: Scalar)] = [:]
            for term in system.combination(0, of: index) {
                factors[term.wire, default: (.zero, .zero, .zero)].a += term.coefficient
            }
            for term in system.combination(1, of: index) {
                factors[term.wire, default: (.zero, .zero, .zero)].b += term.coefficient
            }
            for term in system.combination(2, of: index) {
                factors[term.wire, default: (.zero, .zero, .zero)].c += term.coefficient
            }
            for (wire, factor) in factors {
                for (number, change) in changes[Int(wire)].enumerated() where isFree[Int(wire)][number] {
                    let product = (a + factor.a * change) * (b + factor.b * change)
                    if product != c + factor.c * change { isFree[Int(wire)][number] = false }
                }
            }
        }
        return isFree.indices.dropFirst().filter { isFree[$0].contains(true) }
    }

    /// The values with which every wire that a constraint defines as a product follows from those before it:
    /// what a prover computes who has changed some of them.
    ///
    /// A wire is so defined where it is all of a right side, and in no constraint before that one.
    func following(from values: [Scalar.Limbs]) -> [Scalar.Limbs] {
        var elements = values.map { Scalar(canonical: $0)! }
        var isKnown = [Bool](repeating: false, count: elements.count)
        isKnown[0] = true
        for index in 0..<system.constraintCount {
            let sides = (0..<3).map { system.combination($0, of: index) }
            if sides[2].count == 1, sides[2][0].coefficient == .one {
                let wire = sides[2][0].wire
                if !isKnown[Int(wire)] && !sides[0].contains(where: { $0.wire == wire }) {
                    elements[Int(wire)] = value(0, index, elements) * value(1, index, elements)
                }
            }
            for term in sides.joined() { isKnown[Int(term.wire)] = true }
        }
        return elements.map(\.canonical)
    }

    /// The wires, one after another, that are in constraints of a part and in none before it.
    func newWires(inScope name: String) -> Range<Int> {
        var (isKnown, wires) = ([Bool](repeating: false, count: system.wireCount), [Int]())
        for index in 0..<system.constraintCount {
            let isWithin = builder.scope(of: index) == name
            for term in (0..<3).flatMap({ system.combination($0, of: index) }) where !isKnown[Int(term.wire)]
            {
                isKnown[Int(term.wire)] = true
                if isWithin && term.wire > 0 { wires.append(Int(term.wire)) }
            }
        }
        guard let first = wires.min(), wires.sorted() == Array(first..<(first + wires.count)) else {
            return 0..<0
        }
        return first..<(first + wires.count)
    }

    private func value(_ side: Int, _ index: Int, _ elements: [Scalar]) -> Scalar {
        system.combination(side, of: index).reduce(.zero) { $0 + $1.coefficient * elements[Int($1.wire)] }
    }
}

extension CircuitBuilder {
    /// The values of all wires.
    var limbs: [Scalar.Limbs] {
        let values = witness()
        return (0..<values.count).map { values[$0] }
    }
}
