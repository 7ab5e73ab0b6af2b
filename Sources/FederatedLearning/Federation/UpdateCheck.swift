// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import Failures
import FiniteFields
import Groth16
import SnarkFormats

extension ClientStatement {
    /// What the proof in an update's file must say.
    ///
    /// - Parameters:
    ///   - update: the hash of its entries.
    ///   - state: the state that its round starts from.
    init(of file: UpdateFile, update: Scalar, from state: ChainState) {
        self.init(
            state: state.hash, model: state.model, update: update, registryRoot: file.registryRoot.value,
            nullifier: file.nullifier.value, round: state.round, task: state.task)
    }
}

/// The sequencer's check of a round's updates: each is taken, or refused with the reason.
struct UpdateCheck: Sendable {
    let plan: Plan
    let state: ChainState
    let verifier: Verifier<BN254>
    let parallel: Parallel
    /// The registries that clients may have seen: number of clients and root.
    let registries: [(count: Int, root: Scalar)]

    /// An update that was taken.
    struct Accepted: Sendable {
        /// Its place among those handed in.
        let index: Int
        let file: UpdateFile
        let update: Update
        let hash: Scalar
    }

    /// - Parameters:
    ///   - state: the state that the round starts from.
    ///   - registries: as the property; never empty, and every root once.
    init(
        _ plan: Plan, state: ChainState, registries: [(count: Int, root: Scalar)], verifier: Verifier<BN254>,
        parallel: Parallel
    ) {
        precondition(!registries.isEmpty)
        self.plan = plan
        self.state = state
        self.verifier = verifier
        self.parallel = parallel
        self.registries = registries
    }

    /// Checks updates; proofs as one batch.
    ///
    /// A round is about one registry: that of most updates with a valid proof, of several the latest.
    ///
    /// - Parameter generator: unpredictable to the clients.
    /// - Returns: the accepted ones in the order given, at most as many as a round has room for; the
    ///   registry; and for each refused one its place and the reason.
    func check(
        _ files: [UpdateFile], using generator: inout some RandomNumberGenerator
    ) -> (accepted: [Accepted], registry: (count: Int, root: Scalar), refused: [(index: Int, reason: String)])
    {
        var refused: [(index: Int, reason: String)] = []
        var candidates: [(own: Accepted, proof: Proof<BN254>, digest: Scalar)] = []
        for (index, file) in files.enumerated() {
            switch examine(file) {
            case .failure(let refusal): refused.append((index, refusal.reason))
            case .success(let (update, proof)):
                let hash = update.hash(plan)
                let statement = ClientStatement(of: file, update: hash, from: state)
                // What is published is what was read: a client's own members and blanks are not passed on.
                var file = file
                file.proof = Groth16JSON.text(proof)
                candidates.append(
                    (Accepted(index: index, file: file, update: update, hash: hash), proof, statement.digest))
            }
        }
        let verdicts = verifier.verifyBatch(
            candidates.map { ($0.proof, [$0.digest.canonical]) }, parallel: parallel, using: &generator)
        var valid: [Accepted] = []
        var nullifiers: Set<Scalar> = []
        for (candidate, verdict) in zip(candidates, verdicts) {
            let own = candidate.own
            if verdict != .valid {
                refused.append((own.index, "the proof does not hold for this update, client and round"))
            } else if !nullifiers.insert(own.file.nullifier.value).inserted {
                refused.append((own.index, "a second update of the same client in this round"))
            } else {
                valid.append(own)
            }
        }
        let votes = Dictionary(valid.map { ($0.file.registryRoot.value, 1) }, uniquingKeysWith: +)
        let registry = registries.max { a, b in
            (votes[a.root] ?? 0, a.count) < (votes[b.root] ?? 0, b.count)
        }!
        var accepted: [Accepted] = []
        for own in valid {
            if own.file.registryRoot.value != registry.root {
                refused.append((own.index, "it was made with another registry than this round's"))
            } else if accepted.count == plan.task.clientsPerRound {
                refused.append((own.index, "the round is full"))
            } else {
                accepted.append(own)
            }
        }
        return (accepted, registry, refused.sorted { $0.index < $1.index })
    }

    private struct Refusal: CodedError {
        let reason: String
        var code: FailureCode { .invalidProof }
        var message: String { reason }
    }

    /// Everything but the proof's equation.
    private func examine(_ file: UpdateFile) -> Result<(Update, Proof<BN254>), Refusal> {
        func refuse(_ reason: String) -> Result<(Update, Proof<BN254>), Refusal> {
            .failure(Refusal(reason: reason))
        }
        guard file.task.value == state.task else { return refuse("it belongs to another task") }
        guard file.round == state.round + 1 else {
            return refuse("it belongs to round \(file.round), this is round \(state.round + 1)")
        }
        guard file.state.value == state.hash else {
            return refuse("it started from another model than this round's")
        }
        guard registries.contains(where: { $0.root == file.registryRoot.value }) else {
            return refuse("its client is not in this round's registry: the root is another one")
        }
        guard let update = Update(flattened: file.entries, plan) else {
            return refuse("entries: not the task's number (\(plan.weightCount)), or one is out of range")
        }
        guard let proof = Federation.proof(file.proof) else {
            return refuse("proof: no Groth16 proof on BN254")
        }
        return .success((update, proof))
    }
}
