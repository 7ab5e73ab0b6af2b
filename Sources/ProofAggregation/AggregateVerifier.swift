// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves
import Failures
public import FiniteFields
public import Groth16

/// What a check of an aggregate proof found.
public enum AggregateVerdict: Equatable, Sendable, CustomStringConvertible {
    /// All proofs hold.
    case valid
    /// The aggregate is of another number of proofs.
    case count(expected: Int, found: Int)
    /// A proof has another number of public inputs than the key.
    case publicCount(proof: Int, expected: Int, found: Int)
    /// A public input is not below the group order.
    case publicInputOutOfRange(proof: Int, index: Int)
    /// A part of the aggregate is no element of its group, or there are more or fewer rounds than the number
    /// of proofs takes.
    case malformed(String)
    /// The C of the last round do not add up: the public inputs are others, or the aggregate is wrong.
    case sumFails
    /// The pairing equations do not hold: a proof or public input is invalid, or the aggregate is. Nobody can
    /// tell from an aggregate which.
    case equationFails

    private static let hint = """
         (an aggregate does not show which proof or public input is at fault, or whether the key is one of other powers of \
        tau, or of the same in another order)
        """

    /// A sentence for people.
    public var description: String {
        switch self {
        case .valid: "valid"
        case .count(let expected, let found):
            "it is an aggregate of \(Count.text(found, "proof")), not of \(expected)"
        case .publicCount(let proof, let expected, let found):
            "proof \(proof) has \(Count.text(found, "public input")), but the key has \(expected)"
        case .publicInputOutOfRange(let proof, let index):
            "public input \(index) of proof \(proof) is not below the group order"
        case .malformed(let part): "\(part) is not valid"
        case .sumFails: "the sum of the C does not hold\(Self.hint)"
        case .equationFails: "the pairing equations do not hold\(Self.hint)"
        }
    }
}

/// Checks aggregate proofs: the work grows with the logarithm of the number of proofs, but for reading the
/// public inputs.
public struct AggregateVerifier<Suite: ComputeSuite>: Sendable {
    typealias Scalar = Suite.Fr
    typealias G1 = Affine<Suite.G1>
    typealias G2 = Affine<Suite.G2>
    typealias Target = Fp12<Suite.Tower>

    /// What verifies aggregates.
    public let key: AggregationVerifyingKey<Suite>
    /// The key of the proofs.
    public let verifyingKey: VerifyingKey<Suite>

    /// Prepares the check of aggregates of one key's proofs.
    public init(_ key: AggregationVerifyingKey<Suite>, for verifyingKey: VerifyingKey<Suite>) {
        self.key = key
        self.verifyingKey = verifyingKey
    }

