// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves
public import Failures
import FiniteFields

/// The steps of a proof, in the order in which they run.
public enum ProvingPhase: String, Sendable, CaseIterable, Codable {
    /// The sums over the commitments' points, of keys that have some, and the challenges.
    case commitments
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
    /// The key and the verifier have other numbers of public inputs or of commitments.
    case otherKey
    /// A wire of the witness is not the challenge that its commitment has.
    case challenge(wire: Int, commitment: Int)
    /// The backend could not compute.
    case compute(ComputeError)
    /// The proof that came out does not verify: the witness does not satisfy the circuit, or the key is
    /// damaged.
    case doesNotVerify

    public var code: FailureCode {
        switch self {
        case .witnessLength, .firstWireNotOne, .otherKey: .badInput
        case .compute: .internal
        case .challenge, .doesNotVerify: .unsatisfied
        }
    }

    public var message: String {
        switch self {
        case .witnessLength(let expected, let found):
            "the witness has \(Count.text(found, "value")), but the key needs \(expected): they belong to different circuits"
        case .firstWireNotOne: "wire 0 of the witness is not 1"
        case .otherKey: "the proving key and the verification key are not of one setup"
        case .challenge(let wire, let commitment):
            "wire \(wire) is not the challenge of commitment \(commitment): the witness is of another key, or its challenges are of another hash"
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
        let vk = key.verifyingKey
        let points = BlindedPoints(
            alpha1: vk.alpha1, beta1: key.beta1, delta1: key.delta1, beta2: vk.beta2, delta2: vk.delta2,
            sums: sums, using: &generator)
        return Proof(a: points.a, b: points.b, c: points.c)
    }
}
