// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import Failures
import FiniteFields
public import Groth16

extension Groth16Setup {
    /// Demands that a key is the circuit's, made from these powers of tau, with the history that its
    /// transcript tells, and that somebody contributed.
    ///
    /// The H points are compared in the monomial basis, tᵢ(τ) = τ^(n+i) − τ^i: those of degree i ≤ n − 2 must
    /// be the powers' over δ. That of degree n − 1 serves no honest prover, so keys differ in it: it may be
    /// what the powers give, what a file gives that ends with τ^(2n − 2), or zero (keys with a contribution
    /// imported from bellman), **and nothing else**, for a contributor who chose it can forge proofs
    /// (docs/setup.md).
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - transcript: its history.
    ///   - powers: powers of tau for its domain.
    ///   - observe: called with the name of each part as it begins.
    ///   - generator: unpredictable to whoever made the key.
    ///   - beaconLimit: log₂ of the most iterations of a beacon that are repeated.
    /// - Throws: `.keyDiffers` with the first part that differs; `.nobodyContributed` where that is all that
    ///   is wrong.
    public func verify(
        _ key: ProvingKey<Suite>, _ transcript: SetupTranscript<Suite>, against powers: PowersOfTau<Suite>,
        beaconLimit: Int = SetupContribution<Suite>.usualBeaconLimit,
        using generator: inout some RandomNumberGenerator, observe: (String) -> Void = { _ in }
    ) throws(SetupError) {
        try verify(
            key, transcript, against: powers, beaconLimit: beaconLimit, without: nil, using: &generator,
            observe: observe)
    }

    /// The same without one of the checks: for the tests of the checks, and for nothing else.
    package func verify(
        _ key: ProvingKey<Suite>, _ transcript: SetupTranscript<Suite>, against powers: PowersOfTau<Suite>,
        beaconLimit: Int = SetupContribution<Suite>.usualBeaconLimit, without skipped: SetupCheck?,
        using generator: inout some RandomNumberGenerator, observe: (String) -> Void = { _ in }
    ) throws(SetupError) {
        try verifyMatrices(of: key, without: skipped)
        let (initial, start) = initialKey(powers, observe: observe)
        func require(
            _ check: SetupCheck, _ holds: @autoclosure () -> Bool, _ what: String
        ) throws(SetupError) {
            guard check == skipped || holds() else { throw .keyDiffers(what) }
        }
        func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool { a.elementsEqual(b) }
        let (vk, wanted) = (key.verifyingKey, initial.verifyingKey)
        try require(.alpha, vk.alpha1 == wanted.alpha1, "alpha is not that of the powers of tau")
        try require(
            .beta, key.beta1 == initial.beta1 && vk.beta2 == wanted.beta2,
            "beta is not that of the powers of tau")
        try require(.gamma, vk.gamma2 == wanted.gamma2, "gamma is not one")
        try require(.publicPoints, vk.ic == wanted.ic, "IC points differ")
        try require(.aPoints, equal(key.a.bytes, initial.a.bytes), "A points differ")
        try require(.b1Points, equal(key.b1.bytes, initial.b1.bytes), "B1 points differ")
        try require(.b2Points, equal(key.b2.bytes, initial.b2.bytes), "B2 points differ")
        try require(
            .circuitHash, transcript.circuitHash == start.circuitHash, "the circuit hash differs")
        observe("delta")
        // The sums below are compared by pairings, which do not see what is outside the subgroup.
        for (points, name) in [(key.c, "C"), (key.h, "H")] {
            try require(
                .keyInSubgroup, PointChecks<Suite>.areInSubgroup(points, parallel),
                "\(name) points are outside the subgroup")
        }
        // C is divided by δ: a random combination of it, times δ, is that of the beginning.
        let scalars = (0..<key.c.count).map { _ in Scalar.random(using: &generator) }
        try require(
            .cPoints,
            PointChecks<Suite>.isOverDelta(
                sum(key.c, scalars), sum(initial.c, scalars), vk.delta2),
            "C points are not those of the circuit over delta")
        try verifyH(key, initial, powers, without: skipped, using: &generator)
        try transcript.verifyContributions(
            to: key, beaconLimit: beaconLimit, without: skipped, observe: observe)
        if skipped != .contributed, let secret = vk.openSecret { throw .keyDiffers("\(secret)") }
    }

