// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields

extension PlonkRun {
    /// The values that the proof opens.
    func evaluate(_ challenges: PlonkChallenges<Suite>) -> PlonkProof<Suite>.Evaluations {
        let xi = challenges.xi
        return .init(
            a: value(at: xi, n + 2) { polynomials[0][$0] }, b: value(at: xi, n + 2) { polynomials[1][$0] },
            c: value(at: xi, n + 2) { polynomials[2][$0] },
            s1: value(at: xi, n) { key.s1.coefficients[$0] },
            s2: value(at: xi, n) { key.s2.coefficients[$0] },
            zOmega: value(at: xi * omega, n + 3) { polynomials[3][$0] })
    }

    private func value(at point: F, _ count: Int, _ coefficient: (Int) -> F) -> F {
        let chunk = Self.grain
        let parts = Slots(repeating: F.zero, count: (count + chunk - 1) / chunk)
        parallel.forEach(parts.count) { part in
            let range = part * chunk..<min((part + 1) * chunk, count)
            parts[part] = range.reversed().reduce(F.zero) { $0 * point + coefficient($1) }
        }
        let step = point.power(chunk)
        return parts.all.reversed().reduce(F.zero) { $0 * step + $1 }
    }

    /// The openings at ξ and at ξω: what the verifier combines, less its value, divided by X less the point.
    ///
    /// - Parameter parts: the thirds of the quotient.
    func open(
        _ challenges: PlonkChallenges<Suite>, _ values: PlonkProof<Suite>.Evaluations, _ parts: [Vector]
    ) -> (atXi: Vector, atXiOmega: Vector) {
        let (beta, gamma, alpha) = (challenges.beta, challenges.gamma, challenges.alpha)
        let xi = challenges.xi
        let (k1, k2) = (key.verifyingKey.k1, key.verifyingKey.k2)
        let power = (0..<key.verifyingKey.logDomainSize).reduce(xi) { power, _ in power.squared() }
        let vanishing = power - .one
        let first = value(at: xi, n) { key.firstLagrange.coefficients[$0] } * alpha.squared()
        let left = values.a + beta * values.s1 + gamma
        let middle = values.b + beta * values.s2 + gamma
        let permuted = left * middle * values.zOmega * alpha
        let identity =
            (values.a + beta * xi + gamma) * (values.b + beta * k1 * xi + gamma)
            * (values.c + beta * k2 * xi + gamma) * alpha
        let product = values.a * values.b
        let v = (0..<5).reduce(into: [F.one]) { powers, _ in
            powers.append(powers[powers.count - 1] * challenges.v)
        }
        let (power2, permutedBeta) = (power.squared(), permuted * beta)

        let combined = Vector(count: n + 6)
        func coefficient(_ index: Int) -> F {
            var sum = parts[2][index] * power2
            if index <= n { sum += parts[0][index] + parts[1][index] * power }
            sum = -sum * vanishing
            if index < n + 3 { sum += polynomials[3][index] * (identity + first) }
            if index < n + 2 {
                sum += polynomials[0][index] * v[1] + polynomials[1][index] * v[2]
                sum += polynomials[2][index] * v[3]
            }
            guard index < n else { return sum }
            sum += key.qm.coefficients[index] * product + key.ql.coefficients[index] * values.a
            sum += key.qr.coefficients[index] * values.b + key.qo.coefficients[index] * values.c
            sum += key.qc.coefficients[index] - key.s3.coefficients[index] * permutedBeta
            return sum + key.s1.coefficients[index] * v[4] + key.s2.coefficients[index] * v[5]
        }
        parallel.forEachRange(n + 6, minimum: Self.grain) { range in
            for index in range { combined[index] = coefficient(index) }
        }
        // The value at ξ is what is left of the division: the constants of the combination do not change the
        // quotient.
        let z = polynomials[3]
        return (Self.divided(combined, byRoot: xi), Self.divided(z, byRoot: xi * omega))
    }

    /// (f − f(root))/(X − root).
    private static func divided(_ polynomial: Vector, byRoot root: F) -> Vector {
        let quotient = Vector(count: polynomial.count - 1)
        var carried = F.zero
        for index in quotient.elements.indices.reversed() {
            carried = carried * root + polynomial[index + 1]
            quotient[index] = carried
        }
        return quotient
    }
}
