// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EllipticCurves
import FiniteFields
import Synchronization

/// Checks tables of affine points in the layout of snarkjs: Montgomery form, little-endian, the identity all
/// zero.
///
/// Everything here is generic and fast only when specialised: call it from functions of this module in which
/// the curve is a concrete type or itself specialised.
enum PointValidation<Group: CurveGroup, Base: PrimeField> {
    /// Tables below this many points are checked on the calling thread.
    static var serialLimit: Int { 4096 }

    /// The size of a point in bytes.
    static var stride: Int { MemoryLayout<Affine<Group>>.stride }

    /// The first point with a coordinate not below the modulus or off the curve, and what is wrong with it.
    ///
    /// `bytes` holds whole points, at any alignment. The subgroup is not checked.
    ///
    /// - Complexity: three products in the field of the coordinates a point, over `threads` threads.
    static func firstFault(in bytes: RawSpan, threads: Int) -> (
        index: Int, reason: FormatError.Reason
    )? {
        let count = bytes.byteCount / stride
        guard threads > 1, count >= serialLimit else { return firstFault(in: bytes, range: 0..<count) }
        let first = Mutex<(index: Int, reason: FormatError.Reason)?>(nil)
        DispatchQueue.concurrentPerform(iterations: threads) { part in
            let range = (count * part / threads)..<(count * (part + 1) / threads)
            guard let fault = firstFault(in: bytes, range: range) else { return }
            first.withLock { found in
                if found.map({ $0.index > fault.index }) ?? true { found = fault }
            }
        }
        return first.withLock { $0 }
    }

    private static func firstFault(
        in bytes: RawSpan, range: Range<Int>
    ) -> (index: Int, reason: FormatError.Reason)? {
        let modulus = Base.modulus
        // A curve's b may be a lazily made global: fetched once, not once a point.
        let b = Group.b
        let limbs = MemoryLayout<Base.Limbs>.stride
        for index in range {
            let start = index * stride
            for coordinate in Swift.stride(from: start, to: start + stride, by: limbs)
            where !bytes.unsafeLoadUnaligned(fromByteOffset: coordinate, as: Base.Limbs.self)
                .isLess(than: modulus)
            {
                return (index, .coordinateOutOfRange)
            }
            let point = bytes.unsafeLoadUnaligned(fromByteOffset: start, as: Affine<Group>.self)
            if point.isIdentity { continue }
            guard point.y.squared() == point.x.squared() * point.x + b else {
                return (index, .pointNotOnCurve)
            }
        }
        return nil
    }

    /// The first point outside the subgroup of prime order; the points must be on the curve.
    static func firstOutsideSubgroup(_ points: [Affine<Group>], threads: Int) -> Int? {
        let first = Mutex<Int?>(nil)
        let parts = max(1, min(threads, points.count))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = (points.count * part / parts)..<(points.count * (part + 1) / parts)
            guard let index = range.first(where: { !Group.isInSubgroup(points[$0]) }) else { return }
            first.withLock { $0 = min($0 ?? index, index) }
        }
        return first.withLock { $0 }
    }
}
