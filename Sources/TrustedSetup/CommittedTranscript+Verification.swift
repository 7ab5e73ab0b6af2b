// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16

/// What is known of a key before anybody contributed.
struct CommittedBeginning<Suite: ComputeSuite> {
    /// δ·G1.
    var delta: Affine<Suite.G1>
    /// −σ·G of each commitment.
    var negativeSigmas: [Affine<Suite.G2>]

    /// δ = 1, and σ of commitment k is k + 2.
    init(of key: CommittedVerifyingKey<Suite>) {
        delta = Suite.G1.generator
        negativeSigmas = key.commitments.indices.map {
            key.generator.multiplied(by: -CommittedVerifyingKey<Suite>.firstSigma($0)).affine
        }
    }
}

extension CommittedKey {
    /// Demands that the contributions lead from the beginning to the key's δ and to the σ of every
    /// commitment, that each proves that it knew its factors, that the secrets of beacons follow from their
    /// values, and that somebody contributed.
    ///
    /// - Parameters:
    ///   - beginning: `nil` where nobody knows it: a key for development.
    ///   - beaconLimit: log₂ of the most iterations of a beacon that are repeated.
    ///   - passesLongBeacons: a beacon beyond the limit is no error, and its secrets are not looked at.
    ///   - skipped: one of the checks that is not made, for the tests of the checks.
    /// - Throws: `.keyDiffers` with the number of the contribution, from 1; `.nobodyContributed` where δ or a
    ///   σ is what everybody can compute.
    func verifyContributions(
        from beginning: CommittedBeginning<Suite>?, beaconLimit: Int, passesLongBeacons: Bool = false,
        without skipped: CommittedCheck?, observe: (String) -> Void
    ) throws(SetupError) {
        let one = Suite.G1.generator
        var delta = beginning?.delta
        var sigmas: [Affine<Suite.G2>?] = verifyingKey.commitments.map { _ in nil }
        if let beginning { sigmas = beginning.negativeSigmas }
        // δ and the σ as far as everybody knows them.
        var known = [Suite.Fr.one] + sigmas.indices.map { CommittedVerifyingKey<Suite>.firstSigma($0) }
        for (index, contribution) in transcript.contributions.enumerated() {
            func require(
                _ check: CommittedCheck, _ holds: @autoclosure () -> Bool, _ what: String
            ) throws(SetupError) {
                guard check == skipped || holds() else {
                    throw .keyDiffers("contribution \(index + 1): \(what)")
                }
            }
            let own = contribution.delta
            if skipped != .parameters, let fault = own.fault {
                throw .keyDiffers("contribution \(index + 1): \(fault)")
            }
            // Never left out: what follows relies on it.
            guard contribution.sigmas.count == sigmas.count else {
                throw .keyDiffers(
                    "contribution \(index + 1): it has \(contribution.sigmas.count) parts for \(sigmas.count) commitments"
                )
            }
            let pairs = [(own.g1S, own.g1SX)] + contribution.sigmas.map { ($0.g1S, $0.g1SX) }
            try require(
                .transcript,
                own.transcript
                    == transcript.hash(
                        before: index, kind: own.kind, parameters: own.parameters,
                        pairs: pairs.map { (g1S: $0.0, g1SX: $0.1) }),
                "its transcript is not the hash of what came before and of what it shows")
            func knows(_ secret: Int, _ g2SPX: Affine<Suite.G2>) -> Bool {
                sameRatio(
                    pairs[secret].0, pairs[secret].1,
                    CommittedTranscript<Suite>.challenge(own.transcript, secret: secret), g2SPX,
                    of: Suite.self)
            }
            try require(
                .deltaKnowledge, knows(0, own.g2SPX), "its proof of knowledge for delta does not hold")
            try require(
                .deltaFactor,
                delta.map {
                    sameRatio(
                        $0, own.deltaAfter, CommittedTranscript<Suite>.challenge(own.transcript, secret: 0),
                        own.g2SPX, of: Suite.self)
                } ?? true,
                "it did not multiply delta by the factor that it proves")
            try require(
                .contributed, own.kind == 1 || own.deltaAfter.x != delta?.x,
                "it left delta as it was, but for the sign: nobody contributed")
            for (k, sigma) in contribution.sigmas.enumerated() {
                try require(
                    .sigmaKnowledge, knows(k + 1, sigma.g2SPX),
                    "its proof of knowledge for sigma of commitment \(k) does not hold")
                try require(
                    .sigmaFactor,
                    sigmas[k].map {
                        sameRatio(sigma.g1S, sigma.g1SX, $0, sigma.negativeAfter, of: Suite.self)
                    } ?? true,
                    "it did not multiply sigma of commitment \(k) by the factor that it proves")
                try require(
                    .contributed, own.kind == 1 || sigma.negativeAfter.x != sigmas[k]?.x,
                    "it left sigma of commitment \(k) as it was, but for the sign: nobody contributed")
            }
            if skipped != .beacon, let beacon = own.beacon,
                !(passesLongBeacons && beacon.logIterations > beaconLimit)
            {
                guard beacon.logIterations <= beaconLimit else {
                    throw .keyDiffers(
                        """
                        contribution \(index + 1): its beacon announces 2^\(beacon.logIterations) iterations, and no more than 2^\(beaconLimit) are \
                        repeated here
                        """)
                }
                observe("beacon of contribution \(index + 1)")
                let secrets = BeaconSecrets<Suite>.all(beacon, count: pairs.count)
                for (number, secret) in secrets.enumerated() {
                    known[number] *= secret.factor
                    try require(
                        .beacon,
                        pairs[number].0 == secret.g1S
                            && pairs[number].1 == secret.g1S.multiplied(by: secret.factor).affine,
                        "its secrets do not follow from the beacon that it announces")
                }
            }
            delta = own.deltaAfter
            sigmas = contribution.sigmas.map(\.negativeAfter)
        }
        guard skipped == .lastDelta || delta == nil || delta == provingKey.delta1 else {
            throw .keyDiffers("delta is not what the contributions lead to")
        }
        guard
            skipped == .sameDelta
                || sameRatio(
                    one, provingKey.delta1, Suite.G2.generator, verifyingKey.delta2, of: Suite.self)
        else { throw .keyDiffers("delta differs between G1 and G2") }
        for (k, commitment) in verifyingKey.commitments.enumerated() {
            guard skipped == .lastSigma || sigmas[k] == nil || sigmas[k] == commitment.negativeSigma else {
                throw .keyDiffers("sigma of commitment \(k) is not what the contributions lead to")
            }
        }
        // Beacons hide nothing, nor do contributions whose factors cancel.
        let isKnown =
            provingKey.delta1.x == one.multiplied(by: known[0]).affine.x
            || verifyingKey.commitments.enumerated().contains { k, commitment in
                commitment.negativeSigma.x == verifyingKey.generator.multiplied(by: known[k + 1]).affine.x
            }
        guard skipped == .contributed || !isKnown else { throw .nobodyContributed }
        if skipped != .contributed, let relation = relation(known: known) { throw .keyDiffers(relation) }
    }

