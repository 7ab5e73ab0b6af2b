// SPDX-License-Identifier: Apache-2.0

import FiniteFields

/// The polynomials whose values at the secrets are what the rounds leave of the commitment keys: Π (1 +
/// fⱼ·X^(2^(k−1−j))) over the rounds j.
struct KeyPolynomial<Scalar: PrimeField> {
    /// The factor of each round.
    let factors: [Scalar]
    /// The power of X before the product: 0 for v, n for w.
    let shift: Int

    /// For v, whose second half counts 1/x times.
    init(v challenges: [(x: Scalar, inverse: Scalar)]) {
        factors = challenges.map(\.inverse)
        shift = 0
    }

    /// For w, whose entry i is scaled by r⁻ⁱ, and whose second half counts x times.
    init(w challenges: [(x: Scalar, inverse: Scalar)], inverseR: Scalar) {
        let powers = Self.squarings(of: inverseR, challenges.count)
        factors = zip(challenges, powers.reversed()).map { $0.x * $1 }
        shift = 1 << challenges.count
    }

    /// y, y², y⁴, … of the given number.
    static func squarings(of y: Scalar, _ count: Int) -> [Scalar] {
        var result = [y]
        while result.count < count { result.append(result[result.count - 1].squared()) }
        return result
    }

    /// The coefficients, the lowest first.
    var coefficients: [Scalar] {
        factors.reversed().reduce([.one]) { low, factor in low + low.map { $0 * factor } }
    }

    func value(at z: Scalar) -> Scalar {
        let powers = Self.squarings(of: z, factors.count)
        let product = zip(factors, powers.reversed()).reduce(Scalar.one) { $0 * (.one + $1.0 * $1.1) }
        return product * z.power(UInt64(shift))
    }

    /// The coefficients of (f(X) − f(z))/(X − z), the lowest first.
    func quotient(at z: Scalar) -> [Scalar] {
        let all = [Scalar](repeating: .zero, count: shift) + coefficients
        var quotient = [Scalar](repeating: .zero, count: all.count - 1)
        var carried = Scalar.zero
        for index in quotient.indices.reversed() {
            carried = all[index + 1] + carried * z
            quotient[index] = carried
        }
        return quotient
    }
}
