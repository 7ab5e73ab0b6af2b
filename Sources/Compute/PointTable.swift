// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
import Synchronization

/// A read-only table of affine points in Montgomery form, little-endian limbs, the identity all zero.
///
/// This is the layout of snarkjs' point sections, so a table can lie in a mapped file as it is: the memory
/// need not be aligned, and nothing is copied or converted.
///
/// Unchecked: the memory that it views never changes.
public struct PointTable<Group: CurveGroup>: @unchecked Sendable {
    /// The first point.
    @usableFromInline let base: UnsafeRawPointer
    /// The number of points.
    public let count: Int
    /// Keeps the memory alive; never written to.
    public let owner: AnyObject
    private let occupancy = Occupancy()
    /// Precomputed multiples of the points, for backends that can use them.
    var multiples: PointMultiples<Group>?

    /// The size of one point in bytes.
    @inlinable public static var stride: Int { MemoryLayout<Affine<Group>>.stride }

    /// Views memory that lives at least as long as `owner` and does not change.
    ///
    /// - Precondition: the byte count is a multiple of `stride`, and every point is valid (see
    ///   `firstInvalid`).
    public init(viewing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        precondition(bytes.count % Self.stride == 0)
        count = bytes.count / Self.stride
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!
        self.owner = owner
    }

    /// Copies an array.
    public init(_ points: [Affine<Group>]) {
        let storage = PointStorage<Group>(points)
        self.init(viewing: UnsafeRawBufferPointer(storage.buffer), owner: storage)
    }

    /// Point `index`; an index outside of the table stops the process.
    @inlinable
    public subscript(index: Int) -> Affine<Group> {
        precondition(index >= 0 && index < count)
        return self[unchecked: index]
    }

    /// The point at `index`, which must be in range.
    @inlinable @inline(__always)
    public subscript(unchecked index: Int) -> Affine<Group> {
        base.loadUnaligned(fromByteOffset: index &* Self.stride, as: Affine<Group>.self)
    }

    /// The memory of the points, which lives as long as `owner`.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count * Self.stride)
    }

    /// The part of the table in `range`, sharing its memory.
    public func slice(_ range: Range<Int>) -> PointTable {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let bytes = UnsafeRawBufferPointer(
            start: base + range.lowerBound * Self.stride, count: range.count * Self.stride)
        return PointTable(viewing: bytes, owner: owner)
    }
}

extension PointTable {
    /// The table with multiples of its points, which belong to the last of so many terms.
    func precomputed(terms: Int, _ plan: MultiplesPlan, _ parallel: Parallel) -> PointTable {
        let first = terms - count
        var table = self
        table.multiples = PointMultiples(
            of: first..<terms, plan: plan, stride: terms, parallel: parallel
        ) { self[unchecked: $0 - first] }
        return table
    }

    /// The indices of the points other than the identity; found on first use and kept by all copies of the
    /// table.
    var nonIdentities: BitSet {
        occupancy.set.withLock { set in
            if let set { return set }
            let found = BitSet(count: count) { !self[unchecked: $0].isIdentity }
            set = found
            return found
        }
    }
}

private final class Occupancy: Sendable {
    let set = Mutex<BitSet?>(nil)
}

private final class PointStorage<Group: CurveGroup> {
    let buffer: UnsafeMutableBufferPointer<Affine<Group>>

    init(_ points: [Affine<Group>]) {
        buffer = .allocate(capacity: points.count)
        _ = buffer.initialize(from: points)
    }

    deinit { buffer.deallocate() }
}
