// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
public import FiniteFields

/// Grumpkin (Aztec), the curve that makes a cycle with BN254: each one's scalars are the other one's
/// coordinates.
///
/// - equation: y² = x³ − 17 over BN254's Fr
/// - order: BN254's p, a prime: the cofactor is 1
/// - generator: (1, √−16), of the two roots the one that Aztec and gnark-crypto take
/// - security: about 127 bits for the group
///
/// It has no pairing, and its scalars no transform to speak of: p − 1 is divisible by 2 only once.
public enum Grumpkin: CurveGroup {
    public typealias BaseField = BN254.Fr
    public typealias Scalar = BN254.Fp

    public static let b = -BN254.Fr(17)
    public static let generator = Affine<Grumpkin>(
        x: 1, y: BN254.Fr(trustedDecimal: "17631683881184975370165255887551781615748388533673675138860"))
    public static var name: String { "Grumpkin" }

    /// True when `point`, which must be on the curve, lies in the subgroup of order r.
    ///
    /// The curve has prime order: every point is in the subgroup.
    public static func isInSubgroup(_ point: Affine<Grumpkin>) -> Bool { true }
}
