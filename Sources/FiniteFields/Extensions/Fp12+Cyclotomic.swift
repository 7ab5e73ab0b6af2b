// SPDX-License-Identifier: Apache-2.0

/// Arithmetic of the cyclotomic subgroup, the elements of order dividing p⁴ − p² + 1.
///
/// Every function here but `isCyclotomic` requires `self` in that subgroup and checks nothing.
extension Fp12 {
    /// True for the elements of the cyclotomic subgroup: f^(p⁴ − p² + 1) = 1.
    public var isCyclotomic: Bool {
        let square = frobeniusSquared()
        return !isZero && square.frobeniusSquared() * self == square
    }

    /// The square, half the price of `squared()`.
    @inlinable
    public func cyclotomicSquared() -> Self {
        var r = self
        Parameters.cyclotomicSquare(&r)
        return r
    }

    /// `self` to the power of the integer that `exponent` expands.
    ///
    /// Inverses are conjugates and free, so signed digits cost no more than unsigned ones.
    ///
    /// - Complexity: one squaring a digit, one product a digit that is not zero, and half the greatest digit
    ///   for a table.
    @inlinable
    public func cyclotomicPower(_ exponent: SignedDigits) -> Self {
        // Odd powers: table[i] = self^(2i + 1).
        var table = [self]
        if exponent.greatest > 1 {
            let square = cyclotomicSquared()
            while 2 * table.count - 1 < exponent.greatest { table.append(table[table.count - 1] * square) }
        }
        var result = Self.one
        var started = false
        for digit in exponent.digits {
            if started { Parameters.cyclotomicSquare(&result) }
            if digit == 0 { continue }
            let entry = table[Int(digit.magnitude) / 2]
            let factor = digit < 0 ? entry.conjugate : entry
            if started { result *= factor } else { result = factor }
            started = true
        }
        return result
    }
}
