// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
package import FiniteFields

/// A twist of BLS12-377's curve whose subgroup is far larger: scalars of six limbs over a field with
/// additions in lanes, which know no b. Tests/Vectors/widths says where it comes from.
///
/// - equation: y² = x³ + 10 over BLS12-377's Fp
/// - r: 358 bits; r − 1 is divisible by 2^4
/// - cofactor: 625348
package enum BLS12377Twist: CurveGroup {
    package enum FrParameters: FieldParameters {
        package typealias Limbs = Limbs6
        // Unchecked: written once, before anybody has it.
        package nonisolated(unsafe) static let constants = FieldConstants6.derived(
            Limbs6(
                known: """
                    413632770893916817533041976139515171610676795568091143714994311434146216743862333892438911037666941042992721
                    """))
        package static var name: String { "BLS12-377 twist Fr" }
    }

    package typealias BaseField = BLS12377.Fp
    package typealias Scalar = MontgomeryField<FrParameters>

    package static var b: BaseField { 10 }
    package static let generator = Affine<BLS12377Twist>(
        x: BaseField(
            known: """
                173272468114023919634920114759228843828186855121900832581257005093914873510355212422168847058498146209579326030503
                """),
        y: BaseField(
            known: """
                75754320222466114121307943397322959445677469211048525582738576405977632405097368906667282817127073318967298861228
                """))
    package static var name: String { "BLS12-377 twist" }
    package static var cofactor: [UInt64] { [625348] }
    package static func isInSubgroup(_ point: Affine<BLS12377Twist>) -> Bool { hasOrderDividingR(point) }
}
