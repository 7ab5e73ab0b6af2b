// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import EmulatedArithmetic
import FiniteFields

/// Any scalar s as −λ·(a + λ·b) with 127 digits each, which the prover chooses: 254 bits, 127 constraints for
/// what digits have in common, and one for the sum.
///
/// Several a and b may belong to one s; the multiple of a point of the group is the same. They exist for each
/// s: a = 2^127 + 2·A + 1 and b = 2·B + 1 for A and B below 2^127, so A − 2^126 and B − 2^126 are to be the
/// coordinates x and y of a vector x + λ·y ≡ t for some t, and rounding finds one below 2^126
/// (`Endomorphism.split`).
package struct WholeScalar: PointScalar {
    package static let digits = 127

    package let signs: [Linear]
    package let equal: [Linear]
    package let value: Linear

    /// The digits of a scalar; `value` is the scalar itself.
    ///
    /// - Parameter tampering: for tests only.
    package init(_ emulation: Emulation, of scalar: Linear, _ tampering: CurveTampering? = nil) {
        let builder = emulation.builder
        var (a, b) = (Scalar.zero, Scalar.zero)
        if builder.hasValues {
            (a, b) = Self.digits(of: tampering?.wholeScalar?(scalar.value) ?? scalar.value)
        }
        // Points are selected by them.
        func bits(_ number: Scalar) -> [Linear] {
            let words = number.canonical
            return (0..<Self.digits).map { index in
                emulation.boundBit(words[index / 64] >> UInt64(index % 64) & 1 == 1)
            }
        }
        let bits = bits(a) + bits(b)
        let (first, second) = (bits[..<Self.digits], bits[Self.digits...])
        signs = Array(first)
        equal = Self.equal(builder, first, second)
        if tampering?.omitted.contains(.wholeScalar) != true {
            builder.enforceEqual(Self.value(builder, first, second), scalar)
        }
        value = scalar
    }

    /// A and B.
    package static func digits(of scalar: Scalar) -> (a: Scalar, b: Scalar) {
        let root = Endomorphism.eigenvalue
        let (one, center) = (Scalar.one, power(digits - 1))
        // a + λ·b = −s/λ = −λ²·s, less the parts of a and b that are fixed, over two.
        let rest = -(root.squared() * scalar) - (one + power(digits)) - root
        let target = rest * half - center - root * center
        let (x, y) = Endomorphism.split(target)
        return (x + center, y + center)
    }

    private static let half = Scalar(2).inverse()!

    private static func power(_ exponent: Int) -> Scalar {
        (0..<exponent).reduce(Scalar.one) { power, _ in power + power }
    }
}
