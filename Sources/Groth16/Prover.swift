// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves
public import Failures
import FiniteFields

/// The steps of a proof, in the order in which they run.
public enum ProvingPhase: String, Sendable, CaseIterable, Codable {
    /// The scalars of the key's H points.
    case quotient
    /// The sum over the key's H points.
    case msmH
    /// The sums over the witness: A, B1, B2 and C.
    case msmWitness
    /// The check of the proof.
    case verify

    init(_ stage: Groth16Stage) {
        switch stage {
        case .quotient: self = .quotient
        case .msmH: self = .msmH
        case .msmWitness: self = .msmWitness
        }
    }
}

/// Why no proof was made.
public enum ProvingError: CodedError, Equatable {
    /// The witness has another number of values than the key has wires.
    case witnessLength(expected: Int, found: Int)
    /// Wire 0 of the witness is not 1.
    case firstWireNotOne
    /// The backend could not compute.
    case compute(ComputeError)
    /// The proof that came out does not verify: the witness does not satisfy the circuit, or the key is
    /// damaged.
    case doesNotVerify

    public var code: FailureCode {
        switch self {
        case .witnessLength, .firstWireNotOne: .badInput
        case .compute: .internal
        case .doesNotVerify: .unsatisfied
        }
    }

    public var message: String {
        switch self {
        case .witnessLength(let expected, let found):
            "the witness has \(Count.text(found, "value")), but the key needs \(expected): they belong to different circuits"
        case .firstWireNotOne: "wire 0 of the witness is not 1"
        case .compute(let error): error.message
        case .doesNotVerify:
            "the witness does not satisfy the circuit (or the key is damaged), so its proof does not verify"
        }
    }
}

/// Makes Groth16 proofs on a backend and lets none go that does not verify.
///
/// - Reference: Groth 2016, §3.2; the quotient in snarkjs' odd-coset form (see `ProvingKey.h`).
public struct Prover<Backend: Groth16Backend>: Sendable {
    /// The curve of the keys and proofs.
    public typealias Suite = Backend.Suite

    /// What computes the sums and transforms.
    public let backend: Backend
    /// Threads for the final check.
    public let parallel: Parallel

    /// A prover, which keeps nothing of keys or witnesses.
    ///
    /// - Parameters:
    ///   - backend: what computes the sums and transforms.
    ///   - parallel: threads for the part that is not the backend's: the final check.
    public init(backend: Backend, parallel: Parallel) {
        self.backend = backend
        self.parallel = parallel
    }

    /// Proves that a witness satisfies the key's circuit, and verifies the proof.
    ///
    /// The blinding factors r and s are full-width field elements. The backend's computations are
    /// variable-time in the witness.
    ///
    /// - Parameters:
    ///   - key: the circuit's proving key.
    ///   - verifier: a verifier of this key's verifying key.
    ///   - witness: canonical, one value a wire.
    ///   - generator: where r and s come from. It must be cryptographically secure: the proof
    ///     is zero-knowledge only when they are fresh and secret.
    ///   - observe: called before each phase.
    /// - Throws: `ProvingError`; an unsatisfied witness is `.doesNotVerify`.
    public func prove(
        key: ProvingKey<Suite>, verifier: Verifier<Suite>, witness: SecretScalars<Suite.Fr>,
        using generator: inout some RandomNumberGenerator, observe: (ProvingPhase) -> Void = { _ in }
    ) throws(ProvingError) -> Proof<Suite> {
        guard witness.count == key.variableCount else {
            throw .witnessLength(expected: key.variableCount, found: witness.count)
        }
        guard witness[0] == Suite.Fr.one.canonical else { throw .firstWireNotOne }
        let proof: Proof<Suite>
        do {
            proof = try witness.withElements { elements throws(ComputeError) in
                try assemble(key: key, witness: elements, using: &generator, observe: observe)
            }
        } catch {
            throw .compute(error)
        }
        observe(.verify)
        let publics = (1..<key.publicCount + 1).map { witness[$0] }
        guard verifier.verify(proof, publicInputs: publics, parallel: parallel) == .valid else {
            throw .doesNotVerify
        }
        return proof
    }

    private func assemble(
        key: ProvingKey<Suite>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        using generator: inout some RandomNumberGenerator, observe: (ProvingPhase) -> Void
    ) throws(ComputeError) -> Proof<Suite> {
        let sums = try backend.groth16Sums(key.tables, witness: witness) { observe(ProvingPhase($0)) }
        let (h, w) = (sums.h, sums.witness)

        let r = Suite.Fr.random(using: &generator)
        let s = Suite.Fr.random(using: &generator)
        let one = Suite.Fr.one
        let vk = key.verifyingKey
        let proofA = sum([vk.alpha1, w.a, key.delta1], times: [one, one, r])
        let blindedB1 = sum([key.beta1, w.b1, key.delta1], times: [one, one, s])
        let proofB = sum([vk.beta2, w.b2, vk.delta2], times: [one, one, s])
        let proofC = sum([w.c, h, proofA, blindedB1, key.delta1], times: [one, one, s, r, -(r * s)])
        return Proof(a: proofA, b: proofB, c: proofC)
    }

    // A handful of points: always on the CPU.
    private func sum<Group: ComputeGroup>(
        _ points: [Affine<Group>], times scalars: [Suite.Fr]
    ) -> Affine<Group> where Group.Scalar == Suite.Fr {
        let secret = SecretScalars<Suite.Fr>(scalars.map(\.canonical))
        return secret.withElements { Group.cpuMSM(PointTable(points), $0, Parallel(threads: 1)) }
    }
}
