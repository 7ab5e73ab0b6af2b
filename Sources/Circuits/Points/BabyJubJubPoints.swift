// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
import FiniteFields

/// A point of BabyJubJub's subgroup of the prime order ℓ, and not the identity, in Montgomery's form
/// v² = u³ + 168698·u² + u.
///
/// With Edwards' coordinates, u = (1 + y)/(1 − y) and v = u/x. Neither v nor u + 1 is zero.
package struct MontgomeryPoint {
    package let u, v: Linear

    /// 168698, the coefficient of u².
    static let coefficient = Scalar(168_698)

    /// The point with these coordinates; nothing is demanded of them.
    package init(u: Linear, v: Linear) {
        self.u = u
        self.v = v
    }
}

/// The bits of a secret key for BabyJubJub: the key is 3·2^248 + Σ ±2ⁱ, 0 ≤ i < 248, with plus where bit i is
/// set. So it is odd, above 2^249 and below 2^250, which is below ℓ; different bits are different keys.
///
/// Multiples by such keys need no case distinctions in a circuit: see `CircuitBuilder.multiples`.
package struct EdwardsKey: Sendable {
    /// How many bits there are.
    package static let bitCount = 248

    /// The bits, least significant first.
    package let bits: [Bool]

    /// - Precondition: there are `bitCount` bits.
    package init(bits: [Bool]) {
        precondition(bits.count == Self.bitCount)
        self.bits = bits
    }

    /// The key of the lowest 248 bits of an element's canonical form.
    package init(lowBitsOf element: Scalar) {
        let limbs = element.canonical
        self.init(bits: (0..<Self.bitCount).map { limbs[$0 / 64] >> UInt64($0 % 64) & 1 == 1 })
    }

    /// The key modulo ℓ.
    package var scalar: BabyJubJub.Scalar {
        // 3·2^248 + 2·Σ bᵢ·2ⁱ − (2^248 − 1)
        var limbs = BabyJubJub.Scalar.Limbs.zero
        for (index, bit) in bits.enumerated() where bit { limbs[index / 64] |= 1 << UInt64(index % 64) }
        guard let sum = BabyJubJub.Scalar(canonical: limbs) else {
            preconditionFailure("248 bits are below ℓ")
        }
        let power = (0..<Self.bitCount).reduce(BabyJubJub.Scalar.one) { sum, _ in sum.doubled() }
        return sum.doubled() + power.doubled() + .one
    }

    /// The key times the generator.
    package var publicKey: EdwardsAffine<BabyJubJub> {
        BabyJubJub.generator.multiplied(by: scalar).affine
    }

    /// What two keys agree on: the u of the one times the other's point, the same from both sides.
    ///
    /// - Warning: its time depends on the key.
    /// - Returns: `nil` where the point is not in the subgroup, or is the identity.
    package func agreed(with other: EdwardsAffine<BabyJubJub>) -> Scalar? {
        guard let shared = BabyJubJub.sharedPoint(scalar, other),
            let inverse = (Scalar.one - shared.y).inverse()
        else { return nil }
        return (.one + shared.y) * inverse
    }
}

extension CircuitBuilder {
    /// The point with the given Edwards coordinates: 20 constraints, which hold for points of the subgroup of
    /// order ℓ other than the identity, and for no others.
    ///
    /// It is eight times another point of the curve. Edwards' formulas are complete, so their denominators
    /// are never zero there.
    package func subgroupPoint(x: Linear, y: Linear) -> MontgomeryPoint {
        let eighth = hasValues ? Self.eighth(of: EdwardsAffine(x: x.value, y: y.value)) : .identity
        var (px, py) = (wire(eighth.x), wire(eighth.y))
        var squares = (multiply(px, px), multiply(py, py))
        enforce(
            squares.0 * BabyJubJub.d, times: squares.1,
            equals: squares.0 * BabyJubJub.a + squares.1 - Scalar.one)
        for doubling in 0..<3 {
            if doubling > 0 { squares = (multiply(px, px), multiply(py, py)) }
            let (xx, yy) = (squares.0 * BabyJubJub.a, squares.1)
            let product = multiply(px, py)
            (px, py) = (quotient(product * 2, xx + yy), quotient(yy - xx, Linear(2) - xx - yy))
        }
        enforceEqual(px, x)
        enforceEqual(py, y)
        let u = quotient(y + Scalar.one, Linear.one - y)
        return MontgomeryPoint(u: u, v: quotient(u, x))
    }

    /// A point that eight times is this one; the identity where there is none.
    private static func eighth(of point: EdwardsAffine<BabyJubJub>) -> EdwardsAffine<BabyJubJub> {
        guard point.isValid, let inverse = BabyJubJub.Scalar(8).inverse() else { return .identity }
        return point.multiplied(by: inverse).affine
    }

    /// The q with q·divisor = dividend, which is any where both are zero.
    private func quotient(_ dividend: Linear, _ divisor: Linear) -> Linear {
        let value = hasValues ? dividend.value * (divisor.value.inverse() ?? .zero) : .zero
        let result = wire(value)
        enforce(result, times: divisor, equals: dividend)
        return result
    }

