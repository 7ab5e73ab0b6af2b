// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves
import FiniteFields

extension KZG {
    /// The public values of a setup whose secret is τ: what a committer needs, and with it what verifiers
    /// need.
    public struct Setup: Sendable {
        /// τ^i·G1 for i = 0, 1, …, affine, Montgomery form: one for each coefficient that polynomials may
        /// have.
        public let powers: PointTable<Suite.G1>
        /// What verifiers need of the setup: τ·G2.
        public let verifyingKey: VerifyingKey

        /// A setup as it is given: that the points are powers of one τ is `check`'s.
        ///
        /// - Throws: `.unusableSetup` where there are no powers, or the first is not the generator.
        public init(powers: PointTable<Suite.G1>, verifyingKey: VerifyingKey) throws(CommitmentError) {
            guard powers.count > 0 else { throw .unusableSetup("there are no powers of tau") }
            guard powers[0] == .generator else {
                throw .unusableSetup("the powers of tau in G1 do not begin with the generator")
            }
            self.powers = powers
            self.verifyingKey = verifyingKey
        }

        /// The part for polynomials of at most `count` coefficients, which shares the memory.
        ///
        /// - Throws: `.tooFewPowers`, and `.unusableSetup` for no powers at all.
        public func prefix(_ count: Int) throws(CommitmentError) -> Setup {
            guard count <= powers.count else {
                throw .tooFewPowers(needed: count, available: powers.count)
            }
            return try Setup(powers: powers.slice(0..<max(0, count)), verifyingKey: verifyingKey)
        }

        /// Checks that every power is in the group, that none after the first is ±1 (such a τ is a root of
        /// unity that everybody can find), and that each is τ times the one before, for the τ of the
        /// verifying key. What passes is, but for a chance of 2⁻¹²⁸, a setup of one τ. With
        /// a single power there is no τ in G1 that the verifying key could be compared with.
        ///
        /// - Parameters:
        ///   - backend: where the two sums are made.
        ///   - parallel: threads for the checks of single points.
        ///   - generator: unpredictable to whoever made the setup.
        /// - Throws: `.unusableSetup` with what is wrong, `.compute` where the backend fails.
        public func check(
            on backend: any ComputeBackend<Suite>, parallel: Parallel,
            using generator: inout some RandomNumberGenerator
        ) throws(CommitmentError) {
            if let index = KZG.firstInvalid(powers, parallel) {
                throw .unusableSetup("power \(index) of tau in G1 is not a point of the group")
            }
            try checkSequence(on: backend, using: &generator)
        }

        /// The rest of `check`, for points that a reader has found to be in the group.
        package func checkSequence(
            on backend: any ComputeBackend<Suite>, using generator: inout some RandomNumberGenerator
        ) throws(CommitmentError) {
            let count = powers.count - 1
            guard count > 0 else { return }
            let one = powers[0].x
            if let order = (1...count).first(where: { powers[$0].x == one }) {
                throw .unusableSetup("tau is known: its power \(order) is 1 or -1")
            }
            let factors = (0..<count).map { _ in
                var limbs = Suite.Fr.Limbs.zero
                limbs[0] = generator.next()
                limbs[1] = generator.next()
                return limbs
            }
            // Σ rᵢ·Pᵢ and Σ rᵢ·Pᵢ₊₁ differ by the factor τ.
            let low = try Self.sum(powers.slice(0..<count), factors, on: backend)
            let high = try Self.sum(powers.slice(1..<count + 1), factors, on: backend)
            let holds = Suite.isPairingProductOne([
                (low, Suite.prepare(verifyingKey.tau2)), (-high, Suite.prepare(.generator)),
            ])
            guard holds, !low.isIdentity else {
                throw .unusableSetup("the points in G1 are no sequence of powers of the tau in G2")
            }
        }

        private static func sum(
            _ points: PointTable<Suite.G1>, _ factors: [Suite.Fr.Limbs],
            on backend: any ComputeBackend<Suite>
        ) throws(CommitmentError) -> Commitment {
            do throws(ComputeError) {
                return try factors.withUnsafeBufferPointer { factors throws(ComputeError) in
                    try backend.msm(points, factors)
                }
            } catch {
                throw .compute(error)
            }
        }
    }
}
