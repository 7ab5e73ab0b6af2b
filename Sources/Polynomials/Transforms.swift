// SPDX-License-Identifier: Apache-2.0

public import Compute
public import FiniteFields

extension Polynomial {
    /// The values at all points, by one transform.
    ///
    /// The polynomial may have any degree: what is given back is then the evaluation form of its remainder by
    /// Xⁿ − sⁿ.
    ///
    /// - Throws: `.transform` where the transform fails.
    @inlinable
    public func evaluated(
        at points: EvaluationPoints<F>, with ntt: NTT<F>
    ) throws(PolynomialError) -> Evaluations<F> {
        let rest = divided(byVanishingOf: points).remainder.coefficients
        let reversal = BitReversal(bits: points.logSize)
        var values = [F](repeating: .zero, count: points.size)
        for i in rest.indices { values[reversal[i]] = rest[i] }
        try ntt.forward(&values, at: points.kind)
        return Evaluations(unchecked: values, at: points)
    }

    /// The product by three transforms of the least size that holds it.
    ///
    /// - Throws: `.unsupportedSize` where the product has more coefficients than the field has points,
    ///   `.transform` where a transform fails.
    @inlinable
    public func multiplied(by other: Self, with ntt: NTT<F>) throws(PolynomialError) -> Self {
        guard let left = degree, let right = other.degree else { return .zero }
        let points = try EvaluationPoints<F>(atLeast: left + right + 1)
        let product = try evaluated(at: points, with: ntt) * other.evaluated(at: points, with: ntt)
        return try product.interpolated(with: ntt)
    }
}

extension Evaluations {
    /// The polynomial of degree below n with these values, in coefficient form, by one transform.
    ///
    /// - Throws: `.transform` where the transform fails.
    @inlinable
    public func interpolated(with ntt: NTT<F>) throws(PolynomialError) -> Polynomial<F> {
        var coefficients = values
        try ntt.inverse(&coefficients)
        BitReversal(bits: points.logSize).permute(&coefficients)
        if points.kind == .oddCoset, let inverse = points.shift.inverse() {
            // So far these are the coefficients of f(s·X).
            var power = F.one
            for i in coefficients.indices {
                coefficients[i] *= power
                power *= inverse
            }
        }
        return Polynomial(coefficients)
    }
}
