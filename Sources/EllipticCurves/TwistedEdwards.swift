// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A group of points of a twisted Edwards curve a·x² + y² = 1 + d·x²·y², of which the subgroup of order r
/// matters.
///
/// Conformers are data. a must be a square and d none, which makes the formulas for sums complete: they hold
/// for all pairs of points on the curve, the identity (0, 1) and points of small order among them.
public protocol EdwardsGroup: Sendable {
    /// The field of the coordinates.
    associatedtype BaseField: PrimeField
    /// The field of r elements.
    associatedtype Scalar: PrimeField

    /// The coefficient of x², a square that is not zero.
    static var a: BaseField { get }
    /// The coefficient of x²·y², which is no square.
    static var d: BaseField { get }
    /// The standard generator of the subgroup of order r.
    static var generator: EdwardsAffine<Self> { get }
    /// h, where the curve has h·r points; a power of two.
    static var cofactor: UInt64 { get }
    /// What the group is called in messages, such as "BabyJubJub".
    static var name: String { get }
}

/// A point of a twisted Edwards curve in affine coordinates, Montgomery form.
@frozen
public struct EdwardsAffine<Group: EdwardsGroup>: Hashable, Sendable, BitwiseCopyable {
    /// The field of the coordinates.
    public typealias BaseField = Group.BaseField

    /// The coordinates. The identity is (0, 1).
    public var x, y: BaseField

    /// The point with the given coordinates; nothing is checked (`isOnCurve`, `isValid`).
    @inlinable @inline(__always)
    public init(x: BaseField, y: BaseField) {
        self.x = x
        self.y = y
    }

    /// The neutral element, (0, 1).
    @inlinable public static var identity: Self { Self(x: .zero, y: .one) }
    /// The standard generator of the subgroup of order r.
    @inlinable public static var generator: Self { Group.generator }
    /// True for the neutral element.
    @inlinable public var isIdentity: Bool { x.isZero && y == .one }

    /// True for solutions of a·x² + y² = 1 + d·x²·y²; says nothing about the subgroup.
    @inlinable
    public var isOnCurve: Bool {
        let (xx, yy) = (x.squared(), y.squared())
        return Group.a * xx + yy == .one + Group.d * xx * yy
    }

    /// True when r·P = O; the point must be on the curve.
    public var isInSubgroup: Bool {
        EdwardsExtended(self).multiplied(by: Group.Scalar.modulus.words).isIdentity
    }

    /// True when the point is on the curve and in the subgroup of order r.
    public var isValid: Bool { isOnCurve && isInSubgroup }

    /// The inverse element, (−x, y).
    @inlinable
    public static prefix func - (p: Self) -> Self { Self(x: -p.x, y: p.y) }

    /// k·P over windows of four bits; variable-time.
    public func multiplied(by scalar: Group.Scalar) -> EdwardsExtended<Group> {
        // No array: nothing of a secret scalar stays on the heap.
        withUnsafeBytes(of: scalar.canonical) {
            EdwardsExtended(self).multiplied(by: $0.bindMemory(to: UInt64.self))
        }
    }

    /// A random point of the subgroup: a random multiple of the generator.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Group.generator.multiplied(by: Group.Scalar.random(using: &generator)).affine
    }
}

/// A point of a twisted Edwards curve in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z, Montgomery form.
/// Z is never zero.
@frozen
public struct EdwardsExtended<Group: EdwardsGroup>: Sendable, BitwiseCopyable {
    /// The field of the coordinates.
    public typealias BaseField = Group.BaseField

    /// X, Y, T and Z.
    public var x, y, t, z: BaseField

    /// The point with the given X, Y, T and Z; nothing is checked, Z ≠ 0 and X·Y = T·Z least of all.
    @inlinable
    public init(x: BaseField, y: BaseField, t: BaseField, z: BaseField) {
        self.x = x
        self.y = y
        self.t = t
        self.z = z
    }

    /// The same point with Z = 1.
    @inlinable
    public init(_ point: EdwardsAffine<Group>) {
        self.init(x: point.x, y: point.y, t: point.x * point.y, z: .one)
    }

    /// The neutral element, (0 : 1 : 0 : 1).
    @inlinable public static var identity: Self { Self(x: .zero, y: .one, t: .zero, z: .one) }
    /// True for the neutral element, whatever its Z.
    @inlinable public var isIdentity: Bool { x.isZero && y == z }

    /// The sum with itself.
    ///
    /// - Reference: Hisil, Wong, Carter and Dawson 2008, "Twisted Edwards curves revisited"; EFD,
    ///   dbl-2008-hwcd: 4M + 4S + 1a.
    @inlinable
    public func doubled() -> Self {
        let a = x.squared()
        let b = y.squared()
        let c = z.squared().doubled()
        let d = Group.a * a
        let e = (x + y).squared() - a - b
        let g = d + b
        let f = g - c
        let h = d - b
        return Self(x: e * f, y: g * h, t: e * h, z: f * g)
    }

