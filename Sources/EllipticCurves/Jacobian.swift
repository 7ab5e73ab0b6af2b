// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A point in Jacobian coordinates: x = X/Z², y = Y/Z³, Montgomery form. The identity has Z = 0.
@frozen
public struct Jacobian<Group: CurveGroup>: Sendable, BitwiseCopyable {
    /// The field of the coordinates.
    public typealias BaseField = Group.BaseField

    /// X, Y and Z.
    public var x, y, z: BaseField

    /// The point with the given X, Y and Z; nothing is checked.
    @inlinable
    public init(x: BaseField, y: BaseField, z: BaseField) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// The same point with Z = 1.
    @inlinable
    public init(_ point: Affine<Group>) {
        self = point.isIdentity ? .identity : Self(x: point.x, y: point.y, z: .one)
    }

    /// The neutral element.
    @inlinable public static var identity: Self { Self(x: .one, y: .one, z: .zero) }
    /// True for the neutral element.
    @inlinable public var isIdentity: Bool { z.isZero }

    /// The sum with itself.
    ///
    /// - Reference: EFD, dbl-2009-l (a = 0): 2M + 5S.
    @inlinable
    public func doubled() -> Self {
        if isIdentity || y.isZero { return .identity }
        let a = x.squared()
        let b = y.squared()
        let c = b.squared()
        let d = ((x + b).squared() - a - c).doubled()
        let e = a.doubled() + a
        let x3 = e.squared() - d.doubled()
        let y3 = e * (d - x3) - c.doubled().doubled().doubled()
        return Self(x: x3, y: y3, z: (y * z).doubled())
    }

    /// The sum.
    ///
    /// Complete: identities, equal and opposite points are handled.
    ///
    /// - Reference: EFD, add-2007-bl: 11M + 5S.
    @inlinable
    public static func + (p: Self, q: Self) -> Self {
        if p.isIdentity { return q }
        if q.isIdentity { return p }
        let z1z1 = p.z.squared()
        let z2z2 = q.z.squared()
        let u1 = p.x * z2z2
        let u2 = q.x * z1z1
        let s1 = p.y * q.z * z2z2
        let s2 = q.y * p.z * z1z1
        if u1 == u2 { return s1 == s2 ? p.doubled() : .identity }
        let h = u2 - u1
        let i = h.doubled().squared()
        let j = h * i
        let r = (s2 - s1).doubled()
        let v = u1 * i
        let x3 = r.squared() - j - v.doubled()
        let y3 = r * (v - x3) - (s1 * j).doubled()
        let z3 = ((p.z + q.z).squared() - z1z1 - z2z2) * h
        return Self(x: x3, y: y3, z: z3)
    }

    /// The sum.
    ///
    /// Complete mixed addition.
    ///
    /// - Reference: EFD, madd-2007-bl: 7M + 4S.
    @inlinable
    public static func + (p: Self, q: Affine<Group>) -> Self {
        if q.isIdentity { return p }
        if p.isIdentity { return Self(q) }
        let z1z1 = p.z.squared()
        let u2 = q.x * z1z1
        let s2 = q.y * p.z * z1z1
        if u2 == p.x { return s2 == p.y ? p.doubled() : .identity }
        let h = u2 - p.x
        let hh = h.squared()
        let i = hh.doubled().doubled()
        let j = h * i
        let r = (s2 - p.y).doubled()
        let v = p.x * i
        let x3 = r.squared() - j - v.doubled()
        let y3 = r * (v - x3) - (p.y * j).doubled()
        let z3 = (p.z + h).squared() - z1z1 - hh
        return Self(x: x3, y: y3, z: z3)
    }

    /// The inverse element.
    @inlinable public static prefix func - (p: Self) -> Self { Self(x: p.x, y: -p.y, z: p.z) }
    /// p + (−q).
    @inlinable public static func - (p: Self, q: Self) -> Self { p + (-q) }
    /// Adds `q` to `p`.
    @inlinable public static func += (p: inout Self, q: Self) { p = p + q }
    /// Adds `q` to `p`.
    @inlinable public static func += (p: inout Self, q: Affine<Group>) { p = p + q }

    /// The same point in affine coordinates; one inversion.
    @inlinable
    public var affine: Affine<Group> {
        guard let inverse = z.inverse() else { return .identity }
        let square = inverse.squared()
        return Affine(x: x * square, y: y * square * inverse)
    }

    /// All points in affine coordinates with one inversion in all.
    @inlinable
    public static func batchAffine(_ points: [Self]) -> [Affine<Group>] {
        var inverses = points.map(\.z)
        BaseField.batchInvert(&inverses)
        return zip(points, inverses).map { point, inverse in
            let square = inverse.squared()
            // An identity has inverse 0 here, which gives (0, 0).
            return Affine(x: point.x * square, y: point.y * square * inverse)
        }
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
}

extension Jacobian: Equatable {
    /// True when both are the same point, whatever their Z.
    @inlinable
    public static func == (p: Self, q: Self) -> Bool {
        if p.isIdentity || q.isIdentity { return p.isIdentity && q.isIdentity }
        let z1z1 = p.z.squared()
        let z2z2 = q.z.squared()
        return p.x * z2z2 == q.x * z1z1 && p.y * q.z * z2z2 == q.y * p.z * z1z1
    }
}
