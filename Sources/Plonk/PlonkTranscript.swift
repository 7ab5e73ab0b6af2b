// SPDX-License-Identifier: Apache-2.0

import Curves
import Digests
import EllipticCurves
import FiniteFields

/// The challenges of a proof, each the Keccak-256 digest, as a big-endian number modulo the group order, of
/// what was added since the one before: points as x and y, scalars as they are, big-endian and canonical; the
/// identity is zeros.
struct PlonkTranscript<Suite: CurveSuite> {
    private var bytes: [UInt8] = []

    mutating func add(_ point: Affine<Suite.G1>) {
        guard !point.isIdentity else {
            bytes += [UInt8](repeating: 0, count: 2 * Suite.Fp.byteCount)
            return
        }
        bytes += point.x.bigEndianBytes + point.y.bigEndianBytes
    }

    mutating func add(_ scalar: Suite.Fr) { bytes += scalar.bigEndianBytes }

    mutating func challenge() -> Suite.Fr {
        defer { bytes = [] }
        return Suite.Fr(reducingBigEndian: Keccak256.bytes(of: bytes))
    }
}

/// The challenges of a proof, made one after another as its parts come to be.
struct PlonkChallenges<Suite: CurveSuite> {
    private(set) var beta, gamma, alpha, xi, v, u: Suite.Fr
    private var transcript = PlonkTranscript<Suite>()

    /// Those that follow from the key, the public inputs and the wires.
    init(_ key: PlonkVerifyingKey<Suite>, publicInputs: [Suite.Fr], wires: [Affine<Suite.G1>]) {
        (alpha, xi, v, u) = (.zero, .zero, .zero, .zero)
        for point in key.commitments { transcript.add(point) }
        for input in publicInputs { transcript.add(input) }
        for point in wires { transcript.add(point) }
        beta = transcript.challenge()
        transcript.add(beta)
        gamma = transcript.challenge()
    }

    mutating func add(z: Affine<Suite.G1>) {
        transcript.add(beta)
        transcript.add(gamma)
        transcript.add(z)
        alpha = transcript.challenge()
    }

    mutating func add(quotient: [Affine<Suite.G1>]) {
        transcript.add(alpha)
        for point in quotient { transcript.add(point) }
        xi = transcript.challenge()
    }

    mutating func add(_ evaluations: PlonkProof<Suite>.Evaluations) {
        transcript.add(xi)
        for value in evaluations.all { transcript.add(value) }
        v = transcript.challenge()
    }

    mutating func add(openings: [Affine<Suite.G1>]) {
        for point in openings { transcript.add(point) }
        u = transcript.challenge()
    }

    /// All of a proof.
    init(_ key: PlonkVerifyingKey<Suite>, publicInputs: [Suite.Fr], _ proof: PlonkProof<Suite>) {
        self.init(key, publicInputs: publicInputs, wires: [proof.a, proof.b, proof.c])
        add(z: proof.z)
        add(quotient: [proof.t1, proof.t2, proof.t3])
        add(proof.evaluations)
        add(openings: [proof.wXi, proof.wXiOmega])
    }
}
