// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
import EmulatedArithmetic
import FiniteFields

/// The multiples of a point P that products with scalars are made of, with φ the endomorphism.
///
/// A scalar is s = −λ·(a + λ·b), so s·P = a·P′ + b·φ(P′) for P′ = −φ(P). With the signs of a's and b's digits
///
///     P′ + φ(P′) = −φ(P) − φ²(P) = P,   P′ − φ(P′) = −φ(P) + φ²(P) = −φ(D),   2P′ + φ(P′) = P′ + P = D
///
/// for D = P − φ(P): the two summands, up to their signs, and the start.
package struct PointMultiples {
    package let point: G1Element
    /// D.
    package let difference: G1Element
    /// −φ(D).
    package let rotated: G1Element
}

extension CurveCircuit {
    /// The multiples of a point: 78 constraints.
    ///
    /// The slope of P − φ(P) is 2y/((1 − ω)·x). No point of the curve has x = 0: it would be one of those
    /// that φ keeps, and λ ≢ 1.
    ///
    /// - Precondition: the point is on the curve.
    package func multiples(_ point: G1Element) -> PointMultiples {
        let root = Endomorphism.root
        let inverse = (BN254.Fp.one - root).inverse()!
        let factor = BaseElement(inverse + inverse)
        let rise = field.product(point.y, factor)
        let slope = slope(rise, point.x)
        field.enforceZero(field.product(slope, point.x) - rise, operation: "multiples")
        // −x − ω·x = ω²·x
        let x = field.reduced(
            field.product(slope, slope) + field.product(point.x, BaseElement(root * root)))
        let y = field.reduced(field.product(slope, point.x - x) - point.y)
        let rotated = field.multiply(x, BaseElement(root))
        return PointMultiples(
            point: point, difference: G1Element(x: x, y: y), rotated: G1Element(x: rotated, y: -y))
    }

    /// ±P where a's digit and b's are the same, else ±φ(D), with the sign of a's: three constraints.
    private func summand(
        _ multiples: PointMultiples, _ scalar: some PointScalar, _ index: Int
    ) -> G1Element {
        let equal = scalar.equal[index]
        let y = field.select(equal, multiples.point.y, multiples.rotated.y)
        return G1Element(
            x: field.select(equal, multiples.point.x, multiples.rotated.x),
            y: field.select(scalar.signs[index], y, -y))
    }

    /// s·P for a challenge: 5,138 constraints.
    ///
    /// No denominator is zero: a prefix of the digits gives u·P′ + v·φ(P′) with 2 ≤ u, for u begins with 2
    /// and goes on as 2u ± 1. A summand has ±1 in the place of u, and neither sum nor difference of two such
    /// pairs (u, v), all below 2^67, is a multiple of the group order but where they are equal or opposite
    /// (`Endomorphism`).
    ///
    /// - Precondition: the point is on the curve.
    package func multiply(_ multiples: PointMultiples, by scalar: ChallengeScalar) -> G1Element {
        var sum = ChainPoint(multiples.difference)
        for index in scalar.signs.indices.reversed() {
            sum = doubleAdd(sum, summand(multiples, scalar, index))
        }
        return element(sum)
    }

    /// Σ sᵢ·Pᵢ + Σ Qⱼ: for challenges 3,962 constraints for each product, and some 2,500 that all share, the
    /// doublings; twice as many for whole scalars; 58 for each Q.
    ///
    /// Whoever chooses P and Q can make a partial sum meet a summand. So the product of all denominators is
    /// enforced not to be zero, and the chain begins with a point to which nobody knows a logarithm, so that
    /// honest sums do not meet their summands, whatever they have to do with each other: the multiple of the
    /// offset in a partial sum is at least one, and there is none in a summand. No witness has the identity
    /// as the result.
    ///
    /// - Parameters:
    ///   - products: points and scalars; where there are none, nothing is doubled.
    ///   - summands: Q.
    ///   - offset: a point whose logarithms to other points nobody knows (`OffsetPoint`).
    /// - Precondition: the points are on the curve.
    package func sum<Factor: PointScalar>(
        _ products: [(multiples: PointMultiples, scalar: Factor)], plus summands: [G1Element],
        offset: Affine<BN254.G1>
    ) -> G1Element {
        let denominators = Denominators(self)
        var sum = ChainPoint(G1Element(offset))
        var end = Jacobian(offset)
        for product in products { sum = add(sum, product.multiples.difference, denominators) }
        for index in (0..<Factor.digits).reversed() {
            for (place, product) in products.enumerated() {
                let summand = summand(product.multiples, product.scalar, index)
                sum =
                    place == 0
                    ? doubleAdd(sum, summand, denominators) : add(sum, summand, denominators)
            }
            if !products.isEmpty { end = end.doubled() }
        }
        for summand in summands { sum = add(sum, summand, denominators) }
        sum = add(sum, G1Element(-end.affine), denominators)
        denominators.enforceNonZero()
        return element(sum)
    }

    /// Σ Qⱼ, as the sum of products and points where there is no product.
    func sum(_ summands: [G1Element], offset: Affine<BN254.G1>) -> G1Element {
        sum([(PointMultiples, ChallengeScalar)](), plus: summands, offset: offset)
    }
}
