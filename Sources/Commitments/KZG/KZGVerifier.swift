// SPDX-License-Identifier: Apache-2.0

import Curves
public import EllipticCurves
import FiniteFields

extension KZG {
    /// Checks openings: e(C − y·G1, G2) = e(π, τ·G2 − z·G2). Deterministic, and safe to use from several
    /// threads.
    public struct Verifier: OpeningVerifier {
        public typealias Scheme = KZG

        /// The key that openings are checked with.
        public let key: VerifyingKey
        private let generator: Suite.PreparedG2
        private let tau: Suite.PreparedG2

        /// Prepares the key's points.
        public init(_ key: VerifyingKey) {
            self.key = key
            generator = Suite.prepare(.generator)
            tau = Suite.prepare(key.tau2)
        }

        /// Checks that commitment and proof are in G1, the subgroup of order r, and then the equation as e(C
        /// − y·G1 + z·π, G2)·e(−π, τ·G2) = 1, so that both points of G2 are fixed.
        ///
        /// - Complexity: two products in G1 and two pairings.
        public func verify(_ commitment: Commitment, _ opening: Opening<KZG>) -> OpeningVerdict {
            guard commitment.isValid else { return .invalidCommitment }
            guard opening.proof.isValid else { return .invalidProof }
            let claim = KZG.claim(commitment, opening)
            let holds = Suite.isPairingProductOne([(claim, generator), (-opening.proof, tau)])
            return holds ? .valid : .equationFails
        }
    }
}
