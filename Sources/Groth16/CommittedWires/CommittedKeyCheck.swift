// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
import EllipticCurves
import FiniteFields

extension CommittedProvingKey {
    /// Whether the key's single points and the bases of its commitments are those that a verification key
    /// asks for: one logarithm for β₁ and β₂, δ₁ and δ₂, and e(σ·Bⱼ, G) = e(Bⱼ, σ·G) for every point Bⱼ of a
    /// basis, the latter by random sums of 128 bits.
    ///
    /// The tables A, B, C and H are not looked at: with wrong ones no proof comes out.
    ///
    /// - Precondition: all points are in their subgroups.
    package func belongs(
        to verifyingKey: CommittedVerifyingKey<Suite>, parallel: Parallel,
        using random: inout some RandomNumberGenerator
    ) -> Bool {
        guard alpha1 == verifyingKey.alpha1, beta2 == verifyingKey.beta2, delta2 == verifyingKey.delta2,
            publicCount == verifyingKey.publicCount, commitments.count == verifyingKey.commitments.count,
            haveOneLogarithm(beta1, beta2), haveOneLogarithm(delta1, delta2)
        else { return false }
        let generator = Suite.prepare(verifyingKey.generator)
        for (mine, theirs) in zip(commitments, verifyingKey.commitments) {
            let scalars = mine.wires.map { _ in
                var limbs = Suite.Fr.Limbs.zero
                limbs[0] = random.next()
                limbs[1] = random.next()
                return limbs
            }
            let (basis, sigmaBasis) = scalars.withUnsafeBufferPointer {
                (
                    Suite.G1.cpuMSM(mine.basis, $0, parallel),
                    Suite.G1.cpuMSM(mine.sigmaBasis, $0, parallel)
                )
            }
            let pairs = [(sigmaBasis, generator), (basis, Suite.prepare(theirs.negativeSigma))]
            guard Suite.isPairingProductOne(pairs) else { return false }
        }
        return true
    }

    private func haveOneLogarithm(_ one: Affine<Suite.G1>, _ two: Affine<Suite.G2>) -> Bool {
        Suite.isPairingProductOne([
            (one, Suite.prepare(Suite.G2.generator)), (-Suite.G1.generator, Suite.prepare(two)),
        ])
    }
}