    /// The sum.
    ///
    /// Complete: all points on the curve.
    ///
    /// - Reference: as for `doubled()`; EFD, add-2008-hwcd: 9M + 1a + 1d.
    @inlinable
    public static func + (p: Self, q: Self) -> Self {
        let a = p.x * q.x
        let b = p.y * q.y
        let c = p.t * Group.d * q.t
        let d = p.z * q.z
        return sum(p, q, a, b, c, d)
    }

    /// The sum.
    ///
    /// Complete mixed addition: 8M + 1a + 1d.
    @inlinable
    public static func + (p: Self, q: EdwardsAffine<Group>) -> Self {
        let q = Self(q)
        return sum(p, q, p.x * q.x, p.y * q.y, p.t * Group.d * q.t, p.z)
    }

    @inlinable @inline(__always)
    static func sum(
        _ p: Self, _ q: Self, _ a: BaseField, _ b: BaseField, _ c: BaseField, _ d: BaseField
    ) -> Self {
        let e = (p.x + p.y) * (q.x + q.y) - a - b
        let f = d - c
        let g = d + c
        let h = b - Group.a * a
        return Self(x: e * f, y: g * h, t: e * h, z: f * g)
    }

    /// The inverse element.
    @inlinable public static prefix func - (p: Self) -> Self { Self(x: -p.x, y: p.y, t: -p.t, z: p.z) }
    /// p + (−q).
    @inlinable public static func - (p: Self, q: Self) -> Self { p + (-q) }
    /// Adds `q` to `p`.
    @inlinable public static func += (p: inout Self, q: Self) { p = p + q }
    /// Adds `q` to `p`.
    @inlinable public static func += (p: inout Self, q: EdwardsAffine<Group>) { p = p + q }

    /// The same point in affine coordinates; one inversion.
    @inlinable
    public var affine: EdwardsAffine<Group> {
        guard let inverse = z.inverse() else { preconditionFailure("Z of a point is never zero") }
        return EdwardsAffine(x: x * inverse, y: y * inverse)
    }

    /// k·P for the integer k whose limbs are given, least significant first; windows of four bits,
    /// variable-time.
    @inlinable
    public func multiplied(by scalar: [UInt64]) -> Self {
        scalar.withUnsafeBufferPointer { multiplied(by: $0) }
    }

    /// The same of words that lie anywhere: a secret's are not copied.
    @inlinable
    public func multiplied(by scalar: UnsafeBufferPointer<UInt64>) -> Self {
        var table = [Self.identity, self]
        for i in 2..<16 { table.append(i % 2 == 0 ? table[i / 2].doubled() : table[i - 1] + self) }
        var result = Self.identity
        for word in scalar.reversed() {
            for shift in stride(from: 60, through: 0, by: -4) {
                for _ in 0..<4 { result = result.doubled() }
                let digit = Int((word >> UInt64(shift)) & 15)
                if digit != 0 { result += table[digit] }
            }
        }
        return result
    }

    /// h·P for the cofactor h.
    @inlinable
    public var cofactorCleared: Self {
        (0..<Group.cofactor.trailingZeroBitCount).reduce(self) { point, _ in point.doubled() }
    }
}

extension EdwardsExtended: Equatable {
    /// True when both are the same point, whatever their Z.
    @inlinable
    public static func == (p: Self, q: Self) -> Bool { p.x * q.z == q.x * p.z && p.y * q.z == q.y * p.z }
}

extension EdwardsAffine {
    /// y as canonical little-endian bytes, with the top bit set where x is above (p − 1)/2: circomlib's
    /// `packPoint`. The base field leaves that bit free.
    public var encoded: [UInt8] {
        var bytes = y.littleEndianBytes
        if Self.isUpper(x) { bytes[bytes.count - 1] |= 0x80 }
        return bytes
    }

    /// The point that `encoded` gave for it.
    ///
    /// - Returns: `nil` for bytes of another number, for y that is not below p or on no point, and for the
    ///   sign of x = 0. A point is on the curve then; whether it is in the subgroup remains to be asked
    ///   (`isInSubgroup`).
    public init?(encoded bytes: some Collection<UInt8>) {
        var bytes = Array(bytes)
        guard bytes.count == BaseField.byteCount, BaseField.bitWidth < 8 * bytes.count else { return nil }
        let isUpper = bytes[bytes.count - 1] & 0x80 != 0
        bytes[bytes.count - 1] &= 0x7f
        guard let y = BaseField(littleEndian: bytes) else { return nil }
        // x² = (1 − y²)/(a − d·y²), and the denominator is not zero: a/d is no square.
        let square = y.squared()
        guard let inverse = (Group.a - Group.d * square).inverse(),
            let root = ((.one - square) * inverse).squareRoot()
        else { return nil }
        if root.isZero && isUpper { return nil }
        self.init(x: Self.isUpper(root) == isUpper ? root : -root, y: y)
    }

    /// x > (p − 1)/2 as integers.
    private static func isUpper(_ x: BaseField) -> Bool {
        BaseField.modulus.shiftedRight(by: 1).isLess(than: x.canonical)
    }
}
