// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves
import FiniteFields

/// Sums that make keys, compiled for one curve each: the conformances below are what makes the compiler
/// specialise the bodies.
public protocol SetupKernels: CPUKernels {
    /// Each scalar times the generator, in the order of the scalars.
    static func multiplyGenerator(_ scalars: [Fr], _ parallel: Parallel) -> [Affine<G1>]
    static func multiplyGenerator2(_ scalars: [Fr], _ parallel: Parallel) -> [Affine<G2>]
    /// Each point times one scalar.
    static func multiplyAll(_ points: PointTable<G1>, by scalar: Fr, _ parallel: Parallel) -> [Affine<G1>]
    /// Each point aᵢ − bᵢ.
    static func differences(_ a: PointTable<G1>, _ b: PointTable<G1>, _ parallel: Parallel) -> [Affine<G1>]
    /// Points in snarkjs' uncompressed form (see `TranscriptHash`), one after another.
    static func transcriptBytes(_ points: PointTable<G1>) -> [UInt8]
    static func transcriptBytes(_ points: PointTable<G2>) -> [UInt8]
    /// A curve point of G2, deterministically from 256 bits of seed, as snarkjs draws it (see
    /// `ChaChaPoints`).
    static func point2(seed: [UInt32]) -> Affine<G2>
    /// What a point of the curve of G1 is multiplied with to be in the subgroup, least limb first.
    static var cofactor1: [UInt64] { get }
}

extension BN254: SetupKernels {
    public static var cofactor1: [UInt64] { [1] }

    public static func point2(seed: [UInt32]) -> Affine<G2> {
        // The cofactor of the twist, 2p − r.
        ChaChaPoints<Self>.point2(
            seed: seed,
            cofactor: [
                0x345f_2299_c0f9_fa8d, 0x06ce_ecda_572a_2489, 0xb850_45b6_8181_585e, 0x3064_4e72_e131_a029,
            ])
    }
}

extension BLS12381: SetupKernels {
    public static var cofactor1: [UInt64] { [0x8c00_aaab_0000_aaab, 0x396c_8c00_5555_e156] }

    public static func point2(seed: [UInt32]) -> Affine<G2> {
        ChaChaPoints<Self>.point2(
            seed: seed,
            cofactor: [
                0xcf1c_38e3_1c72_38e5, 0x1616_ec6e_786f_0c70, 0x2153_7e29_3a66_91ae, 0xa628_f1cb_4d9e_82ef,
                0xa68a_205b_2e5a_7ddf, 0xcd91_de45_4708_5aba, 0x091d_5079_2876_a202, 0x05d5_43a9_5414_e7f1,
            ])
    }
}

extension SetupKernels {
    /// A point of G1 from a stream, as snarkjs draws it.
    static func point1(_ stream: inout ChaChaStream) -> Affine<G1> {
        ChaChaPoints<Self>.point1(&stream, cofactor: cofactor1)
    }

    public static func multiplyGenerator(_ scalars: [Fr], _ parallel: Parallel) -> [Affine<G1>] {
        FixedBase<G1>.multiples(of: G1.generator, by: scalars, parallel)
    }

    public static func multiplyGenerator2(_ scalars: [Fr], _ parallel: Parallel) -> [Affine<G2>] {
        FixedBase<G2>.multiples(of: G2.generator, by: scalars, parallel)
    }

    public static func multiplyAll(_ points: PointTable<G1>, by scalar: Fr, _ parallel: Parallel) -> [Affine<
        G1
    >] {
        let secret = SecretValue(scalar.canonical)
        return perChunk(points.count, parallel) { range in
            withUnsafeBytes(of: secret.value) { words in
                let words = words.bindMemory(to: UInt64.self)
                return Jacobian<G1>.batchAffine(range.map { Jacobian(points[$0]).multiplied(by: words) })
            }
        }
    }

    public static func differences(_ a: PointTable<G1>, _ b: PointTable<G1>, _ parallel: Parallel) -> [Affine<
        G1
    >] {
        perChunk(a.count, parallel) { range in
            Jacobian<G1>.batchAffine(range.map { Jacobian(a[$0]) + Jacobian(-b[$0]) })
        }
    }

    public static func transcriptBytes(_ points: PointTable<G1>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(points.count * PointTable<G1>.stride)
        for index in 0..<points.count {
            append(points[index].x, to: &bytes)
            append(points[index].y, to: &bytes)
        }
        return bytes
    }

    public static func transcriptBytes(_ points: PointTable<G2>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(points.count * PointTable<G2>.stride)
        for index in 0..<points.count {
            let point = points[index]
            for coordinate in [point.x.c1, point.x.c0, point.y.c1, point.y.c0] {
                append(coordinate, to: &bytes)
            }
        }
        return bytes
    }

    /// Appends the canonical integer, big-endian.
    @inline(__always)
    private static func append(_ value: Fp, to bytes: inout [UInt8]) {
        let limbs = value.canonical
        for index in (0..<Fp.Limbs.count).reversed() {
            withUnsafeBytes(of: limbs[index].bigEndian) { bytes.append(contentsOf: $0) }
        }
    }
}
