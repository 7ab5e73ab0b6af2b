// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A group of points of a short Weierstrass curve y² = x³ + b, of which the subgroup of order r matters.
///
/// Conformers are data: coefficients, a generator and the fastest known membership check.
public protocol CurveGroup: Sendable {
    /// The field of the coordinates.
    associatedtype BaseField: Field
    /// The field of r elements.
    associatedtype Scalar: PrimeField

    /// The b of the equation.
    static var b: BaseField { get }
    /// The standard generator of the subgroup of order r.
    static var generator: Affine<Self> { get }
    /// h, where the curve has h·r points; limbs, least significant first.
    static var cofactor: [UInt64] { get }
    /// No prime below two to this power divides the cofactor; 0 where small ones do.
    static var cofactorRoughness: Int { get }
    /// What the group is called in messages, such as "BN254 G1".
    static var name: String { get }

    /// True when `point`, which must be on the curve, lies in the subgroup of order r.
    static func isInSubgroup(_ point: Affine<Self>) -> Bool
}

extension CurveGroup {
    public static var cofactor: [UInt64] { [1] }
    public static var cofactorRoughness: Int { 0 }

    /// The membership check by definition, r·P = O: slow, and what fast checks are tested against.
    public static func hasOrderDividingR(_ point: Affine<Self>) -> Bool {
        Jacobian(point).multiplied(by: Scalar.modulus.words).isIdentity
    }
}
