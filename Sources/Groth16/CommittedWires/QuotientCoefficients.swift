// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields

/// The coefficients of (A·B − C)/(Xⁿ − 1), in place of the values of A·B − C that `Groth16Backend.quotient`
/// gives.
enum QuotientCoefficients<Suite: ComputeSuite> {
    /// In bit-reversed order, canonical.
    ///
    /// On the odd powers of the doubled domain's root ω Xⁿ − 1 is −2. What the inverse transform makes of the
    /// values is the coefficient of Xʲ times ωʲ.
    static func scalars<Backend: Groth16Backend>(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int, on backend: Backend
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> where Backend.Suite == Suite {
        let values = try backend.quotient(matrices, witness: witness, logDomainSize: logDomainSize)
        try withValues(of: values) { values throws(ComputeError) in
            if Groth16.enter(Suite.id, values, logDomainSize) == nil { enter(values) }
            try backend.inverseNTT(values)
            if Groth16.leave(Suite.id, values, logDomainSize) == nil { leave(values, logDomainSize) }
        }
        return values
    }

    /// Canonical to Montgomery form.
    fileprivate static func enter(_ values: UnsafeMutableBufferPointer<Suite.Fr>) {
        Parallel.allCores.forEachRange(values.count, minimum: 4096) { range in
            for i in range { values[i] = Suite.Fr(canonical: values[i].montgomery) ?? .zero }
        }
    }

    /// Times −ω^(−j)/2, and back to canonical.
    fileprivate static func leave(_ values: UnsafeMutableBufferPointer<Suite.Fr>, _ logDomainSize: Int) {
        let root = EvaluationDomain<Suite.Fr>.root(log: logDomainSize + 1).inverse() ?? .one
        // Bit k of the index in order is bit log − 1 − k of the position.
        let roots = (0..<logDomainSize).map { k in
            (k..<logDomainSize - 1).reduce(root) { root, _ in root.squared() }
        }
        let factor = -(Suite.Fr(2).inverse() ?? .one)
        Parallel.allCores.forEachRange(values.count, minimum: 4096) { range in
            for i in range {
                var (value, bits) = (values[i] * factor, i)
                while bits != 0 {
                    value *= roots[bits.trailingZeroBitCount]
                    bits &= bits - 1
                }
                values[i] = Suite.Fr(montgomery: value.canonical)
            }
        }
    }

    private static func withValues<Failure: Error>(
        of scalars: SecretScalars<Suite.Fr>,
        _ body: (UnsafeMutableBufferPointer<Suite.Fr>) throws(Failure) -> Void
    ) throws(Failure) {
        try scalars.withUnsafeMutableElements { limbs throws(Failure) in
            try limbs.withMemoryRebound(to: Suite.Fr.self) { values throws(Failure) in try body(values) }
        }
    }
}

// The loops, compiled for each curve of the list; see `Quotient`.

private func enter(_ curve: CurveID, _ values: Any, _: Int) -> Void? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { enter(on: $0, values) }
}

private func leave(_ curve: CurveID, _ values: Any, _ logDomainSize: Int) -> Void? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { leave(on: $0, values, logDomainSize) }
}

private func enter<Suite: ComputeSuite>(on _: Suite.Type, _ values: Any) -> Void? {
    (values as? UnsafeMutableBufferPointer<Suite.Fr>).map { QuotientCoefficients<Suite>.enter($0) }
}

private func leave<Suite: ComputeSuite>(on _: Suite.Type, _ values: Any, _ logDomainSize: Int) -> Void? {
    (values as? UnsafeMutableBufferPointer<Suite.Fr>).map {
        QuotientCoefficients<Suite>.leave($0, logDomainSize)
    }
}
