// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
import FiniteFields

/// A contribution to the second phase of a key with commitments: δ and every σ are multiplied by secrets of
/// their own, each with its proof of knowledge.
package struct CommittedContribution<Suite: CurveSuite>: Hashable, Sendable {
    /// What was done to the σ of one commitment.
    package struct Sigma: Hashable, Sendable {
        /// −σ·G after the contribution.
        package var negativeAfter: Affine<Suite.G2>
        /// A random point s·G1, whose logarithm nobody keeps: with the next point it is all that is known of
        /// multiples by σ outside of the bases.
        package var g1S: Affine<Suite.G1>
        /// x·s·G1 for the contribution's secret factor x of this σ.
        package var g1SX: Affine<Suite.G1>
        /// x times the point of G2 that the transcript and this commitment's number lead to.
        package var g2SPX: Affine<Suite.G2>

        /// What was recorded; nothing is checked.
        package init(
            negativeAfter: Affine<Suite.G2>, g1S: Affine<Suite.G1>, g1SX: Affine<Suite.G1>,
            g2SPX: Affine<Suite.G2>
        ) {
            self.negativeAfter = negativeAfter
            self.g1S = g1S
            self.g1SX = g1SX
            self.g2SPX = g2SPX
        }
    }

    /// What was done to δ; its transcript, kind and parameters are the whole contribution's.
    package var delta: SetupContribution<Suite>
    /// One for each commitment.
    package var sigmas: [Sigma]

    /// A contribution as it was recorded; nothing is checked.
    package init(delta: SetupContribution<Suite>, sigmas: [Sigma]) {
        self.delta = delta
        self.sigmas = sigmas
    }
}

/// The history of the second phase of a key with commitments.
package struct CommittedTranscript<Suite: ComputeSuite>: Hashable, Sendable {
    /// BLAKE2b-512 over the key before any contribution and its lists of wires; see `CommittedSetup`.
    package var circuitHash: [UInt8]
    /// The contributions, in their order.
    package var contributions: [CommittedContribution<Suite>]

    /// A history as it is given; nothing is checked.
    package init(circuitHash: [UInt8], contributions: [CommittedContribution<Suite>]) {
        self.circuitHash = circuitHash
        self.contributions = contributions
    }

    /// The history of a key for development; as `Groth16Setup.developmentNotice`.
    package static var development: CommittedTranscript {
        var hash = Blake2b()
        hash.update(Array(Groth16Setup<Suite>.developmentNotice.utf8))
        return CommittedTranscript(circuitHash: hash.finished(), contributions: [])
    }

    /// True when this is a development key's.
    package var isDevelopment: Bool { circuitHash == Self.development.circuitHash }

    /// Begins every hash of a history, so that none is one of a key without commitments.
    static var label: [UInt8] { Array("martlet groth16-commitments".utf8) }

    /// A pair of points that shows a secret factor: s·G1 and x·s·G1.
    typealias Pair = (g1S: Affine<Suite.G1>, g1SX: Affine<Suite.G1>)

    /// The transcript of contribution `index`: the circuit hash, all contributions before, its kind and
    /// parameters, and its own pairs, that of δ first.
    package func hash(
        before index: Int, kind: UInt32, parameters: [UInt8],
        pairs: [(g1S: Affine<Suite.G1>, g1SX: Affine<Suite.G1>)]
    ) -> [UInt8] {
        var hash = TranscriptHash<Suite>()
        hash.update(bytes: Self.label + Array(" contribution".utf8))
        hash.update(bytes: circuitHash)
        func update(_ kind: UInt32, _ parameters: [UInt8]) {
            hash.update(count: Int(kind))
            hash.update(count: parameters.count)
            hash.update(bytes: parameters)
        }
        hash.update(count: index)
        for contribution in contributions[..<index] {
            let delta = contribution.delta
            hash.update(bytes: delta.transcript)
            update(delta.kind, delta.parameters)
            hash.update(delta.deltaAfter)
            hash.update(delta.g1S)
            hash.update(delta.g1SX)
            hash.update(delta.g2SPX)
            hash.update(count: contribution.sigmas.count)
            for sigma in contribution.sigmas {
                hash.update(sigma.negativeAfter)
                hash.update(sigma.g1S)
                hash.update(sigma.g1SX)
                hash.update(sigma.g2SPX)
            }
        }
        update(kind, parameters)
        hash.update(count: pairs.count)
        for pair in pairs {
            hash.update(pair.g1S)
            hash.update(pair.g1SX)
        }
        return hash.finished()
    }

    /// The point of G2 by which the knowledge of one secret is shown: of the hash of the secret's tag and the
    /// transcript.
    ///
    /// - Parameter secret: 0 for δ, 1 + k for the σ of commitment k.
    package static func challenge(_ transcript: [UInt8], secret: Int) -> Affine<Suite.G2> {
        var hash = Blake2b()
        hash.update(label + Array((secret == 0 ? " delta" : " sigma \(secret - 1)").utf8))
        hash.update(transcript)
        return SetupTranscript<Suite>.challenge(hash.finished())
    }
}
