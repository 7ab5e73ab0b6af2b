// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A point in affine coordinates, Montgomery form. The identity is (0, 0), which is on no curve with b ≠ 0;
/// the snarkjs formats write it the same way.
@frozen
public struct Affine<Group: CurveGroup>: Hashable, Sendable, BitwiseCopyable {
    /// The coordinates.
    public var x, y: Group.BaseField

    /// The point with the given coordinates; nothing is checked (`isOnCurve`, `isValid`).
    @inlinable @inline(__always)
    public init(x: Group.BaseField, y: Group.BaseField) {
        self.x = x
        self.y = y
    }

    /// The neutral element, (0, 0).
    @inlinable public static var identity: Self { Self(x: .zero, y: .zero) }
    /// The standard generator of the subgroup of order r.
    @inlinable public static var generator: Self { Group.generator }
    /// True for the neutral element.
    @inlinable public var isIdentity: Bool { x.isZero && y.isZero }

    /// True for the identity and for solutions of y² = x³ + b; says nothing about the subgroup.
    @inlinable
    public var isOnCurve: Bool {
        isIdentity || y.squared() == x.squared() * x + Group.b
    }

    /// True when the point is on the curve and in the subgroup of order r.
    @inlinable
    public var isValid: Bool { isOnCurve && Group.isInSubgroup(self) }

    /// The inverse element.
    @inlinable
    public static prefix func - (p: Self) -> Self { Self(x: p.x, y: -p.y) }

    /// k·P by double-and-add over windows of four bits; variable-time.
    @inlinable
    public func multiplied(by scalar: Group.Scalar) -> Jacobian<Group> {
        // No array: nothing of a secret scalar stays on the heap.
        withUnsafeBytes(of: scalar.canonical) {
            Jacobian(self).multiplied(by: $0.bindMemory(to: UInt64.self))
        }
    }

    /// A random point of the subgroup: a random multiple of the generator.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Group.generator.multiplied(by: Group.Scalar.random(using: &generator)).affine
    }
}
