// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields

extension PlonkRun {
    /// ω₄ₙ^coset, and its n-th power, a power of i = ω₄.
    private func shift(_ coset: Int) -> (root: F, power: F) {
        let root = omega4.power(coset)
        return (root, (0..<key.verifyingKey.logDomainSize).reduce(root) { power, _ in power.squared() })
    }

    /// The coefficients of f(s·X) modulo Xⁿ − 1, for the coset's shift s.
    func fold(_ polynomial: Vector, coset: Int, into result: UnsafeMutableBufferPointer<F>) {
        let (root, _) = shift(coset)
        let result = UncheckedSendable(result)
        parallel.forEachRange(n, minimum: Self.grain) { range in
            var factor = root.power(range.lowerBound)
            for index in range {
                result.value[index] = polynomial[index] * factor
                factor *= root
            }
        }
        var factor = root.power(n)
        for index in n..<max(n, polynomial.count) {
            result.value[index % n] += polynomial[index] * factor
            factor *= root
        }
    }

    /// The six highest coefficients of t, of 3n + 6, the lowest first.
    ///
    /// N = t·(Xⁿ − 1) has degree 4n + 5, and its coefficients from 4n on are those of the permutation's
    /// products alone, for two or more rows: t[k − n] = N[k] + t[k].
    func topCoefficients(_ challenges: PlonkChallenges<Suite>) -> [F] {
        let (beta, gamma) = (challenges.beta, challenges.gamma)
        let key = key.verifyingKey
        let tables = [self.key.s1, self.key.s2, self.key.s3]
        // The six highest coefficients of a factor of degree `degree`, the highest first.
        func top(_ degree: Int, _ coefficient: (Int) -> F) -> [F] {
            (0..<6).map { $0 <= degree ? coefficient(degree - $0) : .zero }
        }
        func product(_ factors: [[F]]) -> [F] {
            factors.dropFirst().reduce(factors[0]) { product, factor in
                (0..<6).map { place in
                    (0...place).reduce(F.zero) { $0 + product[$1] * factor[place - $1] }
                }
            }
        }
        let identities = zip(0..<3, [F.one, key.k1, key.k2]).map { wire, k in
            top(n + 1) { index in
                polynomials[wire][index] + (index == 0 ? gamma : index == 1 ? beta * k : .zero)
            }
        }
        let permuted = (0..<3).map { wire in
            top(n + 1) { index in
                polynomials[wire][index] + (index < n ? beta * tables[wire].coefficients[index] : .zero)
                    + (index == 0 ? gamma : .zero)
            }
        }
        let z = top(n + 2) { polynomials[3][$0] }
        let next = top(n + 2) { polynomials[3][$0] * omega.power($0) }
        let high = zip(product(identities + [z]), product(permuted + [next])).map {
            ($0 - $1) * challenges.alpha
        }
        // high[i] is N[4n + 5 − i], and t[3n + 5 − i] follows from it.
        var t = [F](repeating: .zero, count: 6)
        for index in (0..<6).reversed() {
            // Where n is below 6 the coefficient n places above is one of these.
            t[index] = high[5 - index] + (index + n < 6 ? t[index + n] : .zero)
        }
        return t
    }

    /// The values of t, without its six highest coefficients, on a coset.
    ///
    /// - Parameters:
    ///   - factors: the values of a, b, c and z there.
    ///   - publics: the values of −Σ xᵢ·Lᵢ there.
    func divide(
        _ challenges: PlonkChallenges<Suite>, _ factors: [Vector], _ publics: Vector, _ top: [F], coset: Int,
        into result: UnsafeMutableBufferPointer<F>
    ) {
        let (root, power) = shift(coset)
        let divisor = (power - .one).inverse() ?? .zero
        let highest = power * power * power
        let (beta, gamma, alpha) = (challenges.beta, challenges.gamma, challenges.alpha)
        let alphaSquared = alpha.squared()
        let (k1, k2) = (key.verifyingKey.k1, key.verifyingKey.k2)
        let result = UncheckedSendable(result)
        parallel.forEachRange(n, minimum: Self.grain) { range in
            var x = root * omega.power(range.lowerBound)
            for row in range {
                let place = 4 * row + coset
                let (a, b, c, z) = (factors[0][row], factors[1][row], factors[2][row], factors[3][row])
                let next = factors[3][row + 1 == n ? 0 : row + 1]
                var sum = key.qm.values[place] * a * b + key.ql.values[place] * a
                sum += key.qr.values[place] * b + key.qo.values[place] * c + key.qc.values[place]
                sum += publics[row]
                let step = beta * x
                let identity = (a + step + gamma) * (b + k1 * step + gamma) * (c + k2 * step + gamma) * z
                let permuted =
                    (a + beta * key.s1.values[place] + gamma) * (b + beta * key.s2.values[place] + gamma)
                    * (c + beta * key.s3.values[place] + gamma) * next
                sum += (identity - permuted) * alpha
                sum += (z - .one) * key.firstLagrange.values[place] * alphaSquared
                // The highest coefficients by Horner's rule, times x³ⁿ.
                let rest = top.reversed().reduce(F.zero) { $0 * x + $1 }
                result.value[row] = sum * divisor - rest * highest
                x *= omega
            }
        }
    }

    /// The thirds of a polynomial of 3n coefficients from what the transforms of its values on the three
    /// cosets gave: with s the shift, t₀ + sⁿ·t₁ + s²ⁿ·t₂, coefficient by coefficient times s^index.
    func separate(_ cosets: [Vector], into parts: [Vector]) {
        let roots = (1...3).map { shift($0).root.inverse() ?? .zero }
        let i = shift(1).power
        let half = F(2).inverse() ?? .zero
        let overTwoI = half * (i.inverse() ?? .zero)
        parallel.forEachRange(n, minimum: Self.grain) { range in
            var factors = roots.map { $0.power(range.lowerBound) }
            for index in range {
                let first = cosets[0][index] * factors[0]
                let second = cosets[1][index] * factors[1]
                let third = cosets[2][index] * factors[2]
                // The powers of i are i, −1 and −i.
                let middle = (first - third) * overTwoI
                let difference = (first + third) * half
                let sum = second + middle
                parts[0][index] = (sum + difference) * half
                parts[1][index] = middle
                parts[2][index] = (sum - difference) * half
                for coset in 0..<3 { factors[coset] *= roots[coset] }
            }
        }
    }
}