    /// Checks that `proof` is one of proofs with these public inputs, canonical, in this order.
    ///
    /// All equations are checked at once, with random 128-bit coefficients: something invalid passes with
    /// probability at most 2⁻¹²⁸ on top of the argument's own error, over `generator`, which must be
    /// unpredictable to whoever made the proof.
    public func verify(
        _ proof: AggregateProof<Suite>, publicInputs: [[Suite.Fr.Limbs]], parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> AggregateVerdict {
        let verdict = admissible(proof, publicInputs, parallel)
        guard verdict == .valid else { return verdict }
        var transcript = AggregationTranscript(
            key, verifyingKey, count: proof.count, publicInputs: publicInputs)
        transcript.absorb(proof.ab, "ab")
        transcript.absorb(proof.c, "c")
        let r = transcript.challenge()
        transcript.absorb(product: proof.product, sum: proof.sum)
        var challenges: [(x: Scalar, inverse: Scalar)] = []
        for round in proof.rounds {
            transcript.absorb(round)
            let x = transcript.challenge()
            guard let inverse = x.inverse() else { return .equationFails }
            challenges.append((x, inverse))
        }
        transcript.absorbFinals(proof)
        let z = transcript.challenge()
        guard let inverseR = r.inverse() else { return .equationFails }

        // Σ C: the weights fold as the values of v's polynomial at r.
        let polynomialV = KeyPolynomial(v: challenges)
        let sides = zip(challenges, proof.rounds)
        let difference = msm(
            [proof.sum, proof.finalC] + proof.rounds.flatMap { [$0.left.sum, $0.right.sum] },
            [.one, -polynomialV.value(at: r)] + challenges.flatMap { [$0.x, $0.inverse] }, parallel)
        guard difference.isIdentity else { return .sumFails }

        func random() -> Scalar {
            var limbs = Scalar.Limbs.zero
            limbs[0] = generator.next() | 1
            limbs[1] = generator.next()
            return Scalar(canonical: limbs) ?? .one
        }
        let (ab1, ab2, c1, c2) = (random(), random(), random(), random())
        let (product, groth) = (random(), random())
        let (v1, v2, w1, w2) = (random(), random(), random(), random())

        // The commitments and the product after all rounds.
        var powers: [(base: Target, exponent: Scalar)] = [
            (proof.ab.first, ab1), (proof.ab.second, ab2), (proof.c.first, c1), (proof.c.second, c2),
            (proof.product, product + groth),
        ]
        for (challenge, round) in sides {
            for (side, factor) in [(round.left, challenge.x), (round.right, challenge.inverse)] {
                powers += [
                    (side.ab.first, ab1 * factor), (side.ab.second, ab2 * factor),
                    (side.c.first, c1 * factor), (side.c.second, c2 * factor),
                    (side.product, product * factor),
                ]
            }
        }
        let generator1 = Suite.G1.generator
        let (valueV, valueW) = (
            polynomialV.value(at: z), KeyPolynomial(w: challenges, inverseR: inverseR).value(at: z)
        )
        let (weights, inputs) = weightedInputs(publicInputs, r, rounds: challenges.count)
        let openings = [
            (proof.openingV.first, key.first.g1, v1), (proof.openingV.second, key.second.g1, v2),
        ]
        var pairs: [(G1, G2)] = [
            // e(A, v)·e(w, B) and e(C, v) are the commitments, e(A, B) the product.
            (msm([proof.finalA, proof.finalC, generator1], [ab1, c1, v1], parallel), proof.keyV.first),
            (msm([proof.finalA, proof.finalC, generator1], [ab2, c2, v2], parallel), proof.keyV.second),
            (
                msm([proof.keyW.first, proof.keyW.second, proof.finalA], [ab1, ab2, product], parallel),
                proof.finalB
            ),
            // e(α, β)^Σrⁱ · e(Σ rⁱ·Lᵢ, γ) · e(Σ rⁱ·Cᵢ, δ) is the product of the pairings.
            (msm([verifyingKey.alpha1], [groth * weights], parallel), verifyingKey.beta2),
            (msm(verifyingKey.ic, ([weights] + inputs).map { groth * $0 }, parallel), verifyingKey.gamma2),
            (msm([proof.sum], [groth], parallel), verifyingKey.delta2),
            // e(G1, v − f(z)·G2) = e((s − z)·G1, opening), and e(w − f(z)·G1, G2) = e(opening, (s − z)·G2).
            (
                msm(
                    [
                        generator1, proof.keyW.first, proof.keyW.second, proof.openingW.first,
                        proof.openingW.second,
                    ],
                    [-(v1 + v2) * valueV - (w1 + w2) * valueW, w1, w2, w1 * z, w2 * z], parallel),
                Suite.G2.generator
            ),
            (msm([proof.openingW.first], [-w1], parallel), key.first.g2),
            (msm([proof.openingW.second], [-w2], parallel), key.second.g2),
        ]
        for (opening, secret, weight) in openings {
            pairs.append((msm([secret, generator1], [-weight, weight * z], parallel), opening))
        }
        let left = pairing(pairs, parallel)
        return left == Target.product(of: powers, parallel) ? .valid : .equationFails
    }

    /// Σ rⁱ, and Σ rⁱ·xᵢⱼ for each public input j, over all proofs and what they are filled up with.
    private func weightedInputs(
        _ publicInputs: [[Scalar.Limbs]], _ r: Scalar, rounds: Int
    ) -> (weights: Scalar, inputs: [Scalar]) {
        let powers = Aggregator<Suite>.powers(of: r, 1 << rounds)
        var inputs = [Scalar](repeating: .zero, count: verifyingKey.publicCount)
        let own = publicInputs.count
        for (place, publics) in publicInputs.enumerated() {
            let weight = place == own - 1 ? powers[place...].reduce(.zero, +) : powers[place]
            for (index, value) in publics.enumerated() {
                inputs[index] += weight * (Scalar(canonical: value) ?? .zero)
            }
        }
        return (powers.reduce(.zero, +), inputs)
    }

    private func msm(_ points: [G1], _ scalars: [Scalar], _ parallel: Parallel) -> G1 {
        scalars.map(\.canonical).withUnsafeBufferPointer { Suite.G1.cpuMSM(PointTable(points), $0, parallel) }
    }

    private func pairing(_ pairs: [(G1, G2)], _ parallel: Parallel) -> Target {
        let parts = min(parallel.threads, pairs.count)
        let loops = parallel.map(parts) { part in
            let range = pairs.count * part / parts..<pairs.count * (part + 1) / parts
            return Suite.millerLoop(range.map { (pairs[$0].0, Suite.prepare(pairs[$0].1)) })
        }
        return Suite.finalExponentiation(loops.reduce(.one, *))
    }

    /// Everything but the equations.
    private func admissible(
        _ proof: AggregateProof<Suite>, _ publicInputs: [[Scalar.Limbs]], _ parallel: Parallel
    ) -> AggregateVerdict {
        guard proof.count == publicInputs.count, proof.count > 0 else {
            return .count(expected: publicInputs.count, found: proof.count)
        }
        for (place, inputs) in publicInputs.enumerated() {
            guard inputs.count == verifyingKey.publicCount else {
                return .publicCount(proof: place, expected: verifyingKey.publicCount, found: inputs.count)
            }
            if let index = inputs.firstIndex(where: { !$0.isLess(than: Scalar.modulus) }) {
                return .publicInputOutOfRange(proof: place, index: index)
            }
        }
        guard proof.rounds.count == AggregateProof<Suite>.roundCount(for: proof.count) else {
            return .malformed("the number of rounds")
        }
        var targets: [(Target, String)] = [
            (proof.ab.first, "commitment 1 to A and B"), (proof.ab.second, "commitment 2 to A and B"),
            (proof.c.first, "commitment 1 to C"), (proof.c.second, "commitment 2 to C"),
            (proof.product, "the product"),
        ]
        var points: [(G1, String)] = [
            (proof.sum, "the sum"), (proof.finalA, "the last A"), (proof.finalC, "the last C"),
            (proof.keyW.first, "the last w 1"), (proof.keyW.second, "the last w 2"),
            (proof.openingW.first, "opening 1 of w"), (proof.openingW.second, "opening 2 of w"),
        ]
        for (index, round) in proof.rounds.enumerated() {
            for (side, name) in [(round.left, "left"), (round.right, "right")] {
                let name = "round \(index + 1), \(name)"
                targets += [
                    (side.ab.first, "\(name): commitment 1 to A and B"),
                    (side.ab.second, "\(name): commitment 2 to A and B"),
                    (side.c.first, "\(name): commitment 1 to C"),
                    (side.c.second, "\(name): commitment 2 to C"),
                    (side.product, "\(name): the product"),
                ]
                points.append((side.sum, "\(name): the sum"))
            }
        }
        if let (_, name) = points.first(where: { !$0.0.isValid }) { return .malformed(name) }
        let twists = [
            (proof.finalB, "the last B"), (proof.keyV.first, "the last v 1"),
            (proof.keyV.second, "the last v 2"), (proof.openingV.first, "opening 1 of v"),
            (proof.openingV.second, "opening 2 of v"),
        ]
        if let (_, name) = twists.first(where: { !$0.0.isValid }) { return .malformed(name) }
        let valid = parallel.map(targets.count) { Suite.isPairingValue(targets[$0].0) }
        if let index = valid.firstIndex(of: false) { return .malformed(targets[index].1) }
        return .valid
    }
}
