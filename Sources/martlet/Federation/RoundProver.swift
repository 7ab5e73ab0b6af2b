// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import Failures
import FederatedLearning
import FiniteFields
import Groth16
import Recursion
import SnarkFormats

/// Makes the proof of a round: leaves, nodes, the round, and what wraps it. Proofs of one level are made side
/// by side where a queue has workers.
struct RoundProver {
    private let federation: Federation
    private let prover: FederationProver
    private let parallel: Parallel

    init(_ federation: Federation, _ prover: FederationProver, _ parallel: Parallel) {
        self.federation = federation
        self.prover = prover
        self.parallel = parallel
    }

    private var plan: Plan { federation.plan }

    /// - Returns: the text of proof.json.
    func prove(_ round: Federation.OpenRound) async throws -> String {
        guard plan.task.settlement != .attested else {
            let values = RoundCircuit(plan, nil).build(.witness, round.witness, [], nil, parallel)
            return try await prover.prove(values, zkey: federation.keyPath(.round))
        }
        var (proofs, below) = (round.proofs, FederationCircuit.client)
        for (level, groups) in round.witness.groups(plan).enumerated() {
            let circuit = level == 0 ? FederationCircuit.leaf : .node
            let own = GroupCircuit(plan, level: level, try federation.constantKey(below))
            let members = proofs
            let places = plan.shape.places[level]
            let texts = try await prover.prove(groups.count, zkey: federation.keyPath(circuit)) {
                index, challenger in
                Console.progress("\(circuit.rawValue) \(index + 1) of \(groups.count)")
                let start = index * places
                return own.build(
                    .witness, groups[index],
                    Array(members[start..<min(start + places, members.count)]), challenger, parallel)
            }
            proofs = try zip(texts, groups).map { text, group in
                try verified(text, [group.statement.digest], circuit)
            }
            below = circuit
        }
        let own = RoundCircuit(plan, try federation.constantKey(below))
        let members = proofs
        let text = try await prover.prove(1, zkey: federation.keyPath(.round)) { _, challenger in
            Console.progress("the round's circuit")
            return own.build(.witness, round.witness, members, challenger, parallel)
        }[0]
        guard plan.task.settlement == .plain else { return text }
        let next = round.next.state
        let publics = [round.witness.state.hash, next.hash, next.registry]
        guard let proof = try verified(text, publics, .round).committed else {
            preconditionFailure("the key has a commitment")
        }
        Console.progress("the wrap's circuit")
        let values = ProofWrap(try federation.constantKey(.round)).build(
            .witness, (proof, publics), parallel)
        return try await prover.prove(values, zkey: federation.keyPath(.wrap))
    }

    /// A proof, which is to be verified in a circuit: where that fails nobody could tell why.
    private func verified(
        _ text: String, _ publicInputs: [Scalar], _ circuit: FederationCircuit
    ) throws -> MemberProof {
        let proof = try Groth16Files.proof(
            MappedFile(copying: Array(text.utf8), name: "the proof of the \(circuit.rawValue)"),
            of: BN254.self)
        guard case .committed(let key) = try federation.verifyingKey(circuit),
            case .committed(let own) = proof,
            CommittedVerifier(key).verify(
                own, publicInputs: publicInputs.map(\.canonical), parallel: parallel) == .valid
        else {
            throw JobFailure(
                code: .invalidProof,
                message:
                    "\(federation.keyPath(circuit)): a proof made with it does not hold: it is not the key of this task's circuit, or \(federation.verifyingKeyPath(circuit)) is not its verification key"
            )
        }
        return proof
    }
}
