// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
public import FiniteFields

/// How multiples of fixed bases are precomputed: scalars are cut into windows of `width` bits, and `levels`
/// tables hold the bases times 2^(width·step·l), l < levels. Window w then takes its bases from table w /
/// step, and all windows with equal w mod step share one set of buckets, so that there are `step` sets
/// instead of one a window.
public struct MultiplesPlan: Hashable, Sendable {
    /// Bits of a window.
    public let width: Int
    /// Sets of buckets, and so many windows lie between two tables.
    public let step: Int
    /// Tables, the plain one among them.
    public let levels: Int

    /// The plan with the least predicted cost for tables of `terms` points that takes at most `budget` bytes
    /// at `bytesPerTerm` a level; nil where nothing but the plain table fits.
    ///
    /// - Parameters:
    ///   - terms: the points of a table.
    ///   - scalar: the field of the scalars that the points will be multiplied by.
    ///   - bytesPerTerm: what a point of a table takes.
    ///   - budget: the most bytes that all tables may take.
    public static func best<Scalar: PrimeField>(
        terms: Int, of scalar: Scalar.Type, bytesPerTerm: Int, budget: Int
    ) -> MultiplesPlan? {
        let greatest = min(64, budget / max(1, terms * bytesPerTerm), ((1 << 31) - 1) / max(1, terms))
        guard terms > 0, greatest > 1 else { return nil }
        var best: (cost: Double, plan: MultiplesPlan)?
        for width in 4...20 {
            let windows = windows(of: scalar, width: width)
            let step = (windows + greatest - 1) / greatest
            let plan = MultiplesPlan(width: width, step: step, levels: (windows + step - 1) / step)
            let cost = WindowCost(width: width, windows: windows, sets: step, terms: terms).additions
            if best.map({ cost < $0.cost }) ?? true { best = (cost, plan) }
        }
        return best?.plan
    }

    /// Whether there are levels for all windows of such scalars.
    func holds<Scalar: PrimeField>(_ scalar: Scalar.Type) -> Bool {
        step * levels >= Self.windows(of: scalar, width: width)
    }

    /// A scalar or its negative has one bit less than the field's order.
    private static func windows<Scalar: PrimeField>(of scalar: Scalar.Type, width: Int) -> Int {
        (Scalar.bitWidth - 1 + width) / width
    }
}

/// The precomputed multiples of a table of points.
///
/// Unchecked: the memory is written while it is made, and only read after.
final class PointMultiples<Group: CurveGroup>: @unchecked Sendable {
    let plan: MultiplesPlan
    /// The distance of two levels: term i of level l is entry l·stride + i.
    let stride: Int
    let points: UnsafeMutablePointer<Affine<Group>>
    /// The entries other than the identity.
    let nonIdentities: BitSet

    /// - Parameters:
    ///   - terms: the terms that have a point; the others get the identity.
    ///   - plan: made for the group's scalars.
    ///   - stride: the number of terms.
    ///   - point: the point of a term.
    init(
        of terms: Range<Int>, plan: MultiplesPlan, stride: Int, parallel: Parallel,
        point: (Int) -> Affine<Group>
    ) {
        precondition(terms.lowerBound >= 0 && terms.upperBound <= stride && plan.holds(Group.Scalar.self))
        self.plan = plan
        self.stride = stride
        let points = UnsafeMutablePointer<Affine<Group>>.allocate(capacity: max(1, stride * plan.levels))
        points.initialize(repeating: .identity, count: stride * plan.levels)
        for term in terms { points[term] = point(term) }
        let doublings = plan.width * plan.step
        let shared = UncheckedSendable(points)
        parallel.forEachRange(stride, minimum: Self.batch) { range in
            for level in 1..<max(1, plan.levels) {
                for start in Swift.stride(from: range.lowerBound, to: range.upperBound, by: Self.batch) {
                    let count = min(Self.batch, range.upperBound - start)
                    let target = shared.value + level * stride + start
                    target.update(from: shared.value + (level - 1) * stride + start, count: count)
                    Self.double(UnsafeMutableBufferPointer(start: target, count: count), times: doublings)
                }
            }
        }
        self.points = points
        nonIdentities = BitSet(count: stride * plan.levels) { !points[$0].isIdentity }
    }

    deinit { points.deallocate() }

    /// How many points share an inversion.
    private static var batch: Int { 512 }

    /// Doubles every point, `times` times.
    private static func double(_ points: UnsafeMutableBufferPointer<Affine<Group>>, times: Int) {
        var prefixes = [Group.BaseField](repeating: .one, count: points.count)
        for _ in 0..<times {
            var product = Group.BaseField.one
            for i in points.indices {
                prefixes[i] = product
                if !points[i].y.isZero { product *= points[i].y.doubled() }
            }
            guard var inverse = product.inverse() else { return }
            for i in points.indices.reversed() {
                let p = points[i]
                if p.y.isZero {
                    // The identity, or a point of order two.
                    points[i] = .identity
                    continue
                }
                let square = p.x.squared()
                let slope = (square.doubled() + square) * (inverse * prefixes[i])
                inverse *= p.y.doubled()
                let x = slope.squared() - p.x.doubled()
                points[i] = Affine(x: x, y: slope * (p.x - x) - p.y)
            }
        }
    }
}
