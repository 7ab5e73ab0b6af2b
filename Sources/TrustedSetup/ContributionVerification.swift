// SPDX-License-Identifier: Apache-2.0

public import Compute
import Curves
import EllipticCurves
import FiniteFields
public import Groth16

extension SetupTranscript where Suite: ComputeSuite {
    /// Demands that the contributions lead from δ = 1 to the key's δ, that each is of snarkjs' form, and that
    /// the secrets of beacons follow from their values.
    ///
    /// Names are bound by nothing: whoever has the file can change them. What contributors publish is the
    /// transcript.
    ///
    /// - Parameters:
    ///   - key: the key that they must lead to.
    ///   - beaconLimit: log₂ of the most iterations of a beacon that are repeated.
    /// - Throws: `.keyDiffers` with the number of the contribution, from 1; `.nobodyContributed` where δ is
    ///   what everybody can compute from the beacons.
    public func verifyContributions(
        to key: ProvingKey<Suite>, beaconLimit: Int = SetupContribution<Suite>.usualBeaconLimit
    ) throws(SetupError) {
        try verifyContributions(to: key, beaconLimit: beaconLimit, without: nil) { _ in }
    }

    /// The same with a beginning that may not be known, and without one of the checks: for the tests of the
    /// checks, and for nothing else.
    ///
    /// - Parameters:
    ///   - beginning: δ·G1 before all contributions; `nil` where nobody knows it.
    ///   - passesLongBeacons: a beacon beyond the limit is no error, and its secrets are not looked at.
    func verifyContributions(
        to key: ProvingKey<Suite>, from beginning: Affine<Suite.G1>? = Suite.G1.generator, beaconLimit: Int,
        passesLongBeacons: Bool = false, without skipped: SetupCheck?, observe: (String) -> Void
    ) throws(SetupError) {
        var before = beginning
        // δ as far as everybody knows it.
        var known = Suite.Fr.one
        for (index, contribution) in contributions.enumerated() {
            func require(
                _ check: SetupCheck, _ holds: @autoclosure () -> Bool, _ what: String
            ) throws(SetupError) {
                guard check == skipped || holds() else {
                    throw .keyDiffers("contribution \(index + 1): \(what)")
                }
            }
            if skipped != .parameters, let fault = contribution.fault {
                throw .keyDiffers("contribution \(index + 1): \(fault)")
            }
            try require(
                .transcript,
                contribution.transcript == hash(before: index, contribution.g1S, contribution.g1SX),
                "its transcript is not the hash of what came before")
            let challenge = Self.challenge(contribution.transcript)
            try require(
                .knowledge,
                sameRatio(contribution.g1S, contribution.g1SX, challenge, contribution.g2SPX, of: Suite.self),
                "its proof of knowledge does not hold")
            try require(
                .factor,
                before.map {
                    sameRatio($0, contribution.deltaAfter, challenge, contribution.g2SPX, of: Suite.self)
                } ?? true,
                "it did not multiply delta by the factor that it proves")
            try require(
                .contributed, contribution.kind == 1 || contribution.deltaAfter.x != before?.x,
                "it left delta as it was, but for the sign: nobody contributed")
            if skipped != .beacon, let beacon = contribution.beacon,
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
                let secrets = BeaconSecrets<Suite>(beacon)
                known *= secrets.factor
                try require(
                    .beacon,
                    contribution.g1S == secrets.g1S
                        && contribution.g1SX == secrets.g1S.multiplied(by: secrets.factor).affine,
                    "its secret does not follow from the beacon that it announces")
            }
            before = contribution.deltaAfter
        }
        guard skipped == .lastDelta || before == nil || before == key.delta1 else {
            throw .keyDiffers("delta is not what the contributions lead to")
        }
        guard
            skipped == .sameDelta
                || sameRatio(
                    Suite.G1.generator, key.delta1, Suite.G2.generator, key.verifyingKey.delta2,
                    of: Suite.self)
        else { throw .keyDiffers("delta differs between G1 and G2") }
        // Beacons hide nothing, nor do contributions whose factors cancel.
        let isKnown = key.delta1.x == Suite.G1.generator.multiplied(by: known).affine.x
        guard skipped == .contributed || !isKnown else { throw .nobodyContributed }
    }
}
