// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Curves
import EllipticCurves
package import EmulatedArithmetic
import FiniteFields
package import Groth16

/// The points of a Groth16 proof in a circuit: new elements, of which nothing is said yet but their range.
package struct ProofElements {
    package let a: G1Element
    package let b: G2Element
    package let c: G1Element

    /// The points of a proof: 8 new elements.
    ///
    /// - Parameter proof: its value; called at once where values are made, else not at all. A point at
    ///   infinity, or one that is on no curve, satisfies no check.
    package init(_ field: EmulatedField<BN254.Fp>, _ proof: () -> Proof<BN254>) {
        let zero = Proof<BN254>(a: .identity, b: .identity, c: .identity)
        let proof = field.hasValues ? proof() : zero
        func element(_ value: BN254.Fp) -> BaseElement { field.hinted { value } }
        func element(_ value: BN254.Fp2) -> QuadraticElement {
            QuadraticElement(element(value.c0), element(value.c1))
        }
        a = G1Element(x: element(proof.a.x), y: element(proof.a.y))
        b = G2Element(x: element(proof.b.x), y: element(proof.b.y))
        c = G1Element(x: element(proof.c.x), y: element(proof.c.y))
    }

    /// The coordinates, in the order in which they are hashed.
    var coordinates: [BaseElement] { [a.x, a.y, b.x.c0, b.x.c1, b.y.c0, b.y.c1, c.x, c.y] }
}

extension EmulatedField<BN254.Fp> {
    /// The limbs of new elements, as many as fit, in order, in elements of the native field: no constraint.
    ///
    /// Different limbs in range give different results. Elements that are equal modulo p may have different
    /// limbs, so that the same coordinates may have several hashes; but a hash has one set of coordinates,
    /// once all chunks are known to be in range.
    ///
    /// - Precondition: the elements are new ones, nothing but chunks.
    func packed(_ elements: [BaseElement]) -> [Linear] {
        var (packs, width): ([Linear], Int) = ([], Scalar.bitWidth)
        for element in elements {
            guard let limbs = limbs(ofNew: element) else {
                preconditionFailure("a sum is to be hashed, which has no limbs of its own")
            }
            for (limb, bits) in zip(limbs, shape.limbBits) {
                if width + bits >= Scalar.bitWidth {
                    packs.append(limb)
                    width = bits
                } else {
                    packs[packs.count - 1].add(limb, times: builder.powerOfTwo(width))
                    width += bits
                }
            }
        }
        return packs
    }
}