    /// The u of a key's multiples of points: 1,495 constraints each.
    ///
    /// 2R ± P is (R ± P) + R without the v of R ± P: six constraints. It begins with R = 3·P, and R = k·P
    /// goes on to (2k ± 1)·P; so k ≥ 3, all sums are of points whose multiples of P differ and add up to less
    /// than 2^250 < ℓ, and no denominator is zero.
    ///
    /// - Parameters:
    ///   - points: what is multiplied.
    ///   - key: the bits of an `EdwardsKey`, constrained to be bits.
    package func multiples(of points: [MontgomeryPoint], by key: [Linear]) -> [Linear] {
        precondition(key.count == EdwardsKey.bitCount)
        let a = MontgomeryPoint.coefficient
        // 2P, then 3P.
        var slopes = quotients(
            points.map { point in
                (multiply(point.u, point.u) * 3 + point.u * a.doubled() + Scalar.one, point.v * 2)
            })
        var sums = zip(points, slopes).map { point, slope in
            let u = multiply(slope, slope) - a - point.u * 2
            return MontgomeryPoint(u: u, v: third(slope, of: point, at: u))
        }
        slopes = quotients(zip(points, sums).map { ($1.v - $0.v, $1.u - $0.u) })
        for index in sums.indices {
            let (point, slope) = (points[index], slopes[index])
            let u = multiply(slope, slope) - a - point.u - sums[index].u
            sums[index] = MontgomeryPoint(u: u, v: third(slope, of: point, at: u))
        }
        for bit in key.reversed() {
            let sign = bit * 2 - Scalar.one
            let first = quotients(
                zip(points, sums).map { (multiply(sign, $0.v) - $1.v, $0.u - $1.u) })
            let squares = first.map { multiply($0, $0) }
            let middle = sums.indices.map { squares[$0] - a - points[$0].u - sums[$0].u }
            // λ₁ + λ₂ = 2v/(u_R − u_T)
            let both = quotients(zip(sums, middle).map { ($0.v * 2, $0.u - $1) })
            for index in sums.indices {
                let slope = both[index] - first[index]
                // λ₂² − a − u_R − u_T
                let u = multiply(slope, slope) - squares[index] + points[index].u
                sums[index] = MontgomeryPoint(u: u, v: third(slope, of: sums[index], at: u))
            }
        }
        return sums.map(\.u)
    }

    /// The v of the third point on a line through a point, negated: a wire of its own, since sums of these
    /// would grow with every step.
    private func third(_ slope: Linear, of point: MontgomeryPoint, at u: Linear) -> Linear {
        let run = point.u - u
        let v = wire(slope.value * run.value - point.v.value)
        enforce(slope, times: run, equals: v + point.v)
        return v
    }

    /// Quotients whose divisors are not zero, with one inversion; a constraint each.
    private func quotients(_ fractions: [(dividend: Linear, divisor: Linear)]) -> [Linear] {
        var inverses = fractions.map(\.divisor.value)
        if hasValues { Scalar.batchInvert(&inverses) }
        return zip(fractions, inverses).map { fraction, inverse in
            let result = wire(hasValues ? fraction.dividend.value * inverse : .zero)
            enforce(result, times: fraction.divisor, equals: fraction.dividend)
            return result
        }
    }

    /// Edwards' coordinates of a key's public key: 622 constraints.
    ///
    /// Two bits at a time, from the lowest, choose one of ±1 and ±3 times 4ⁱ times the generator. What is
    /// added exceeds the sum so far, of which it is therefore no multiple ±1.
    ///
    /// - Parameter key: the bits of an `EdwardsKey`, constrained to be bits.
    package func publicKey(of key: [Linear]) -> (x: Linear, y: Linear) {
        precondition(key.count == EdwardsKey.bitCount)
        var sum: MontgomeryPoint?
        for index in stride(from: 0, to: key.count, by: 2) {
            let (low, high, table) = (key[index], key[index + 1], Self.generatorTable[index / 2])
            // Both bits the same: ±3, else ±1, with the sign of the high one.
            let product = multiply(low, high)
            let isSame = Linear.one - low - high + product * 2
            let u = Linear(table.one.u) + isSame * (table.three.u - table.one.u)
            let v = Linear(table.one.v) + isSame * (table.three.v - table.one.v)
            let point = MontgomeryPoint(u: u, v: multiply(high * 2 - Scalar.one, v))
            sum = sum.map { added($0, point) } ?? point
        }
        let last = Self.generatorTable[key.count / 2].three
        let result = added(sum!, MontgomeryPoint(u: Linear(last.u), v: Linear(last.v)))
        return (quotient(result.u, result.v), quotient(result.u - Scalar.one, result.u + Scalar.one))
    }

    /// P + Q for points with different u: three constraints.
    private func added(_ p: MontgomeryPoint, _ q: MontgomeryPoint) -> MontgomeryPoint {
        let slope = quotient(q.v - p.v, q.u - p.u)
        let u = multiply(slope, slope) - MontgomeryPoint.coefficient - p.u - q.u
        return MontgomeryPoint(u: u, v: third(slope, of: p, at: u))
    }

    /// 4ⁱ and 3·4ⁱ times the generator for i = 0 … 124, in Montgomery's form.
    private static let generatorTable: [(one: (u: Scalar, v: Scalar), three: (u: Scalar, v: Scalar))] = {
        func montgomery(_ point: EdwardsExtended<BabyJubJub>) -> (u: Scalar, v: Scalar) {
            let affine = point.affine
            // Neither 1 − y nor x is zero for a point of the order ℓ.
            let u = (Scalar.one + affine.y) * (Scalar.one - affine.y).inverse()!
            return (u, u * affine.x.inverse()!)
        }
        var power = EdwardsExtended(BabyJubJub.generator)
        return (0...EdwardsKey.bitCount / 2).map { _ in
            let twice = power.doubled()
            defer { power = twice.doubled() }
            return (montgomery(power), montgomery(twice + power))
        }
    }()
}
