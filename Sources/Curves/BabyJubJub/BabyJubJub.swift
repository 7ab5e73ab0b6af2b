// SPDX-License-Identifier: Apache-2.0

public import CFieldKernels
public import EllipticCurves
public import FiniteFields

/// BabyJubJub (EIP-2494, circomlib), the curve whose points circuits over BN254 compute with.
///
/// - equation: 168700·x² + y² = 1 + 168696·x²·y² over BN254's Fr; 168700 is a square, 168696 none: sums are
///   complete
/// - order: 8·r for a prime r of 251 bits
/// - base point: that of circomlib and EIP-2494, `B` there: of order r, eight times the generator `G` of the
///   whole curve
/// - Montgomery form: v² = u³ + 168698·u² + u
/// - security: about 125 bits for the group
///
/// Warning: points of the orders 2, 4 and 8 exist, and (0, −1) is one. What comes from outside is checked by
/// `isValid`, as `sharedPoint` does.
public enum BabyJubJub: EdwardsGroup {
    /// The constants of the scalars: four limbs, r of 251 bits.
    public enum ScalarParameters: FieldParameters {
        public typealias Limbs = Limbs4
        @inlinable public static var constants: UnsafePointer<FieldConstants4> { martlet_babyjubjub_fr() }
        public static var name: String { "BabyJubJub Fr" }
    }

    public typealias BaseField = BN254.Fr
    public typealias Scalar = MontgomeryField<ScalarParameters>

    public static let a = BN254.Fr(168_700)
    public static let d = BN254.Fr(168_696)
    public static let generator = EdwardsAffine<BabyJubJub>(
        x: BN254.Fr(
            trustedDecimal: "5299619240641551281634865583518297030282874472190772894086521144482721001553"),
        y: BN254.Fr(
            trustedDecimal: "16950150798460657717958625567821834550301663161624707787222815936182638968203"))
    public static var cofactor: UInt64 { 8 }
    public static var name: String { "BabyJubJub" }

    /// The key agreement of Diffie and Hellman: `secret` times the other side's public key, a multiple of the
    /// generator.
    ///
    /// - Warning: its time depends on the secret. Not for a machine on which others can measure it.
    /// - Returns: `nil` for what is no point of the subgroup or the identity, so that nobody can make the
    ///   shared point one of a few.
    public static func sharedPoint(
        _ secret: Scalar, _ publicKey: EdwardsAffine<BabyJubJub>
    ) -> EdwardsAffine<BabyJubJub>? {
        guard publicKey.isValid, !publicKey.isIdentity else { return nil }
        let shared = publicKey.multiplied(by: secret).affine
        return shared.isIdentity ? nil : shared
    }
}
