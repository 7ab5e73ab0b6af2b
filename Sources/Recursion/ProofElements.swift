// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Curves
package import EllipticCurves
package import EmulatedArithmetic
import FiniteFields
package import Groth16

/// The points of a Groth16 proof, of a plain key or of one with commitments.
package struct ProofPoints: Sendable {
    package var a: Affine<BN254.G1>
    package var b: Affine<BN254.G2>
    package var c: Affine<BN254.G1>
    /// The commitments to wires; none for plain keys.
    package var commitments: [Affine<BN254.G1>]
    /// The proof that what they are made of is known; `nil` for plain keys.
    package var knowledge: Affine<BN254.G1>?

    /// The points of a proof of a plain key.
    package init(_ proof: Proof<BN254>) {
        (a, b, c, commitments, knowledge) = (proof.a, proof.b, proof.c, [], nil)
    }

    /// The points of a proof of a key with commitments.
    package init(_ proof: CommittedProof<BN254>) {
        (a, b, c) = (proof.a, proof.b, proof.c)
        (commitments, knowledge) = (proof.commitments, proof.knowledge)
    }

    /// Whether all of them, and the sum of the commitments, have coordinates: of an honest proof, with a
    /// probability of some 2^−252, one has none.
    package var haveCoordinates: Bool {
        if commitments.count > 1,
            commitments.reduce(Jacobian<BN254.G1>.identity, { $0 + $1 }).isIdentity
        {
            return false
        }
        let others = commitments + (knowledge.map { [$0] } ?? [])
        return !a.isIdentity && !b.isIdentity && !c.isIdentity && others.allSatisfy { !$0.isIdentity }
    }
}

/// The points of a Groth16 proof in a circuit: new elements, of which nothing is said yet but their range.
package struct ProofElements {
    package var a: G1Element
    package var b: G2Element
    package var c: G1Element
    /// The commitments to wires; none for plain keys.
    package var commitments: [G1Element]
    /// The proof that what they are made of is known; `nil` for plain keys.
    package var knowledge: G1Element?

    /// The points of a proof of a plain key: 8 new elements.
    ///
    /// - Parameter proof: its value; called at once where values are made, else not at all. A point at
    ///   infinity, or one that is on no curve, satisfies no check.
    package init(_ field: EmulatedField<BN254.Fp>, _ proof: () -> Proof<BN254>) {
        self.init(field, commitments: 0) { ProofPoints(proof()) }
    }

    /// The points of a proof of a key with commitments: 10 new elements, and two for each commitment.
    ///
    /// - Parameters:
    ///   - count: how many commitments the key has.
    ///   - proof: as for plain keys; it has as many.
    package init(
        _ field: EmulatedField<BN254.Fp>, commitments count: Int = 1,
        committed proof: () -> CommittedProof<BN254>
    ) {
        self.init(field, commitments: count) { ProofPoints(proof()) }
    }

    /// The points of a proof of a key with so many commitments; none for a plain key.
    package init(_ field: EmulatedField<BN254.Fp>, commitments count: Int, points: () -> ProofPoints) {
        let points = field.hasValues ? points() : nil
        precondition(
            points.map { $0.commitments.count == count && ($0.knowledge == nil) == (count == 0) } ?? true,
            "a proof with another number of commitments")
        a = Self.new(field, points?.a)
        b = Self.new(field, points?.b)
        c = Self.new(field, points?.c)
        commitments = (0..<count).map { Self.new(field, points?.commitments[$0]) }
        knowledge = count == 0 ? nil : Self.new(field, points?.knowledge)
    }

    private static func new(_ field: EmulatedField<BN254.Fp>, _ point: Affine<BN254.G1>?) -> G1Element {
        let point = point ?? .identity
        return G1Element(x: field.hinted { point.x }, y: field.hinted { point.y })
    }

    private static func new(_ field: EmulatedField<BN254.Fp>, _ point: Affine<BN254.G2>?) -> G2Element {
        let point = point ?? .identity
        func new(_ value: BN254.Fp2) -> QuadraticElement {
            QuadraticElement(field.hinted { value.c0 }, field.hinted { value.c1 })
        }
        return G2Element(x: new(point.x), y: new(point.y))
    }

    /// The points of G1.
    var pointsOfG1: [G1Element] { [a, c] + commitments + (knowledge.map { [$0] } ?? []) }

    /// The coordinates, in the order in which they are hashed; without those of C for tests only.
    func coordinates(withC: Bool) -> [BaseElement] {
        let points = withC ? pointsOfG1 : [a] + pointsOfG1.dropFirst(2)
        return points.flatMap { [$0.x, $0.y] } + [b.x.c0, b.x.c1, b.y.c0, b.y.c1]
    }
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
