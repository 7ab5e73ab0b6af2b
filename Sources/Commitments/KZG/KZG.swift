// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves

/// The commitments of Kate, Zaverucha and Goldberg over the pairing of one curve: a commitment to f is
/// f(τ)·G1 for a τ that nobody knows.
///
/// The proof that f(z) = y is q(τ)·G1 for the quotient q = (f − y)/(X − z). Commitments and proofs are one
/// point of G1 each, affine; that of the zero polynomial is the identity. Both are deterministic and hide
/// nothing.
///
/// ```swift
/// import SnarkFormats  // reads the setup's file
///
/// let setup = try KZG<BN254>.Setup(ptau, count: 1 << 10, parallel: parallel, using: &generator)
/// let committer = KZG.Committer(setup, backend: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
/// let commitment = try committer.commit(f)
/// let opening = try committer.open(f, at: z)
/// KZG.Verifier(setup.verifyingKey).verify(commitment, opening) == .valid
/// ```
///
/// - Reference: Kate, Zaverucha and Goldberg 2010, "Constant-size commitments to polynomials and their
///   applications", §3.2 (PolyCommit-DL).
public enum KZG<Suite: ComputeSuite>: CommitmentScheme {
    public typealias Scalar = Suite.Fr
    public typealias Commitment = Affine<Suite.G1>
    public typealias Proof = Affine<Suite.G1>
}

extension KZG {
    /// The part of a setup that verifiers need: τ·G2. The generators are the standard ones of the groups.
    public struct VerifyingKey: Hashable, Sendable {
        /// τ·G2, affine, Montgomery form.
        public let tau2: Affine<Suite.G2>

        /// The key for a τ, whose point is checked.
        ///
        /// - Throws: `.unusableSetup` for what is not in G2, and for a τ that is 0, 1 or −1.
        public init(tau2: Affine<Suite.G2>) throws(CommitmentError) {
            guard tau2.isValid else { throw .unusableSetup("tau in G2 is not a point of the group") }
            guard !tau2.isIdentity else { throw .unusableSetup("tau is zero") }
            guard tau2 != .generator, -tau2 != .generator else { throw .unusableSetup("tau is 1 or -1") }
            self.tau2 = tau2
        }
    }
}
