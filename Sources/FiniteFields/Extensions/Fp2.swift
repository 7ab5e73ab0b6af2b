// SPDX-License-Identifier: Apache-2.0

/// c0 + c1·u in Fp[u]/(u² + q), where q is the tower's: 1 or another small number.
@frozen
public struct Fp2<Parameters: TowerParameters>: Field {
    /// The prime field at the bottom.
    public typealias Fp = Parameters.Fp

    /// The coefficients of 1 and u.
    public var c0, c1: Fp

    /// The element with the given coefficients of 1 and u.
    @inlinable @inline(__always)
    public init(_ c0: Fp, _ c1: Fp) {
        self.c0 = c0
        self.c1 = c1
    }

    @inlinable public static var zero: Self { Self(.zero, .zero) }
    @inlinable public static var one: Self { Self(.one, .zero) }
    @inlinable public static var byteCount: Int { 2 * Fp.byteCount }
    @inlinable public var isZero: Bool { c0.isZero && c1.isZero }

    @inlinable @inline(__always)
    public static func + (a: Self, b: Self) -> Self { Self(a.c0 + b.c0, a.c1 + b.c1) }

    @inlinable @inline(__always)
    public static func - (a: Self, b: Self) -> Self { Self(a.c0 - b.c0, a.c1 - b.c1) }

    @inlinable @inline(__always)
    public static prefix func - (a: Self) -> Self { Self(-a.c0, -a.c1) }

    @inlinable
    public static func * (a: Self, b: Self) -> Self { Parameters.multiply(a, b) }

    /// a·k for k in Fp.
    @inlinable
    public static func * (a: Self, k: Fp) -> Self { Self(a.c0 * k, a.c1 * k) }

    @inlinable @inline(__always)
    public func doubled() -> Self { Self(c0.doubled(), c1.doubled()) }

    @inlinable
    public func squared() -> Self { Parameters.square(self) }

    /// c0 − c1·u, which is also the p-power of this element.
    @inlinable
    public var conjugate: Self { Self(c0, -c1) }

    /// c0² + q·c1².
    @inlinable
    public var norm: Fp { c0.squared() + Parameters.timesQ(c1.squared()) }

    @inlinable
    public func inverse() -> Self? {
        guard let n = norm.inverse() else { return nil }
        return Self(c0 * n, -(c1 * n))
    }

    /// A square root, either one of the two; `nil` for a non-residue.
    ///
    /// The complex method (Adj and Rodríguez-Henríquez 2012, algorithm 8).
    public func squareRoot() -> Self? {
        if c1.isZero {
            if let root = c0.squareRoot() { return Self(root, .zero) }
            // (y·u)² = −q·y².
            guard let q = Parameters.timesQ(.one).inverse() else { return nil }
            return (-c0 * q).squareRoot().map { Self(.zero, $0) }
        }
        guard let n = norm.squareRoot(), let half = Fp(2).inverse() else { return nil }
        guard let x = ((c0 + n) * half).squareRoot() ?? ((c0 - n) * half).squareRoot(),
            let y = (x.doubled()).inverse()
        else { return nil }
        let root = Self(x, c1 * y)
        return root.squared() == self ? root : nil
    }

    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(Fp.random(using: &generator), Fp.random(using: &generator))
    }
}
