// SPDX-License-Identifier: Apache-2.0

public import Compute
import Curves
import EllipticCurves
import FiniteFields
public import Groth16

extension SetupTranscript where Suite: ComputeSuite {
    /// log₂ of the most iterations of a beacon that are repeated before a contribution: a second.
    private static var beaconLimit: Int { 20 }

    /// Demands of a key that is to be contributed to what it shows by itself, without its circuit and powers
    /// of tau: γ is one; β, the points of B and δ are the same in G1 and G2; α and β are not such that
    /// anybody can forge; the contributions lead from δ = 1 to δ, as in
    /// `verifyContributions(to:beaconLimit:)`. Of a key for development nobody knows the first δ. Secrets of
    /// beacons with more than 2^20 iterations are not looked at, and nobody needs to have contributed yet.
    ///
    /// **Whether the points are the circuit's is not seen here**: a key of other points passes.
    ///
    /// - Parameters:
    ///   - key: the key with this history; its points must be in their groups.
    ///   - parallel: threads for the work.
    ///   - generator: unpredictable to whoever made the key.
    /// - Complexity: a sum over the points of B in each group, and some pairings a contribution.
    /// - Throws: `.keyDiffers` with what is wrong, which no contribution mends.
    public func verifyBeforeContribution(
        to key: ProvingKey<Suite>, parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) throws(SetupError) {
        var vk = key.verifyingKey
        let (one, one2) = (Suite.G1.generator, Suite.G2.generator)
        guard vk.gamma2 == one2 else { throw .keyDiffers("gamma is not one") }
        guard sameRatio(one, key.beta1, one2, vk.beta2, of: Suite.self) else {
            throw .keyDiffers("beta differs between G1 and G2")
        }
        let scalars = (0..<key.b1.count).map { _ in Suite.Fr.random(using: &generator).canonical }
        let (sum1, sum2) = scalars.withUnsafeBufferPointer {
            (Suite.G1.cpuMSM(key.b1, $0, parallel), Suite.G2.cpuMSM(key.b2, $0, parallel))
        }
        guard
            sum1.isIdentity || sum2.isIdentity
                ? sum1.isIdentity && sum2.isIdentity : sameRatio(one, sum1, one2, sum2, of: Suite.self)
        else { throw .keyDiffers("the points of B differ between G1 and G2") }
        // What δ gives away is over with the next contribution: any other one is put in its place.
        vk.delta2 = one2.multiplied(by: Suite.Fr.random(using: &generator)).affine
        switch vk.openSecret {
        case nil, .unboundInput?: break
        case let secret?: throw .keyDiffers("\(secret)")
        }
        do throws(SetupError) {
            try verifyContributions(
                to: key, from: Groth16Setup<Suite>.isDevelopment(self) ? nil : one,
                beaconLimit: Self.beaconLimit, passesLongBeacons: true, without: nil
            ) { _ in }
        } catch SetupError.nobodyContributed {
            // Thrown after all other checks.
        }
    }
}
