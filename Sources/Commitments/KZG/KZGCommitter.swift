// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves
import FiniteFields
public import Polynomials

extension KZG {
    /// Commits to polynomials and opens commitments: sums over the setup's powers, on a backend. Safe to use
    /// from several threads.
    public struct Committer: PolynomialCommitter {
        public typealias Scheme = KZG

        /// The powers of τ, one a coefficient.
        public let powers: PointTable<Suite.G1>
        private let backend: any ComputeBackend<Suite>
        private let parallel: Parallel

        /// A committer with the powers of a setup.
        ///
        /// - Parameters:
        ///   - setup: powers of one τ; it is the caller's to check them (`Setup.check`): with others openings
        ///     do not verify.
        ///   - backend: where sums are made.
        ///   - parallel: threads for all else.
        public init(_ setup: Setup, backend: any ComputeBackend<Suite>, parallel: Parallel) {
            powers = setup.powers
            self.backend = backend
            self.parallel = parallel
        }

        public var capacity: Int { powers.count }

        /// f(τ)·G1.
        ///
        /// - Complexity: one sum over as many powers as there are coefficients.
        /// - Throws: `.tooManyCoefficients` above `capacity`, `.compute` where the backend fails.
        public func commit(_ polynomial: Polynomial<Suite.Fr>) throws(CommitmentError) -> Commitment {
            let count = polynomial.coefficients.count
            guard count <= powers.count else {
                throw .tooManyCoefficients(coefficients: count, bases: powers.count)
            }
            guard count > 0 else { return .identity }
            let bases = powers.slice(0..<count)
            do throws(ComputeError) {
                return try KZG.scalars(polynomial, parallel).withElements {
                    scalars throws(ComputeError) in
                    try backend.msm(bases, scalars)
                }
            } catch {
                throw .compute(error)
            }
        }

        /// f(z), with q(τ)·G1 for q = (f − f(z))/(X − z).
        ///
        /// - Complexity: one product a coefficient, and a sum as `commit`'s.
        /// - Throws: as `commit`.
        public func open(
            _ polynomial: Polynomial<Suite.Fr>, at point: Suite.Fr
        ) throws(CommitmentError) -> Opening<KZG> {
            let count = polynomial.coefficients.count
            guard count <= powers.count else {
                throw .tooManyCoefficients(coefficients: count, bases: powers.count)
            }
            let (quotient, value) = KZG.quotient(polynomial, at: point)
            return Opening(point: point, value: value, proof: try commit(quotient))
        }
    }
}
