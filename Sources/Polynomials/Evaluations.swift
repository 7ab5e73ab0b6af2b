// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A polynomial of degree below n over a prime field in evaluation form: its values at n = 2^k points.
///
/// Values are in Montgomery form; entry i belongs to point s·ω^i. Operations run on the calling thread, and
/// not in constant time.
public struct Evaluations<F: PrimeField>: Hashable, Sendable {
    /// Where the values are taken.
    public let points: EvaluationPoints<F>
    /// The value at each point.
    public let values: [F]

    /// The polynomial of degree below n with these values.
    ///
    /// - Throws: `.valueCount` unless there is one value a point.
    @inlinable
    public init(_ values: [F], at points: EvaluationPoints<F>) throws(PolynomialError) {
        guard values.count == points.size else {
            throw .valueCount(expected: points.size, found: values.count)
        }
        self.init(unchecked: values, at: points)
    }

    @inlinable
    init(unchecked values: [F], at points: EvaluationPoints<F>) {
        self.points = points
        self.values = values
    }

    /// The sum of the polynomials.
    ///
    /// - Throws: `.differentPoints`.
    @inlinable
    public static func + (a: Self, b: Self) throws(PolynomialError) -> Self { try a.combined(b) { $0 + $1 } }

    /// The difference of the polynomials.
    ///
    /// - Throws: `.differentPoints`.
    @inlinable
    public static func - (a: Self, b: Self) throws(PolynomialError) -> Self { try a.combined(b) { $0 - $1 } }

    /// The products of the values: the product of the polynomials where its degree is below n, else its
    /// remainder by Xⁿ − sⁿ.
    ///
    /// - Throws: `.differentPoints`.
    @inlinable
    public static func * (a: Self, b: Self) throws(PolynomialError) -> Self { try a.combined(b) { $0 * $1 } }

    /// The polynomial with every value times `factor`.
    @inlinable
    public static func * (a: Self, factor: F) -> Self {
        Self(unchecked: a.values.map { $0 * factor }, at: a.points)
    }

    @inlinable
    func combined(_ other: Self, _ operation: (F, F) -> F) throws(PolynomialError) -> Self {
        guard points == other.points else { throw .differentPoints }
        var result = values
        for i in result.indices { result[i] = operation(result[i], other.values[i]) }
        return Self(unchecked: result, at: points)
    }

    /// The value at any `x`, by the barycentric formula.
    ///
    /// - Complexity: seven products a point and one inversion.
    /// - Reference: Berrut and Trefethen 2004, "Barycentric Lagrange interpolation", §3.
    @inlinable
    public func evaluated(at x: F) -> F {
        var sum = F.zero
        for (value, coefficient) in zip(values, points.lagrangeCoefficients(at: x)) {
            sum += value * coefficient
        }
        return sum
    }

    /// Divides by X − root after taking the value there off: f = quotient·(X − root) + value, and value is
    /// f(root). The root may be one of the points.
    ///
    /// - Complexity: twelve products a point and two inversions.
    /// - Reference: Feist 2021, "PCS multiproofs using random evaluation", on dividing where the divisor is
    ///   zero at a point.
    @inlinable
    public func divided(byRoot root: F) -> (quotient: Self, value: F) {
        let value = evaluated(at: root)
        let all = points.all
        // Where the root is a point its difference is zero, and stays so.
        var quotient = all.map { $0 - root }
        F.batchInvert(&quotient)
        var own: Int?
        for i in all.indices {
            if all[i] == root { own = i }
            quotient[i] *= values[i] - value
        }
        // There the quotient is f's derivative: Σ (f(eᵢ) − f(e))·eᵢ/(e·(e − eᵢ)) over all other points eᵢ.
        if let own, let inverse = root.inverse() {
            var sum = F.zero
            for i in all.indices where i != own { sum -= quotient[i] * all[i] }
            quotient[own] = sum * inverse
        }
        return (Self(unchecked: quotient, at: points), value)
    }

    /// Divides the values by those of X^m − t^m, which is zero at the m points of `divisor`: the quotient
    /// where that polynomial divides this one.
    ///
    /// On the points of `divisor` itself there is nothing to divide: take a coset, or coefficients
    /// (`Polynomial.divided(byVanishingOf:)`).
    ///
    /// - Throws: `.divisorIsZero` with the first point that is one of the divisor's.
    @inlinable
    public func divided(byVanishingOf divisor: EvaluationPoints<F>) throws(PolynomialError) -> Self {
        // (s·ω^i)^m takes n/m values in turn, or a single one.
        let period = max(1, points.size >> divisor.logSize)
        var point = points.shift
        var inverses: [F] = []
        for index in 0..<period {
            let value = divisor.vanishing(at: point)
            guard !value.isZero else { throw .divisorIsZero(index: index) }
            inverses.append(value)
            point *= points.generator
        }
        F.batchInvert(&inverses)
        var result = values
        for i in result.indices { result[i] *= inverses[i & (period - 1)] }
        return Self(unchecked: result, at: points)
    }
}
