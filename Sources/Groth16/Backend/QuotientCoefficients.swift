// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import FiniteFields

/// What the inverse transform of A·B − C on the odd coset is multiplied by for the coefficients of
/// (A·B − C)/(Xⁿ − 1): all values by one factor, and the value at position i by one root for each bit k of
/// i, together by −ω^(−j)/2, where j is i with its bits reversed.
///
/// On the odd powers of the doubled domain's root ω Xⁿ − 1 is −2, and what the inverse transform makes of
/// values there is the coefficient of Xʲ times ωʲ.
package struct QuotientFactors<Scalar: PrimeField> {
    package let common: Scalar
    /// One for each bit of a position, the lowest first.
    package let ofBits: [Scalar]

    /// - Precondition: logDomainSize < Scalar.twoAdicity.
    package init(logDomainSize: Int) {
        let root = EvaluationDomain<Scalar>.root(log: logDomainSize + 1).inverse() ?? .one
        common = -(Scalar(2).inverse() ?? .one)
        // Bit k of the position is bit log − 1 − k of the index.
        ofBits = (0..<logDomainSize).map { k in
            (k..<logDomainSize - 1).reduce(root) { root, _ in root.squared() }
        }
    }
}

/// From the values that `Groth16Backend.quotient` gives to those of `quotientCoefficients`.
enum QuotientCoefficients<Suite: ComputeSuite> {
    typealias Scalar = Suite.Fr

    /// Replaces the values by the coefficients, canonical both: transform and factors are linear, so these,
    /// which are in Montgomery form, may take canonical integers for Montgomery forms.
    ///
    /// - Parameter inverseNTT: see `ComputeBackend`.
    static func replace<Failure: Error>(
        _ values: SecretScalars<Scalar>, logDomainSize: Int,
        by inverseNTT: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Void
    ) throws(Failure) {
        try values.withUnsafeMutableElements { limbs throws(Failure) in
            try limbs.withMemoryRebound(to: Scalar.self) { values throws(Failure) in
                try inverseNTT(values)
                if Groth16.scale(Suite.id, values, logDomainSize) == nil { scale(values, logDomainSize) }
            }
        }
    }

    fileprivate static func scale(_ values: UnsafeMutableBufferPointer<Scalar>, _ logDomainSize: Int) {
        let factors = QuotientFactors<Scalar>(logDomainSize: logDomainSize)
        let (common, roots) = (factors.common, factors.ofBits)
        Parallel.allCores.forEachRange(values.count, minimum: 4096) { range in
            for i in range {
                var (value, bits) = (values[i] * common, i)
                while bits != 0 {
                    value *= roots[bits.trailingZeroBitCount]
                    bits &= bits - 1
                }
                values[i] = value
            }
        }
    }
}

// The loop, compiled for each curve of the list; see `Quotient`.

private func scale(_ curve: CurveID, _ values: Any, _ logDomainSize: Int) -> Void? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { scale(on: $0, values, logDomainSize) }
}

private func scale<Suite: ComputeSuite>(on _: Suite.Type, _ values: Any, _ logDomainSize: Int) -> Void? {
    (values as? UnsafeMutableBufferPointer<Suite.Fr>).map {
        QuotientCoefficients<Suite>.scale($0, logDomainSize)
    }
}
