import Circuits
public import Compute
public import Curves
import FiniteFields
public import Groth16

/// The sequencer's check of a round's updates: each is taken, or refused with the reason.
public struct UpdateCheck: Sendable {
    let plan: Plan
    let state: ChainState
    let verifier: Verifier<BN254>
    let parallel: Parallel
    /// The registries that clients may have seen: number of clients and root.
    let registries: [(count: Int, root: Scalar)]

    /// An update that was taken.
    public struct Accepted: Sendable {
        /// Its place among those handed in.
        public let index: Int
        public let file: UpdateFile
        public let update: Update
        public let hash: Scalar
    }

    /// - Parameters:
    ///   - state: the state that the round starts from.
    ///   - registry: the registry, and the least number of its clients that an update may have been made with.
    public init(
        _ plan: Plan, state: ChainState, registry: RegistryFile, since: Int, verifier: Verifier<BN254>,
        parallel: Parallel
    ) {
        self.plan = plan
        self.state = state
        self.verifier = verifier
        self.parallel = parallel
        registries = (min(since, registry.clients.count)...registry.clients.count).map {
            ($0, registry.tree(plan, count: $0).root)
        }
    }

    /// Checks updates; proofs as one batch.
    ///
    /// - Parameter generator: unpredictable to the clients.
    /// - Returns: the accepted ones in the order given, at most as many as a round has room for, all with one registry; the number of clients and
    ///   the root of that; and for each refused one its place and the reason.
    public func check(
        _ files: [UpdateFile], using generator: inout some RandomNumberGenerator
    ) -> (accepted: [Accepted], registry: (count: Int, root: Scalar), refused: [(index: Int, reason: String)])
    {
        var refused: [(index: Int, reason: String)] = []
        var candidates: [(Accepted, Proof<BN254>, Scalar)] = []
        let fitting = files.compactMap { file in registries.last { $0.root == file.registryRoot.value }?.count
        }
        let counts = Dictionary(fitting.map { ($0, 1) }, uniquingKeysWith: +)
        // The registry that most were made with; of several the latest.
        let best = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
        let registry = registries.first { $0.count == best } ?? registries[registries.count - 1]
        for (index, file) in files.enumerated() {
            switch examine(file, registry: registry.root) {
            case .failure(let refusal): refused.append((index, refusal.reason))
            case .success(let (update, proof)):
                let hash = update.hash(plan)
                let statement = ClientStatement(
                    state: state.hash, model: state.model, update: hash, registryRoot: registry.root,
                    nullifier: file.nullifier.value, round: state.round, task: state.task)
                candidates.append(
                    (Accepted(index: index, file: file, update: update, hash: hash), proof, statement.digest))
            }
        }
        let verdicts = verifier.verifyBatch(
            candidates.map { ($0.1, [$0.2.canonical]) }, parallel: parallel, using: &generator)
        var accepted: [Accepted] = []
        var nullifiers: Set<Scalar> = []
        for (candidate, verdict) in zip(candidates, verdicts) {
            let own = candidate.0
            if verdict != .valid {
                refused.append((own.index, "the proof does not hold for this update, client and round"))
            } else if nullifiers.contains(own.file.nullifier.value) {
                refused.append((own.index, "a second update of the same client in this round"))
            } else if accepted.count == plan.task.clientsPerRound {
                refused.append((own.index, "the round is full"))
            } else {
                nullifiers.insert(own.file.nullifier.value)
                accepted.append(own)
            }
        }
        return (accepted, registry, refused.sorted { $0.index < $1.index })
    }

    private struct Refusal: Error { let reason: String }

    /// Everything but the proof's equation.
    private func examine(
        _ file: UpdateFile, registry root: Scalar
    ) -> Result<(Update, Proof<BN254>), Refusal> {
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
        guard file.registryRoot.value == root else {
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
