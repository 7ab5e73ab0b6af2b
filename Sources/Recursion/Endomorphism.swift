// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EmulatedArithmetic
import FiniteFields

/// The map (x, y) ↦ (ω·x, y) of BN254's G1, with ω³ = 1: the multiplication by λ, and λ² + λ + 1 = 0 modulo
/// the group order.
///
/// No (a, b) but (0, 0) with |a| and |b| below 2^125 has a + λ·b ≡ 0: the shortest vector of that lattice is
/// (−9931322734385697763, 147946756881789319000765030803803410728), whose length is 2^126.8 by Gauss'
/// reduction.
///
/// - Reference: Gallant, Lambert and Vanstone 2001, "Faster point multiplication on elliptic curves with
///   efficient endomorphisms".
enum Endomorphism {
    /// ω, in the base field.
    static let root = BN254.Fp(decimal: "2203960485148121921418603742825762020974279258880205651966")!
    /// λ, a scalar.
    static let eigenvalue = Scalar(decimal: "4407920970296243842393367215006156084916469457145843978461")!

    /// The coordinates of the shortest vector, (−u, v), and of another, (v + u, u): together they are a base.
    private static let (u, v) = (
        Natural(9_931_322_734_385_697_763),
        Natural(words: [0x8211_bbeb_7d4f_1128, 0x6f4d_8248_eeb8_59fc])
    )
    /// u·2^384/q and v·2^384/q, rounded.
    private static let (uRatio, vRatio) = (
        Natural(words: [
            0x8fa7_d32d_2faf_ba64, 0x6eb9_c714_773a_6ef2, 0xd91d_232e_c7e0_b3d7, 0x2,
        ]),
        Natural(words: [
            0x8693_7516_9b9b_dffa, 0xa5e3_8cfb_5eaa_26d9, 0x7a7b_d9d4_391e_b18d, 0x4cce_f014_a773_d2cf, 0x2,
        ])
    )

    /// x and y with x + λ·y = s, which are, or whose negatives are, below 2^126 as integers: of the nearest
    /// corner of the lattice, less s.
    static func split(_ scalar: Scalar) -> (x: Scalar, y: Scalar) {
        func rounded(_ ratio: Natural) -> Scalar {
            reduced((Natural(scalar.canonical) * ratio + Natural.powerOfTwo(383)) >> 384)
        }
        let (first, second) = (rounded(uRatio), rounded(vRatio))
        let (u, v) = (reduced(u), reduced(v))
        return (scalar - second * (v + u) - first * u, first * v - second * u)
    }

    /// - Precondition: the integer is below 2^128.
    private static func reduced(_ integer: Natural) -> Scalar {
        let words = integer.words + [UInt64](repeating: 0, count: 2)
        return Scalar(canonical: Scalar.Limbs(l: (words[0], words[1], 0, 0)))!
    }
}
