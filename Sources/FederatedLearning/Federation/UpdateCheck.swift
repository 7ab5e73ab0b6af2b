// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import Failures
import FiniteFields
import Groth16
import Recursion
import SnarkFormats

extension ClientStatement {
    /// What the proof in an update's file must say.
    ///
    /// - Parameters:
    ///   - update: the hash of its entries.
    ///   - state: the state that its round starts from, whose registry its client is in.
    init(of file: UpdateFile, update: Scalar, from state: ChainState) {
        self.init(
            state: state.hash, model: state.model, update: update, registryRoot: state.registry,
            nullifier: file.nullifier.value, round: state.round, task: state.task)
    }
}

/// The sequencer's check of a round's updates: each is taken, or refused with the reason.
struct UpdateCheck: Sendable {
    let plan: Plan
    let state: ChainState
    let verifier: Verifier<BN254>
    let parallel: Parallel

    /// An update that was taken.
    struct Accepted: Sendable {
        /// Its place among those handed in.
        let index: Int
        let file: UpdateFile
        let update: Update
        let hash: Scalar
        let proof: Proof<BN254>
    }

    /// An update that was not taken.
    struct Refused: Sendable {
        /// Its place among those handed in.
        let index: Int
        let kind: RoundFile.Reason
        /// For whoever checks; it may quote the update.
        let reason: String
    }

    /// - Parameter state: the state that the round starts from.
    init(_ plan: Plan, state: ChainState, verifier: Verifier<BN254>, parallel: Parallel) {
        self.plan = plan
        self.state = state
        self.verifier = verifier
        self.parallel = parallel
    }

    /// Checks updates; proofs as one batch.
    ///
    /// - Parameter generator: unpredictable to the clients.
    /// - Returns: the accepted ones in the order of their nullifiers' keys, the first that were given and at
    ///   most as many as a round has room for; and for each refused one its place and the reason.
    func check(
        _ files: [UpdateFile], using generator: inout some RandomNumberGenerator
    ) -> (accepted: [Accepted], refused: [Refused]) {
        var refused: [Refused] = []
        var candidates: [(own: Accepted, digest: Scalar)] = []
        for (index, file) in files.enumerated() {
            switch examine(file) {
            case .failure(let refusal):
                refused.append(Refused(index: index, kind: refusal.kind, reason: refusal.reason))
            case .success(let (update, proof)):
                let hash = update.hash(plan)
                let statement = ClientStatement(of: file, update: hash, from: state)
                // What is published is what was read: a client's own members and blanks are not passed on.
                var file = file
                file.proof = Groth16JSON.text(proof)
                candidates.append(
                    (
                        Accepted(index: index, file: file, update: update, hash: hash, proof: proof),
                        statement.digest
                    ))
            }
        }
        let verdicts = verifier.verifyBatch(
            candidates.map { ($0.own.proof, [$0.digest.canonical]) }, parallel: parallel, using: &generator)
        var accepted: [Accepted] = []
        var nullifiers: Set<Scalar> = []
        func refuse(_ own: Accepted, _ kind: RoundFile.Reason, _ reason: String) {
            refused.append(Refused(index: own.index, kind: kind, reason: reason))
        }
        for (candidate, verdict) in zip(candidates, verdicts) {
            let own = candidate.own
            if verdict != .valid {
                refuse(own, .invalidProof, "the proof does not hold for this update, client and round")
            } else if !nullifiers.insert(NullifierKey.key(of: own.file.nullifier.value)).inserted {
                refuse(own, .secondUpdate, "a second update of the same client in this round")
            } else if accepted.count == plan.task.clientsPerRound {
                refuse(own, .roundFull, "the round is full")
            } else {
                accepted.append(own)
            }
        }
        accepted.sort { NullifierKey.isLess($0.file.nullifier.value, $1.file.nullifier.value) }
        return (accepted, refused.sorted { $0.index < $1.index })
    }

    private struct Refusal: CodedError {
        let kind: RoundFile.Reason
        let reason: String
        var code: FailureCode { .invalidProof }
        var message: String { reason }
    }

    /// Everything but the proof's equation.
    private func examine(_ file: UpdateFile) -> Result<(Update, Proof<BN254>), Refusal> {
        func refuse(
            _ kind: RoundFile.Reason, _ reason: String
        ) -> Result<(Update, Proof<BN254>), Refusal> {
            .failure(Refusal(kind: kind, reason: reason))
        }
        guard file.task.value == state.task else { return refuse(.otherTask, "it belongs to another task") }
        guard file.round == state.round + 1 else {
            return refuse(.otherRound, "it belongs to round \(file.round), this is round \(state.round + 1)")
        }
        guard file.state.value == state.hash else {
            return refuse(.otherState, "it started from another state than this round's")
        }
        guard let update = Update(flattened: file.entries, plan) else {
            return refuse(
                .entries, "entries: not the task's number (\(plan.weightCount)), or one is out of range")
        }
        guard let proof = Federation.proof(file.proof) else {
            return refuse(.noProof, "proof: no Groth16 proof on BN254")
        }
        guard ProofPoints(proof).haveCoordinates else {
            return refuse(.noProof, "proof: a point is the point at infinity, which no round's proof takes")
        }
        return .success((update, proof))
    }
}
