// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Curves
import EllipticCurves
package import FiniteFields
package import Groth16

/// The challenges of the argument, from a hash of all that came before (Fiat–Shamir): SHA-512 over labelled
/// parts with their lengths, each challenge its value modulo the group order.
package struct AggregationTranscript<Suite: CurveSuite> {
    private var hash = SHA512()

    package init(
        _ key: AggregationVerifyingKey<Suite>, _ verifyingKey: VerifyingKey<Suite>, count: Int,
        publicInputs: [[Suite.Fr.Limbs]]
    ) {
        absorb("martlet SnarkPack 1 \(Suite.id.rawValue)", [])
        for secret in [key.first, key.second] {
            absorb("key", bytes(secret.g1) + bytes(secret.g2))
        }
        absorb("alpha", bytes(verifyingKey.alpha1))
        for point in [verifyingKey.beta2, verifyingKey.gamma2, verifyingKey.delta2] {
            absorb("beta, gamma, delta", bytes(point))
        }
        for point in verifyingKey.ic { absorb("ic", bytes(point)) }
        absorb("count \(count)", [])
        for inputs in publicInputs {
            absorb("inputs", inputs.flatMap { limbs in limbs.words.flatMap(Self.littleEndian) })
        }
    }

    mutating func absorb(_ proof: AggregateProof<Suite>.Pair<Fp12<Suite.Tower>>, _ label: String) {
        absorb(label, bytes(proof.first) + bytes(proof.second))
    }

    mutating func absorb(product: Fp12<Suite.Tower>, sum: Affine<Suite.G1>) {
        absorb("product and sum", bytes(product) + bytes(sum))
    }

    mutating func absorb(_ round: AggregateProof<Suite>.Round) {
        for side in [round.left, round.right] {
            absorb(side.ab, "round ab")
            absorb(side.c, "round c")
            absorb(product: side.product, sum: side.sum)
        }
    }

    /// Takes in what is left after all rounds, but for the openings.
    mutating func absorbFinals(_ proof: AggregateProof<Suite>) {
        absorb("finals", bytes(proof.finalA) + bytes(proof.finalB) + bytes(proof.finalC))
        absorb("key v", bytes(proof.keyV.first) + bytes(proof.keyV.second))
        absorb("key w", bytes(proof.keyW.first) + bytes(proof.keyW.second))
    }

    /// A scalar that depends on all that was taken in; it counts as taken in itself.
    package mutating func challenge() -> Suite.Fr {
        absorb("challenge", [])
        let digest = Array(hash.finalize())
        absorb("digest", digest)
        let radix = Suite.Fr(256)
        return digest.reduce(Suite.Fr.zero) { $0 * radix + Suite.Fr(UInt64($1)) }
    }

    private mutating func absorb(_ label: String, _ bytes: [UInt8]) {
        let label = Array(label.utf8)
        hash.update(data: Self.littleEndian(UInt64(label.count)) + label)
        hash.update(data: Self.littleEndian(UInt64(bytes.count)) + bytes)
    }

    private static func littleEndian(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
    }

    private func bytes(_ point: Affine<Suite.G1>) -> [UInt8] {
        point.x.littleEndianBytes + point.y.littleEndianBytes
    }

    private func bytes(_ point: Affine<Suite.G2>) -> [UInt8] {
        [point.x.c0, point.x.c1, point.y.c0, point.y.c1].flatMap(\.littleEndianBytes)
    }

    private func bytes(_ value: Fp12<Suite.Tower>) -> [UInt8] {
        value.coefficients.flatMap(\.littleEndianBytes)
    }
}