    /// A relation of the secrets that everybody knows, as they have where all contributors took one number
    /// for several of them, or its inverse: but for the sign a ratio of two, or σ·δ, is that of what is known
    /// of them, which beacons' factors belong to.
    ///
    /// - Parameter known: of δ, then of each σ, the beginning times the factors of beacons.
    private func relation(known: [Suite.Fr]) -> String? {
        let vk = verifyingKey
        func areEqual(_ a: Affine<Suite.G2>, times x: Suite.Fr, _ b: Affine<Suite.G2>, times y: Suite.Fr)
            -> Bool
        {
            a.multiplied(by: x).affine.x == b.multiplied(by: y).affine.x
        }
        for (k, commitment) in vk.commitments.enumerated() {
            let own = commitment.negativeSigma
            if areEqual(own, times: known[0], vk.delta2, times: known[k + 1]) {
                return "sigma of commitment \(k) and delta have a ratio that everybody knows"
            }
            for j in 0..<k
            where areEqual(own, times: known[j + 1], vk.commitments[j].negativeSigma, times: known[k + 1]) {
                return "sigma of commitments \(j) and \(k) have a ratio that everybody knows"
            }
            let product = Suite.G1.generator.multiplied(by: known[0] * known[k + 1]).affine
            let isProductKnown = [product, -product].contains { sign in
                Suite.isPairingProductOne([
                    (provingKey.delta1, Suite.prepare(own)), (sign, Suite.prepare(vk.generator)),
                ])
            }
            if isProductKnown { return "sigma of commitment \(k) times delta is what everybody knows" }
        }
        return nil
    }
}
