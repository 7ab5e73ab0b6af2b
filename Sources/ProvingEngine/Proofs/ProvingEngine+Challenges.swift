// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import Failures
import FiniteFields
import Groth16
import TrustedSetup

extension ProvingEngine {
    /// The challenge of a commitment, for whoever makes a witness: it goes on with the challenge when the
    /// committed wires are known. On the CPU.
    ///
    /// - Parameters:
    ///   - number: which of the key's commitments, from 0.
    ///   - committed: values of the committed wires, canonical, in ascending order of the wires.
    ///   - hashed: values of the hashed wires, in the order in which the key hashes them: public inputs, then
    ///     earlier challenges.
    /// - Returns: nil where the key is on another curve, or has no commitment of that number to so many wires
    ///   that hashes so many.
    /// - Throws: what the computation ends with.
    package func challenge<Suite: ComputeSuite>(
        of number: Int, under key: LoadedKey, committed: SecretScalars<Suite.Fr>, hashed: [Suite.Fr],
        on suite: Suite.Type
    ) throws(JobFailure) -> Suite.Fr? {
        guard case .committed(let key, let verifier) = key.material as? KeyMaterial<Suite>,
            key.provingKey.commitments.indices.contains(number),
            key.provingKey.commitments[number].wires.count == committed.count,
            verifier.key.commitments[number].hashed.count == hashed.count
        else { return nil }
        do throws(ComputeError) {
            let prover = CommittedProver(backend: cpu.backend(for: suite), parallel: parallel)
            let point = try prover.commit(key: key.provingKey, number: number, values: committed)
            return verifier.key.challenge(number, of: point, hashed: hashed)
        } catch {
            throw JobFailure(error)
        }
    }
}
