// SPDX-License-Identifier: Apache-2.0

import Compute
package import Curves
package import EllipticCurves
import FiniteFields

/// What checks a PLONK proof of snarkjs 0.7's form. All points are affine, Montgomery form; commitments may
/// be the identity.
///
/// - Reference: Gabizon, Williamson and Ciobotaru 2019, "PLONK: Permutations over Lagrange-bases for
///   oecumenical noninteractive arguments of knowledge", §8.1 (as revised in 2022).
package struct PlonkVerifyingKey<Suite: CurveSuite>: Hashable, Sendable {
    /// The number of public inputs, which are the left wires of the first gates.
    package var publicCount: Int
    /// log₂ n of the number of rows n.
    package var logDomainSize: Int
    /// What the cosets of the second and third wires are shifted by.
    package var k1: Suite.Fr
    /// See `k1`.
    package var k2: Suite.Fr
    /// The selectors: of products, left, right and output wires, and constants.
    package var qm: Affine<Suite.G1>
    /// See `qm`.
    package var ql: Affine<Suite.G1>
    /// See `qm`.
    package var qr: Affine<Suite.G1>
    /// See `qm`.
    package var qo: Affine<Suite.G1>
    /// See `qm`.
    package var qc: Affine<Suite.G1>
    /// The permutation, for each of the three wires of a gate.
    package var s1: Affine<Suite.G1>
    /// See `s1`.
    package var s2: Affine<Suite.G1>
    /// See `s1`.
    package var s3: Affine<Suite.G1>
    /// τ·G₂.
    package var x2: Affine<Suite.G2>

    /// A key of the given parts, which are not checked.
    package init(
        publicCount: Int, logDomainSize: Int, k1: Suite.Fr, k2: Suite.Fr, qm: Affine<Suite.G1>,
        ql: Affine<Suite.G1>, qr: Affine<Suite.G1>, qo: Affine<Suite.G1>, qc: Affine<Suite.G1>,
        s1: Affine<Suite.G1>, s2: Affine<Suite.G1>, s3: Affine<Suite.G1>, x2: Affine<Suite.G2>
    ) {
        self.publicCount = publicCount
        self.logDomainSize = logDomainSize
        (self.k1, self.k2) = (k1, k2)
        (self.qm, self.ql, self.qr, self.qo, self.qc) = (qm, ql, qr, qo, qc)
        (self.s1, self.s2, self.s3) = (s1, s2, s3)
        self.x2 = x2
    }

    /// n, the number of rows.
    package var domainSize: Int { 1 << logDomainSize }

    /// ω, the generator of the n-th roots of unity.
    package var omega: Suite.Fr { EvaluationDomain<Suite.Fr>.root(log: logDomainSize) }

    /// Why proofs under this key show nothing, and the part of the key, by the name that snarkjs gives it, by
    /// which that can be seen; `nil` where there is nothing to be seen.
    package var fault: (part: String, reason: String)? {
        func isShared(_ ratio: Suite.Fr) -> Bool {
            (0..<logDomainSize).reduce(ratio) { power, _ in power.squared() } == .one
        }
        if k1.isZero || isShared(k1) { return ("k1", "the wires' cosets are not distinct") }
        if k2.isZero || isShared(k2) || isShared(k1 * (k2.inverse() ?? .zero)) {
            return ("k2", "the wires' cosets are not distinct")
        }
        let one = Affine<Suite.G2>.generator
        if x2 == one || -x2 == one { return ("X_2", "the setup's secret is known: it is 1 or -1") }
        return nil
    }

    /// The commitments in the order in which they are hashed.
    var commitments: [Affine<Suite.G1>] { [qm, ql, qr, qo, qc, s1, s2, s3] }
}

/// A PLONK proof of snarkjs 0.7's form: nine commitments in G1, affine, and six values at ξ and ξω. All in
/// Montgomery form.
package struct PlonkProof<Suite: CurveSuite>: Hashable, Sendable {
    /// The wires' polynomials.
    package var a: Affine<Suite.G1>
    /// See `a`.
    package var b: Affine<Suite.G1>
    /// See `a`.
    package var c: Affine<Suite.G1>
    /// The permutation's running product.
    package var z: Affine<Suite.G1>
    /// The thirds of the quotient, the lowest first.
    package var t1: Affine<Suite.G1>
    /// See `t1`.
    package var t2: Affine<Suite.G1>
    /// See `t1`.
    package var t3: Affine<Suite.G1>
    /// The opening at ξ.
    package var wXi: Affine<Suite.G1>
    /// The opening at ξω.
    package var wXiOmega: Affine<Suite.G1>
    /// The values at ξ of the wires' polynomials, of the first two of the permutation's, and of z at ξω.
    package var evaluations: Evaluations

    /// The values that a proof opens its polynomials to.
    package struct Evaluations: Hashable, Sendable {
        /// a(ξ), b(ξ), c(ξ).
        package var a, b, c: Suite.Fr
        /// s₁(ξ), s₂(ξ).
        package var s1, s2: Suite.Fr
        /// z(ξω).
        package var zOmega: Suite.Fr

        /// Values as they are given.
        package init(
            a: Suite.Fr, b: Suite.Fr, c: Suite.Fr, s1: Suite.Fr, s2: Suite.Fr, zOmega: Suite.Fr
        ) {
            (self.a, self.b, self.c) = (a, b, c)
            (self.s1, self.s2, self.zOmega) = (s1, s2, zOmega)
        }

        /// In the order in which they are hashed.
        var all: [Suite.Fr] { [a, b, c, s1, s2, zOmega] }
    }

    /// A proof of the given parts, which are not checked.
    package init(
        a: Affine<Suite.G1>, b: Affine<Suite.G1>, c: Affine<Suite.G1>, z: Affine<Suite.G1>,
        t1: Affine<Suite.G1>, t2: Affine<Suite.G1>, t3: Affine<Suite.G1>, wXi: Affine<Suite.G1>,
        wXiOmega: Affine<Suite.G1>, evaluations: Evaluations
    ) {
        (self.a, self.b, self.c, self.z) = (a, b, c, z)
        (self.t1, self.t2, self.t3) = (t1, t2, t3)
        (self.wXi, self.wXiOmega) = (wXi, wXiOmega)
        self.evaluations = evaluations
    }

    /// The points with the names that snarkjs gives them.
    var points: [(name: String, point: Affine<Suite.G1>)] {
        [
            ("A", a), ("B", b), ("C", c), ("Z", z), ("T1", t1), ("T2", t2), ("T3", t3), ("Wxi", wXi),
            ("Wxiw", wXiOmega),
        ]
    }
}
