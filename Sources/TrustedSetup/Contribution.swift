// SPDX-License-Identifier: Apache-2.0

public import Compute
package import Curves
package import EllipticCurves
import FiniteFields
public import Groth16

extension SetupTranscript where Suite: ComputeSuite {
    /// A contribution to the second phase: δ is multiplied by a secret that this call draws and forgets, C
    /// and H are divided by it. The memory that holds the secret and its inverse is overwritten.
    ///
    /// The key is sound when one contributor of all was honest.
    ///
    /// - Parameters:
    ///   - parallel: threads for the work.
    ///   - key: the key so far.
    ///   - name: the contributor's name, at most 64 bytes of it.
    ///   - generator: must be cryptographically secure.
    public func contributing(
        to key: ProvingKey<Suite>, name: String, parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        func draw() -> Suite.Fr {
            while true {
                let value = Suite.Fr.random(using: &generator)
                if !value.isZero { return value }
            }
        }
        let secret = SecretValue(draw())
        let g1S = Suite.G1.cpuMultiplyAll(PointTable([Suite.G1.generator]), by: draw(), parallel)[0]
        return appending(
            factor: secret, g1S: g1S, kind: 0, parameters: SetupContribution<Suite>.parameters(name: name),
            to: key, parallel)
    }

    /// The key with δ multiplied by the factor, and this history with a contribution that proves it.
    func appending(
        factor: SecretValue<Suite.Fr>, g1S: Affine<Suite.G1>, kind: UInt32, parameters: [UInt8],
        to key: ProvingKey<Suite>, _ parallel: Parallel
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        let g1SX = g1S.multiplied(by: factor.value).affine
        let transcript = hash(before: contributions.count, g1S, g1SX)
        let g2SPX = Self.challenge(transcript).multiplied(by: factor.value).affine
        let inverse = SecretValue(factor.value.inverse() ?? .zero)
        var vk = key.verifyingKey
        vk.delta2 = vk.delta2.multiplied(by: factor.value).affine
        let delta1 = key.delta1.multiplied(by: factor.value).affine
        let next = ProvingKey<Suite>(
            verifyingKey: vk, beta1: key.beta1, delta1: delta1, variableCount: key.variableCount,
            logDomainSize: key.logDomainSize, a: key.a, b1: key.b1, b2: key.b2,
            c: PointTable(Suite.G1.cpuMultiplyAll(key.c, by: inverse.value, parallel)),
            h: PointTable(Suite.G1.cpuMultiplyAll(key.h, by: inverse.value, parallel)),
            coefficients: key.coefficients)
        var result = self
        result.contributions.append(
            SetupContribution(
                deltaAfter: delta1, g1S: g1S, g1SX: g1SX, g2SPX: g2SPX, transcript: transcript, kind: kind,
                parameters: parameters))
        return (next, result)
    }

    /// The transcript of contribution `index`: circuit hash, all contributions before, its own point pair.
    package func hash(before index: Int, _ g1S: Affine<Suite.G1>, _ g1SX: Affine<Suite.G1>) -> [UInt8] {
        var hash = TranscriptHash<Suite>()
        hash.update(bytes: circuitHash)
        for contribution in contributions[..<index] {
            hash.update(contribution.deltaAfter)
            hash.update(contribution.g1S)
            hash.update(contribution.g1SX)
            hash.update(contribution.g2SPX)
            hash.update(bytes: contribution.transcript)
        }
        hash.update(g1S)
        hash.update(g1SX)
        return hash.finished()
    }

    /// The point of G2 that a transcript leads to: its first 32 bytes, as big-endian words, seed ChaCha20.
    package static func challenge(_ transcript: [UInt8]) -> Affine<Suite.G2> {
        ChaChaPoints<Suite>.point2(
            seed: (0..<8).map { word in
                transcript[(4 * word)..<(4 * word + 4)].reduce(0) { $0 << 8 | UInt32($1) }
            })
    }
}
