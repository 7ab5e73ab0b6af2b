// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
package import FiniteFields
import Groth16

extension GnarkFiles {
    /// A proof in the bytes of gnark's `WriteTo`, or of `WriteRawTo` without compression.
    package static func bytes<Suite: ComputeSuite>(of proof: Groth16Proof<Suite>, isRaw: Bool) -> [UInt8] {
        let encoder = GnarkEncoder<Suite>(isRaw: isRaw)
        switch proof {
        case .plain(let proof):
            return encoder.bytes(
                proof.a, proof.b, proof.c, commitments: [], knowledge: .identity)
        case .committed(let proof):
            return encoder.bytes(
                proof.a, proof.b, proof.c, commitments: proof.commitments, knowledge: proof.knowledge)
        }
    }

    /// Public inputs in the bytes of gnark's public witness.
    package static func bytes<F: PrimeField>(ofPublicInputs values: [F]) -> [UInt8] {
        let count = UInt32(values.count).bigEndianBytes
        return count + UInt32(0).bigEndianBytes + count + values.flatMap(\.bigEndianBytes)
    }

    /// A verification key in the bytes of gnark's `WriteTo`, or of `WriteRawTo`.
    ///
    /// - Parameters:
    ///   - beta1: β₁, of the proving key: no proof is verified with it.
    ///   - delta1: δ₁, as β₁.
    package static func bytes<Suite: ComputeSuite>(
        of key: Groth16VerifyingKey<Suite>, beta1: Affine<Suite.G1>, delta1: Affine<Suite.G1>, isRaw: Bool
    ) -> [UInt8] {
        let encoder = GnarkEncoder<Suite>(isRaw: isRaw)
        func head(
            _ alpha1: Affine<Suite.G1>, _ beta2: Affine<Suite.G2>, _ gamma2: Affine<Suite.G2>,
            _ delta2: Affine<Suite.G2>, _ ic: [Affine<Suite.G1>]
        ) -> [UInt8] {
            encoder.g1(alpha1) + encoder.g1(beta1) + encoder.g2(beta2) + encoder.g2(gamma2)
                + encoder.g1(delta1) + encoder.g2(delta2) + encoder.points(ic)
        }
        switch key {
        case .plain(let key):
            return head(key.alpha1, key.beta2, key.gamma2, key.delta2, key.ic)
                + [UInt8](repeating: 0, count: 8)
        case .committed(let key):
            var bytes = head(key.alpha1, key.beta2, key.gamma2, key.delta2, key.ic)
            bytes += UInt32(key.commitments.count).bigEndianBytes
            for commitment in key.commitments {
                bytes += UInt32(commitment.hashed.count).bigEndianBytes
                bytes += commitment.hashed.flatMap { UInt64($0).bigEndianBytes }
            }
            bytes += UInt32(key.commitments.count).bigEndianBytes
            for commitment in key.commitments {
                bytes += encoder.g2(key.generator) + encoder.g2(commitment.negativeSigma)
            }
            return bytes
        }
    }
}

/// Points as gnark writes them; see `GnarkCursor`.
private struct GnarkEncoder<Suite: ComputeSuite> {
    let isRaw: Bool

    private var hasThreeFlags: Bool { 8 * Suite.Fp.byteCount - Suite.Fp.bitWidth >= 3 }

    func bytes(
        _ a: Affine<Suite.G1>, _ b: Affine<Suite.G2>, _ c: Affine<Suite.G1>,
        commitments: [Affine<Suite.G1>], knowledge: Affine<Suite.G1>
    ) -> [UInt8] { g1(a) + g2(b) + g1(c) + points(commitments) + g1(knowledge) }

    func points(_ points: [Affine<Suite.G1>]) -> [UInt8] {
        UInt32(points.count).bigEndianBytes + points.flatMap(g1)
    }

    func g1(_ point: Affine<Suite.G1>) -> [UInt8] {
        bytes(
            isIdentity: point.isIdentity, x: point.x.bigEndianBytes, y: point.y.bigEndianBytes,
            isLarger: isLarger(point.y))
    }

    func g2(_ point: Affine<Suite.G2>) -> [UInt8] {
        bytes(
            isIdentity: point.isIdentity, x: point.x.c1.bigEndianBytes + point.x.c0.bigEndianBytes,
            y: point.y.c1.bigEndianBytes + point.y.c0.bigEndianBytes,
            isLarger: isLarger(point.y.c1.isZero ? point.y.c0 : point.y.c1))
    }

    private func isLarger(_ y: Suite.Fp) -> Bool { !y.isZero && (-y).canonical.isLess(than: y.canonical) }

    private func bytes(isIdentity: Bool, x: [UInt8], y: [UInt8], isLarger: Bool) -> [UInt8] {
        var bytes = isRaw ? x + y : x
        switch (isIdentity, isRaw) {
        case (true, true): bytes[0] = hasThreeFlags ? 0x40 : 0
        case (true, false): bytes[0] = hasThreeFlags ? 0xc0 : 0x40
        case (false, true): break
        case (false, false): bytes[0] |= isLarger ? (hasThreeFlags ? 0xa0 : 0xc0) : 0x80
        }
        return bytes
    }
}

extension FixedWidthInteger {
    /// The integer's bytes, the highest first.
    fileprivate var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}
