// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Commitments
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Polynomials
import TestSupport
import Testing
import TrustedSetup

/// What c-kzg-4844 and py_ecc compute of the same polynomials (Tests/Vectors/commitments).
@Suite struct VectorTests {
    private let parallel = Parallel(threads: 2)

    private struct File: Decodable {
        var bn254: Section<BN254>
        var bls12381: Section<BLS12381>
        var blobs: Blobs
    }

    private struct Section<Suite: ComputeSuite>: Decodable {
        var powers: [Known<Affine<Suite.G1>>]
        var tau2: Known<Affine<Suite.G2>>
        var openings: [Claim]

        struct Claim: Decodable {
            var coefficients: [Known<Suite.Fr>]
            var commitment, proof: Known<Affine<Suite.G1>>
            var point, value: Known<Suite.Fr>
            var holds: Bool
        }
    }

    private struct Blobs: Decodable {
        var tau, root: Known<BLS12381.Fr>
        var blobs: [Blob]

        struct Blob: Decodable {
            var seed: UInt64
            var first, last: Known<BLS12381.Fr>
            var commitment: Known<BLS12381.G1Affine>
            var openings: [Claim]
        }
        struct Claim: Decodable {
            var point, value: Known<BLS12381.Fr>
            var proof: Known<BLS12381.G1Affine>
        }
    }

    private static func file() throws -> File {
        try VectorFile.object("commitments/kzg.json", as: File.self)
    }

    private func check<Suite: ComputeSuite>(_ section: Section<Suite>) throws {
        var generator = SeededGenerator.fresh()
        let backend = CPUBackend<Suite>(parallel: parallel)
        let setup = try KZG<Suite>.Setup(
            powers: PointTable(section.powers.map(\.value)), verifyingKey: .init(tau2: section.tau2.value))
        try setup.check(on: backend, parallel: parallel, using: &generator)
        let committer = KZG<Suite>.Committer(setup, backend: backend, parallel: parallel)
        let verifier = KZG<Suite>.Verifier(setup.verifyingKey)
        #expect(section.openings.count == 12 && section.openings.count(where: \.holds) == 7)
        for (number, claim) in section.openings.enumerated() {
            let opening = Opening<KZG<Suite>>(
                point: claim.point.value, value: claim.value.value, proof: claim.proof.value)
            let verdict = verifier.verify(claim.commitment.value, opening)
            #expect(verdict == (claim.holds ? .valid : .equationFails), "claim \(number)")
            guard claim.holds else { continue }
            let polynomial = Polynomial(claim.coefficients.map(\.value))
            #expect(try committer.commit(polynomial) == claim.commitment.value, "claim \(number)")
            #expect(try committer.open(polynomial, at: claim.point.value) == opening, "claim \(number)")
        }
    }

    /// py_ecc's points and pairings, FLINT's quotients.
    @Test func bn254() throws { try check(Self.file().bn254) }

    /// The setup of Ethereum's ceremony, by c-kzg-4844.
    @Test func bls12381() throws { try check(Self.file().bls12381) }

    /// Values of a blob: four words of the generator, the least first, without the highest bit, until the
    /// number is below r.
    private func scalar(_ generator: inout SeededGenerator) -> BLS12381.Fr {
        while true {
            var limbs = BLS12381.Fr.Limbs.zero
            for i in 0..<4 { limbs[i] = generator.next() }
            limbs[3] &= .max >> 1
            if let value = BLS12381.Fr(canonical: limbs) { return value }
        }
    }

    /// Polynomials of 4096 coefficients, which c-kzg takes by their values in the order of EIP-4844: at
    /// powers of another generator of the same domain, bit-reversed.
    @Test func wholeBlobs() throws {
        let known = try Self.file().blobs
        let logSize = 12
        let points = try EvaluationPoints<BLS12381.Fr>(logSize: logSize)
        let places = Dictionary(uniqueKeysWithValues: points.all.enumerated().map { ($1, $0) })
        let powers = KZG<BLS12381>.powers(of: known.root.value, points.size)
        let order = try (0..<points.size).map { i in
            let reversed = (0..<logSize).reduce(0) { $0 << 1 | (i >> $1) & 1 }
            return try #require(places[powers[reversed]])
        }
        let setup = try KZG<BLS12381>.setup(secret: known.tau.value, count: points.size, parallel)
        let committer = KZG<BLS12381>.committer(setup, parallel)
        let verifier = KZG<BLS12381>.Verifier(setup.verifyingKey)
        let ntt = NTT(CPUBackend<BLS12381>(parallel: parallel))
        #expect(known.blobs.count == 2)
        for blob in known.blobs {
            var generator = SeededGenerator(seed: blob.seed)
            let elements = order.map { _ in scalar(&generator) }
            #expect(elements.first == blob.first.value && elements.last == blob.last.value)
            var values = elements
            for (element, place) in zip(elements, order) { values[place] = element }
            let evaluations = try Evaluations(values, at: points)
            let polynomial = try evaluations.interpolated(with: ntt)
            let commitment = try committer.commit(polynomial)
            #expect(commitment == blob.commitment.value)
            #expect(blob.openings.count == 3)
            for claim in blob.openings {
                let opening = try committer.open(polynomial, at: claim.point.value)
                #expect(opening.value == claim.value.value && opening.proof == claim.proof.value)
                #expect(verifier.verify(commitment, opening) == .valid)
                // The same quotient from the values; two of the points are the domain's.
                let quotient = evaluations.divided(byRoot: claim.point.value)
                #expect(quotient.value == claim.value.value)
                #expect(
                    try committer.commit(quotient.quotient.interpolated(with: ntt)) == claim.proof.value)
            }
        }
    }
}
