// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Curves
import EllipticCurves
import FiniteFields

/// Adds pairs of affine points in batches that share one inversion: 5M + 1S an addition, the inversion's
/// share included.
///
/// Equal, opposite and identity operands are handled. Large batches go to the kernel in lanes where the CPU
/// path in use has one for the group.
struct PairAdder<Group: ComputeGroup>: ~Copyable {
    typealias Base = Group.BaseField
    typealias Point = Affine<Group>

    /// The greatest number of pairs of a batch.
    let capacity: Int
    private let denominators: UnsafeMutablePointer<Base>
    private let prefixes: UnsafeMutablePointer<Base>
    private let exceptional: UnsafeMutablePointer<UInt32>
    /// The points of a batch for the scalar code, so that far ones are fetched once and in one go.
    private let gathered: UnsafeMutablePointer<Point>
    private let kernel: LaneAdditions<Group>?
    private let fewestForLanes: Int

    init(capacity: Int) {
        self.capacity = capacity
        kernel = LaneAdditions(capacity: capacity)
        fewestForLanes = kernel.map { $0.fewest } ?? .max
        // With a kernel only small batches and exceptional pairs come here.
        gathered = .allocate(capacity: 2 * capacity)
        denominators = .allocate(capacity: capacity)
        prefixes = .allocate(capacity: capacity)
        exceptional = .allocate(capacity: capacity)
    }

    deinit {
        gathered.deallocate()
        denominators.deallocate()
        prefixes.deallocate()
        exceptional.deallocate()
    }

    /// `sums[k] = ±points[references[2k]] ± points[references[2k + 1]]` for k < count ≤ capacity.
    ///
    /// `points` may be unaligned; `sums` must not overlap it.
    func add(
        _ sums: UnsafeMutablePointer<Point>, _ points: UnsafeRawPointer,
        _ references: UnsafePointer<SignedIndex>, count: Int
    ) {
        let exceptions: Int
        if count >= fewestForLanes {
            exceptions = addInLanes(sums, points, references, count: count)
        } else {
            exceptions = addByScalars(sums, points, references, count: count)
        }
        if exceptions > 0 { settle(exceptions, sums, points, references) }
    }

    @inline(__always)
    static func point(_ points: UnsafeRawPointer, _ reference: SignedIndex) -> Point {
        var point = points.loadUnaligned(
            fromByteOffset: reference.index &* MemoryLayout<Point>.stride, as: Point.self)
        if reference.isNegative { point.y = -point.y }
        return point
    }

    private func addInLanes(
        _ sums: UnsafeMutablePointer<Point>, _ points: UnsafeRawPointer,
        _ references: UnsafePointer<SignedIndex>, count: Int
    ) -> Int {
        kernel.map { $0.add(sums, points, references, count: count, exceptional: exceptional) } ?? 0
    }

    /// The regular additions; the rest is listed in `exceptional`, and its number returned.
    private func addByScalars(
        _ sums: UnsafeMutablePointer<Point>, _ points: UnsafeRawPointer,
        _ references: UnsafePointer<SignedIndex>, count: Int
    ) -> Int {
        for i in 0..<2 * count { gathered[i] = Self.point(points, references[i]) }
        var exceptions = 0
        var product = Base.one
        for k in 0..<count {
            let p = gathered[2 * k]
            let q = gathered[2 * k + 1]
            prefixes[k] = product
            if p.x == q.x || p.isIdentity || q.isIdentity {
                denominators[k] = .one
                exceptional[exceptions] = UInt32(truncatingIfNeeded: k)
                exceptions += 1
                continue
            }
            let difference = q.x - p.x
            denominators[k] = difference
            product *= difference
        }
        guard var inverse = product.inverse() else { return exceptions }
        for k in Swift.stride(from: count - 1, through: 0, by: -1) {
            let p = gathered[2 * k]
            let q = gathered[2 * k + 1]
            let slope = (q.y - p.y) * (inverse * prefixes[k])
            inverse *= denominators[k]
            sums[k] = Self.sum(p, q.x, slope)
        }
        return exceptions
    }

    /// The sums that the chord formula does not cover.
    private func settle(
        _ count: Int, _ sums: UnsafeMutablePointer<Point>, _ points: UnsafeRawPointer,
        _ references: UnsafePointer<SignedIndex>
    ) {
        var doublings = 0
        for i in 0..<count {
            let k = Int(exceptional[i])
            let p = Self.point(points, references[2 * k])
            let q = Self.point(points, references[2 * k + 1])
            if p.isIdentity {
                sums[k] = q
            } else if q.isIdentity {
                sums[k] = p
            } else if p.x != q.x {
                // A kernel may be over-cautious.
                sums[k] = (Jacobian(p) + Jacobian(q)).affine
            } else if p.y == q.y && !p.y.isZero {
                exceptional[doublings] = UInt32(truncatingIfNeeded: k)
                doublings += 1
            } else {
                sums[k] = .identity
            }
        }
        if doublings > 0 { double(doublings, sums, points, references) }
    }

    /// The sums of the first `count` exceptional pairs, which are equal points with y ≠ 0.
    private func double(
        _ count: Int, _ sums: UnsafeMutablePointer<Point>, _ points: UnsafeRawPointer,
        _ references: UnsafePointer<SignedIndex>
    ) {
        var product = Base.one
        for i in 0..<count {
            let p = Self.point(points, references[2 * Int(exceptional[i])])
            denominators[i] = p.y.doubled()
            prefixes[i] = product
            product *= denominators[i]
        }
        guard var inverse = product.inverse() else { return }
        for i in Swift.stride(from: count - 1, through: 0, by: -1) {
            let k = Int(exceptional[i])
            let p = Self.point(points, references[2 * k])
            let square = p.x.squared()
            let slope = (square.doubled() + square) * (inverse * prefixes[i])
            inverse *= denominators[i]
            sums[k] = Self.sum(p, p.x, slope)
        }
    }

    /// The third point, reflected, of the line with the given slope through `p` and a point with x-coordinate
    /// `x2`.
    @inline(__always)
    private static func sum(_ p: Point, _ x2: Base, _ slope: Base) -> Point {
        let x = slope.squared() - p.x - x2
        return Point(x: x, y: slope * (p.x - x) - p.y)
    }
}
