// SPDX-License-Identifier: Apache-2.0

public import Compute
public import FiniteFields

/// The n = 2^logSize points s·ω^i at which polynomials are evaluated: a subgroup of the field's roots of
/// unity or a coset of it.
///
/// ω is the generator that `EvaluationDomain` has, as in the snarkjs formats; s is 1 on the subgroup and ω₂ₙ
/// on the odd coset. These are the points that Compute's transforms take; the type is plain data and holds no
/// tables.
public struct EvaluationPoints<F: PrimeField>: Hashable, Sendable {
    /// On the subgroup or on the odd coset.
    public let kind: EvaluationDomain<F>.Points
    /// The binary logarithm of the number of points.
    public let logSize: Int
    /// ω, a primitive n-th root of unity.
    public let generator: F
    /// s, the point with index 0.
    public let shift: F
    /// sⁿ: 1 on the subgroup, −1 on the odd coset. The points are the roots of Xⁿ − sⁿ.
    public let shiftPower: F

    /// n, the number of points.
    @inlinable public var size: Int { 1 << logSize }

    /// The greatest `logSize` of the field, negative where it has no points at all: the doubled domain must
    /// exist too.
    @inlinable public static var logLimit: Int { F.twoAdicity - 1 }

    /// The 2^logSize points.
    ///
    /// - Throws: `.unsupportedSize` for a negative `logSize` or one above `logLimit`.
    public init(logSize: Int, _ kind: EvaluationDomain<F>.Points = .subgroup) throws(PolynomialError) {
        guard logSize >= 0, logSize <= Self.logLimit else {
            throw .unsupportedSize(logSize: logSize, limit: Self.logLimit, field: F.name)
        }
        self.kind = kind
        self.logSize = logSize
        generator = EvaluationDomain<F>.root(log: logSize)
        switch kind {
        case .subgroup: (shift, shiftPower) = (.one, .one)
        case .oddCoset: (shift, shiftPower) = (EvaluationDomain<F>.root(log: logSize + 1), -.one)
        }
    }

    /// As few points as determine a polynomial of `count` coefficients.
    ///
    /// - Throws: `.unsupportedSize` where the field has not as many.
    public init(
        atLeast count: Int, _ kind: EvaluationDomain<F>.Points = .subgroup
    ) throws(PolynomialError) {
        try self.init(logSize: count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount, kind)
    }

    /// All points in order: entry i is s·ω^i.
    @inlinable
    public var all: [F] {
        var points: [F] = []
        points.reserveCapacity(size)
        var point = shift
        for _ in 0..<size {
            points.append(point)
            point *= generator
        }
        return points
    }

    /// xⁿ − sⁿ, the value at x of the polynomial that is zero at the points and nowhere else.
    @inlinable
    public func vanishing(at x: F) -> F {
        var power = x
        for _ in 0..<logSize { power = power.squared() }
        return power - shiftPower
    }

    /// Lᵢ(x) for all i: Lᵢ is 1 at point i, 0 at the others, and of degree below n.
    ///
    /// So f(x) = Σ f(s·ω^i)·Lᵢ(x) for every f of degree below n. At point i itself entry i is one and all
    /// others are zero.
    ///
    /// - Complexity: six products a point and one inversion.
    /// - Reference: Berrut and Trefethen 2004, "Barycentric Lagrange interpolation", §3.
    @inlinable
    public func lagrangeCoefficients(at x: F) -> [F] {
        let points = all
        let vanishing = vanishing(at: x)
        if vanishing.isZero { return points.map { $0 == x ? .one : .zero } }
        // The derivative of Xⁿ − sⁿ at a point e is n·sⁿ/e.
        let factor = vanishing * barycentricFactor
        var coefficients = points.map { x - $0 }
        F.batchInvert(&coefficients)
        for i in points.indices { coefficients[i] = coefficients[i] * points[i] * factor }
        return coefficients
    }

    /// 1/(n·sⁿ).
    @inlinable var barycentricFactor: F {
        // n is a power of two, and so never zero in the field of an odd prime.
        (F(UInt64(size)).inverse() ?? .zero) * shiftPower
    }
}
