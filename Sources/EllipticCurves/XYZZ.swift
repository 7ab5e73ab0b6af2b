// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A point in extended Jacobian coordinates: x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ², Montgomery form.
/// The identity has ZZ = 0. The cheapest form for accumulating affine points.
@frozen
public struct XYZZ<Group: CurveGroup>: Sendable, BitwiseCopyable {
    /// The field of the coordinates.
    public typealias BaseField = Group.BaseField

    /// X, Y, ZZ and ZZZ.
    public var x, y, zz, zzz: BaseField

    /// The point with the given X, Y, ZZ and ZZZ; nothing is checked.
    @inlinable
    public init(x: BaseField, y: BaseField, zz: BaseField, zzz: BaseField) {
        self.x = x
        self.y = y
        self.zz = zz
        self.zzz = zzz
    }

    /// The same point with ZZ = ZZZ = 1.
    @inlinable
    public init(_ point: Affine<Group>) {
        self = point.isIdentity ? .identity : Self(x: point.x, y: point.y, zz: .one, zzz: .one)
    }

    /// The neutral element.
    @inlinable public static var identity: Self { Self(x: .one, y: .one, zz: .zero, zzz: .zero) }
    /// True for the neutral element.
    @inlinable public var isIdentity: Bool { zz.isZero }

    /// The sum with itself.
    ///
    /// - Reference: EFD, dbl-2008-s-1 (a = 0): 6M + 4S.
    @inlinable
    public func doubled() -> Self {
        if isIdentity || y.isZero { return .identity }
        let u = y.doubled()
        let v = u.squared()
        let w = u * v
        let s = x * v
        let square = x.squared()
        let m = square.doubled() + square
        let x3 = m.squared() - s.doubled()
        let y3 = m * (s - x3) - w * y
        return Self(x: x3, y: y3, zz: v * zz, zzz: w * zzz)
    }

    /// The sum.
    ///
    /// Complete: identities, equal and opposite points are handled.
    ///
    /// - Reference: EFD, add-2008-s: 12M + 2S.
    @inlinable
    public static func + (p: Self, q: Self) -> Self {
        if p.isIdentity { return q }
        if q.isIdentity { return p }
        let u1 = p.x * q.zz
        let u2 = q.x * p.zz
        let s1 = p.y * q.zzz
        let s2 = q.y * p.zzz
        if u1 == u2 { return s1 == s2 ? p.doubled() : .identity }
        let h = u2 - u1
        let r = s2 - s1
        let hh = h.squared()
        let hhh = h * hh
        let v = u1 * hh
        let x3 = r.squared() - hhh - v.doubled()
        let y3 = r * (v - x3) - s1 * hhh
        return Self(x: x3, y: y3, zz: p.zz * q.zz * hh, zzz: p.zzz * q.zzz * hhh)
    }

    /// The sum.
    ///
    /// Complete mixed addition.
    ///
    /// - Reference: EFD, madd-2008-s: 8M + 2S.
    @inlinable
    public static func + (p: Self, q: Affine<Group>) -> Self {
        if q.isIdentity { return p }
        if p.isIdentity { return Self(q) }
        let u2 = q.x * p.zz
        let s2 = q.y * p.zzz
        if u2 == p.x { return s2 == p.y ? p.doubled() : .identity }
        let h = u2 - p.x
        let r = s2 - p.y
        let hh = h.squared()
        let hhh = h * hh
        let v = p.x * hh
        let x3 = r.squared() - hhh - v.doubled()
        let y3 = r * (v - x3) - p.y * hhh
        return Self(x: x3, y: y3, zz: p.zz * hh, zzz: p.zzz * hhh)
    }

    /// The inverse element.
    @inlinable public static prefix func - (p: Self) -> Self { Self(x: p.x, y: -p.y, zz: p.zz, zzz: p.zzz) }
    /// Adds `q` to `p`.
    @inlinable public static func += (p: inout Self, q: Self) { p = p + q }
    /// Adds `q` to `p`.
    @inlinable public static func += (p: inout Self, q: Affine<Group>) { p = p + q }

    /// The same point in Jacobian coordinates without an inversion: (X·ZZ, Y·ZZZ, ZZ).
    @inlinable
    public var jacobian: Jacobian<Group> {
        isIdentity ? .identity : Jacobian(x: x * zz, y: y * zzz, z: zz)
    }

    /// The same point in affine coordinates; one inversion.
    @inlinable
    public var affine: Affine<Group> { jacobian.affine }
}