    /// The H points of a key against those of its beginning.
    private func verifyH(
        _ key: ProvingKey<Suite>, _ initial: ProvingKey<Suite>, _ powers: PowersOfTau<Suite>,
        without skipped: SetupCheck?, using generator: inout some RandomNumberGenerator
    ) throws(SetupError) {
        let n = domainSize
        // A random polynomial r of degree n − 1 by its values at the odd points: Σ r(ω^(2i+1))·Hᵢ is −½·Σ
        // rₖ·tₖ(τ) for the points of the beginning.
        var coefficients = (0..<n).map { _ in Scalar.random(using: &generator) }
        if skipped == .hPoints { for index in 0..<n - 1 { coefficients[index] = .zero } }
        if skipped == .hTop { coefficients[n - 1] = .zero }
        let top = coefficients[n - 1]
        let values = PowersOfTau<Suite>.values(
            of: coefficients, log: logDomainSize, at: .oddCoset, parallel)
        let (own, first) = (sum(key.h, values), Jacobian(sum(initial.h, values)))
        // −½·r₍n−1₎·t₍n−1₎(τ) is in `first` as these powers give it. Without τ^(2n−1) it is ½·r₍n−1₎·τ^(n−1).
        let half = top * (Scalar(2).inverse() ?? .zero)
        let given = (Jacobian(powers.lastPower) + Jacobian(-powers.tables.tau1[n - 1])).affine.multiplied(
            by: half)
        let rest = first + given
        let shorter = rest + powers.tables.tau1[n - 1].multiplied(by: half)
        let delta2 = key.verifyingKey.delta2
        func isOverDelta(_ point: Affine<Suite.G1>, _ other: Affine<Suite.G1>) -> Bool {
            PointChecks<Suite>.isOverDelta(point, other, delta2)
        }
        if isOverDelta(own, first.affine) || isOverDelta(own, shorter.affine)
            || isOverDelta(own, rest.affine)
        {
            return
        }
        // Which of the two it is: the combination without the highest degree tells.
        coefficients[n - 1] = .zero
        let lower = PowersOfTau<Suite>.values(
            of: coefficients, log: logDomainSize, at: .oddCoset, parallel)
        guard !isOverDelta(sum(key.h, lower), rest.affine) else {
            throw .keyDiffers(
                """
                the H points hold something of degree \(n - 1) that is neither zero nor what the powers of tau give: whoever put it there can \
                forge proofs
                """)
        }
        throw .keyDiffers("H points are not those of the powers of tau over delta")
    }

    private func sum(_ points: PointTable<Suite.G1>, _ scalars: [Scalar]) -> Affine<Suite.G1> {
        PointChecks<Suite>.sum(points, scalars, parallel)
    }

    /// Demands that a key's sizes and its matrices A and B are the circuit's: what can be checked without
    /// powers of tau. A zkey does not hold C.
    ///
    /// - Throws: `.keyDiffers`.
    public func verifyMatrices(of key: ProvingKey<Suite>) throws(SetupError) {
        try verifyMatrices(of: key, without: nil)
    }

    private func verifyMatrices(
        of key: ProvingKey<Suite>, without skipped: SetupCheck?
    ) throws(SetupError) {
        // Sizes are never left out: what follows relies on them.
        guard key.variableCount == system.wireCount else {
            throw .keyDiffers(
                "the key has \(Count.text(key.variableCount, "wire")), the circuit \(system.wireCount)")
        }
        guard key.publicCount == system.publicCount else {
            throw .keyDiffers(
                "the key has \(Count.text(key.publicCount, "public input")), the circuit \(system.publicCount)"
            )
        }
        guard key.logDomainSize == logDomainSize else {
            throw .keyDiffers(
                "the key has a domain of 2^\(key.logDomainSize), the circuit needs 2^\(logDomainSize)")
        }
        let wanted = coefficients()
        guard
            skipped == .matrices
                || key.coefficients.count == wanted.count
                    && key.coefficients.bytes.elementsEqual(wanted.bytes)
        else {
            throw .keyDiffers("the key's matrices are not the circuit's")
        }
    }
}
