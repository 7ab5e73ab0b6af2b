// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
package import FiniteFields

/// A curve of the tests whose second group is the first one's over Fp2, so that sums are computed over both
/// fields, and of which nobody computes a pairing: the only product of pairings is that of none.
package protocol CurveWithoutPairing: CurveSuite where PreparedG2 == Never {}

extension CurveWithoutPairing {
    package static func prepare(_ point: Affine<G2>) -> Never { preconditionFailure("no pairing") }

    package static func millerLoop(_ pairs: [(Affine<G1>, Never)]) -> Fp12<Tower> { .one }

    package static func finalExponentiation(_ f: Fp12<Tower>) -> Fp12<Tower> {
        preconditionFailure("no pairing")
    }

    package static func isPairingValue(_ f: Fp12<Tower>) -> Bool { f == .one }

    package static var snarkjsPairingPower: Fr { .one }
}
