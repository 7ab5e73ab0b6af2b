// SPDX-License-Identifier: Apache-2.0

public import Compute
import Curves
import EllipticCurves
import FiniteFields

/// Powers of tau whose secrets this process draws and forgets. **Insecure**, as keys for development are: for
/// tests and measurements.
public enum DevelopmentPowers<Suite: ComputeSuite> {
    /// Powers for circuits of up to 2^power rows.
    ///
    /// - Parameters:
    ///   - power: log₂ of the rows.
    ///   - parallel: threads for the work.
    ///   - generator: where the secrets come from.
    ///   - observe: called with the name of each part as it begins.
    /// - Precondition: the field has a domain of 2^(power + 1).
    public static func prepared(
        power: Int, parallel: Parallel, using generator: inout some RandomNumberGenerator,
        observe: (String) -> Void = { _ in }
    ) -> PreparedPowers<Suite> {
        typealias Scalar = Suite.Fr
        precondition(power >= 0 && power + 1 <= Scalar.twoAdicity)
        let secrets = Groth16Setup<Suite>.Secrets(using: &generator)
        let n = 1 << power
        observe("powers")
        var powers: [Scalar] = [.one]
        powers.reserveCapacity(2 * n)
        while powers.count < 2 * n { powers.append(powers[powers.count - 1] * secrets.tau) }
        var bases = (0...power).flatMap { Groth16Setup<Suite>.lagrange(log: $0, at: secrets.tau) }
        let (alphas, betas) = (bases.map { $0 * secrets.alpha }, bases.map { $0 * secrets.beta })
        let single = bases
        // The powers end with τ^(2n − 2), so the basis of 2n lacks what τ^(2n − 1) would bring: ω^j/2n of it.
        let root = EvaluationDomain<Scalar>.root(log: power + 1)
        var lacking = powers[2 * n - 1] * (Scalar(UInt64(2 * n)).inverse() ?? .zero)
        for value in Groth16Setup<Suite>.lagrange(log: power + 1, at: secrets.tau) {
            bases.append(value - lacking)
            lacking *= root
        }
        let first = powers[..<n]
        let one = Suite.G2.cpuMultiplyGenerator(by: [secrets.beta], parallel)
        let tau1 = Suite.G1.cpuMultiplyGenerator(by: Array(powers[..<(2 * n - 1)]), parallel)
        let tau2 = Suite.G2.cpuMultiplyGenerator(by: Array(first), parallel)
        let alphaTau1 = Suite.G1.cpuMultiplyGenerator(by: first.map { $0 * secrets.alpha }, parallel)
        let betaTau1 = Suite.G1.cpuMultiplyGenerator(by: first.map { $0 * secrets.beta }, parallel)
        observe("Lagrange bases")
        return PreparedPowers(
            tau1: tau1, tau2: tau2, alphaTau1: alphaTau1, betaTau1: betaTau1, beta2: one[0],
            lagrangeTau1: Suite.G1.cpuMultiplyGenerator(by: bases, parallel),
            lagrangeTau2: Suite.G2.cpuMultiplyGenerator(by: single, parallel),
            lagrangeAlphaTau1: Suite.G1.cpuMultiplyGenerator(by: alphas, parallel),
            lagrangeBetaTau1: Suite.G1.cpuMultiplyGenerator(by: betas, parallel))
    }
}
