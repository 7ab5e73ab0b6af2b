// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

extension CircuitBuilder {
    /// 1, x, x² … of `count` powers: count − 2 constraints.
    public func challengePowers(_ x: Linear, count: Int) -> [Linear] {
        var powers = [Linear.one, x]
        while powers.count < count { powers.append(multiply(powers[powers.count - 1], x)) }
        return Array(powers.prefix(count))
    }

    /// Demands A·B = C by Freivalds' check: A·(B·r) = C·r for r = (1, x, x² …). With A n×k, B k×m and C n×m
    /// that is k·(m − 1) + n·(m − 1) + n·k + m − 2 constraints instead of n·k·m.
    ///
    /// Sound when `challenge` is a hash of all of A, B and C: were A·B ≠ C, some row of the difference would
    /// be a polynomial of degree m − 1 that vanishes at x, which happens with probability below m / 2^253.
    ///
    /// - Precondition: the shapes fit, and none is empty.
    /// - Reference: Freivalds 1977, "Probabilistic machines can use less running time".
    public func enforceProduct(
        _ a: Matrix<Linear>, _ b: Matrix<Linear>, equals c: Matrix<Linear>, challenge: Linear
    ) {
        precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
        precondition(a.rows > 0 && a.columns > 0 && b.columns > 0)
        let powers = challengePowers(challenge, count: b.columns)
        let folded = (0..<b.rows).map { fold(b, row: $0, powers) }
        for row in 0..<a.rows {
            var rest = fold(c, row: row, powers)
            for inner in 0..<(a.columns - 1) { rest -= multiply(a[row, inner], folded[inner]) }
            enforce(a[row, a.columns - 1], times: folded[a.columns - 1], equals: rest)
        }
    }

    /// Σⱼ rowⱼ·powersⱼ; the first power is one.
    private func fold(_ matrix: Matrix<Linear>, row: Int, _ powers: [Linear]) -> Linear {
        (1..<matrix.columns).reduce(into: matrix[row, 0]) { $0 += multiply(matrix[row, $1], powers[$1]) }
    }

    /// Σ xᵢ²: one constraint an entry.
    public func squaredNorm(_ x: [Linear]) -> Linear { x.map { multiply($0, $0) }.sum() }

    /// Demands Σ xᵢ² ≤ bound, where bound − Σ xᵢ² < 2^bits: one constraint an entry and one a bit.
    ///
    /// - Precondition: the entries are range-checked, so that their squares' sum is below the group order.
    public func enforceSquaredNorm(_ x: [Linear], atMost bound: Linear, bits: Int) {
        enforceAtMost(squaredNorm(x), bound, bits: bits)
    }
}
