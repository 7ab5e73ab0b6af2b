// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Curves
package import EllipticCurves
import FiniteFields

/// Points of G1 whose logarithms, to each other and to points given, nobody knows.
package enum OffsetPoint {
    /// The point with the first x of Poseidon(values…, counter), counter = 0, 1, 2 …, for which x³ + 3 is a
    /// square; of its two y the even one.
    ///
    /// - Parameters:
    ///   - values: what the point is to be independent of; whoever chooses them chooses among points.
    ///   - domain: of the hash.
    package static func derived(from values: [Scalar], domain: UInt64) -> Affine<BN254.G1> {
        var counter: UInt64 = 0
        while true {
            let hash = Poseidon.hash(values + [Scalar(counter)], domain: domain)
            counter += 1
            // The group order is below the base field's.
            guard let x = BN254.Fp(canonical: hash.canonical),
                let y = (x.squared() * x + BN254.G1.b).squareRoot()
            else { continue }
            return Affine(x: x, y: y.canonical[0] & 1 == 0 ? y : -y)
        }
    }
}

extension BN254.Fp {
    /// The low and the high 128 bits of the canonical integer, as scalars.
    var halves: [Scalar] {
        let words = canonical
        return [0, 2].map { Scalar(canonical: Scalar.Limbs(l: (words[$0], words[$0 + 1], 0, 0)))! }
    }
}
