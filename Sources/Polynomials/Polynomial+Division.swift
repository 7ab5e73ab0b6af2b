// SPDX-License-Identifier: Apache-2.0

public import Compute
public import FiniteFields

extension Polynomial {
    /// Divides by X − root: f = quotient·(X − root) + value, and value is f(root).
    ///
    /// - Complexity: one product a coefficient.
    @inlinable
    public func divided(byRoot root: F) -> (quotient: Self, value: F) {
        guard let last = coefficients.last else { return (.zero, .zero) }
        // Horner's rule, whose intermediate values are the quotient's coefficients.
        var quotient = [F](repeating: .zero, count: coefficients.count - 1)
        var carried = last
        for i in quotient.indices.reversed() {
            quotient[i] = carried
            carried = carried * root + coefficients[i]
        }
        return (Self(quotient), carried)
    }

    /// Divides by Xⁿ − sⁿ, which is zero at the given points: f = quotient·(Xⁿ − sⁿ) + remainder, the
    /// remainder of degree below n.
    ///
    /// The remainder is zero when f is zero at all points, and takes f's values there in any case.
    ///
    /// - Complexity: one sum a coefficient.
    @inlinable
    public func divided(
        byVanishingOf points: EvaluationPoints<F>
    ) -> (quotient: Self, remainder: Self) {
        let n = points.size
        guard coefficients.count > n else { return (.zero, self) }
        let isNegative = points.kind == .oddCoset
        // X^(n + i) is (Xⁿ − sⁿ)·X^i + sⁿ·X^i: from the top, each coefficient moves n places down.
        var rest = coefficients
        for i in (0..<(rest.count - n)).reversed() {
            rest[i] = isNegative ? rest[i] - rest[i + n] : rest[i] + rest[i + n]
        }
        return (Self(Array(rest[n...])), Self(Array(rest[..<n])))
    }
}
