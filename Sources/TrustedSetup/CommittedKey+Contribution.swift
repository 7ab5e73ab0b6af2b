// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
import EllipticCurves
import FiniteFields
package import Groth16

extension CommittedKey {
    /// A contribution to the second phase: δ and every σ are multiplied by secrets that this call draws and
    /// forgets. C and H are divided by the one of δ; the bases times σ and −σ·G are multiplied by that of
    /// their σ. The memory that holds the secrets is overwritten.
    ///
    /// The key is sound when one contributor of all was honest. What is in memory beside the key are its
    /// tables C, H and those of σ once more: nothing grows with the constraints' terms.
    ///
    /// - Parameters:
    ///   - name: the contributor's name, at most 64 bytes of it.
    ///   - parallel: threads for the work.
    ///   - generator: must be cryptographically secure.
    /// - Throws: `CommittedKeyFault` where secrets make σ related, which never happens with secrets that are
    ///   random.
    package func contributing(
        name: String, parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) throws(CommittedKeyFault) -> CommittedKey {
        func draw() -> Suite.Fr {
            while true {
                let value = Suite.Fr.random(using: &generator)
                if !value.isZero { return value }
            }
        }
        var secrets: [Secret] = []
        for _ in 0...provingKey.commitments.count {
            let factor = SecretValue(draw())
            let g1S = Suite.G1.cpuMultiplyAll(PointTable([Suite.G1.generator]), by: draw(), parallel)[0]
            secrets.append((factor, g1S))
        }
        return try appending(
            secrets, kind: 0, parameters: SetupContribution<Suite>.parameters(name: name), parallel)
    }

    /// The contribution of a beacon, as `SetupTranscript.contributing(to:beacon:name:parallel:)`: the secrets
    /// of δ and then of each σ are drawn from one stream.
    ///
    /// - Precondition: the value has 1 to 255 bytes, and the logarithm is below 64.
    /// - Throws: `CommittedKeyFault` for a value that makes σ related, which nobody can find.
    package func contributing(
        beacon: SetupContribution<Suite>.Beacon, name: String, parallel: Parallel
    ) throws(CommittedKeyFault) -> CommittedKey {
        precondition((1...255).contains(beacon.value.count) && (0..<64).contains(beacon.logIterations))
        let secrets = BeaconSecrets<Suite>.all(beacon, count: provingKey.commitments.count + 1)
        return try appending(
            secrets.map { (SecretValue($0.factor), $0.g1S) }, kind: 1,
            parameters: SetupContribution<Suite>.parameters(name: name, beacon: beacon), parallel)
    }

    /// A secret factor, and the random point that its knowledge is shown with.
    private typealias Secret = (factor: SecretValue<Suite.Fr>, g1S: Affine<Suite.G1>)

    /// The key with δ and all σ multiplied by the factors, and its history with a contribution that proves
    /// it.
    private func appending(
        _ secrets: [Secret], kind: UInt32, parameters: [UInt8], _ parallel: Parallel
    ) throws(CommittedKeyFault) -> CommittedKey {
        let pairs = secrets.map { secret in
            (g1S: secret.g1S, g1SX: secret.g1S.multiplied(by: secret.factor.value).affine)
        }
        let digest = transcript.hash(
            before: transcript.contributions.count, kind: kind, parameters: parameters, pairs: pairs)
        let shown = secrets.enumerated().map { index, secret in
            CommittedTranscript<Suite>.challenge(digest, secret: index).multiplied(by: secret.factor.value)
                .affine
        }
        let (mine, theirs) = (provingKey, verifyingKey)
        let delta = secrets[0].factor
        let inverse = SecretValue(delta.value.inverse() ?? .zero)
        let delta1 = mine.delta1.multiplied(by: delta.value).affine
        let delta2 = theirs.delta2.multiplied(by: delta.value).affine
        let commitments = zip(theirs.commitments, secrets.dropFirst()).map { commitment, secret in
            CommittedVerifyingKey<Suite>.Commitment(
                hashed: commitment.hashed,
                negativeSigma: commitment.negativeSigma.multiplied(by: secret.factor.value).affine)
        }
        let verifyingKey = try CommittedVerifyingKey<Suite>(
            alpha1: theirs.alpha1, beta2: theirs.beta2, gamma2: theirs.gamma2, delta2: delta2, ic: theirs.ic,
            generator: theirs.generator, commitments: commitments, hash: theirs.hash)
        func over(_ table: PointTable<Suite.G1>) -> PointTable<Suite.G1> {
            PointTable(Suite.G1.cpuMultiplyAll(table, by: inverse.value, parallel))
        }
        let provingKey = CommittedProvingKey<Suite>(
            alpha1: mine.alpha1, beta1: mine.beta1, delta1: delta1, beta2: mine.beta2, delta2: delta2,
            publicCount: mine.publicCount,
            witness: WitnessTables(
                a: mine.witness.a, b1: mine.witness.b1, b2: mine.witness.b2, c: over(mine.witness.c)),
            h: over(mine.h), coefficients: mine.coefficients, logDomainSize: mine.logDomainSize,
            commitments: zip(mine.commitments, secrets.dropFirst()).map { commitment, secret in
                .init(
                    wires: commitment.wires, challengeWire: commitment.challengeWire,
                    basis: commitment.basis,
                    sigmaBasis: PointTable(
                        Suite.G1.cpuMultiplyAll(commitment.sigmaBasis, by: secret.factor.value, parallel)))
            })
        var history = transcript
        history.contributions.append(
            CommittedContribution(
                delta: SetupContribution(
                    deltaAfter: delta1, g1S: pairs[0].g1S, g1SX: pairs[0].g1SX, g2SPX: shown[0],
                    transcript: digest, kind: kind, parameters: parameters),
                sigmas: commitments.enumerated().map { index, commitment in
                    .init(
                        negativeAfter: commitment.negativeSigma, g1S: pairs[index + 1].g1S,
                        g1SX: pairs[index + 1].g1SX, g2SPX: shown[index + 1])
                }))
        return CommittedKey(provingKey: provingKey, verifyingKey: verifyingKey, transcript: history)
    }
}
