// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
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
}
