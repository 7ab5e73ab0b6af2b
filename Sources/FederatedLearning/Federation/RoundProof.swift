// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Compute
package import Curves
import FiniteFields
import Foundation
import Groth16
package import SnarkFormats

extension Federation {
    /// What a published round is settled with on a chain: its proof, which is verified, and the states before
    /// and after it; `registered` is how many clients the latter's registry has.
    ///
    /// - Throws: `.badInput` for a round that there is not; `.invalid` for one that does not hold.
    package func settled(
        _ round: Int, parallel: Parallel
    ) throws(FederationError) -> (
        proof: Groth16Proof<BN254>, before: ChainState, after: ChainState, registered: Int
    ) {
        let last = try lastWholeRound
        guard round >= 1, round <= last else {
            throw FederationError(
                .badInput, file: directory, "there is no round \(round), the last one is \(last)")
        }
        let path = roundDirectory(round) + "/round.json"
        let file = try RoundFile.read(published: path)
        let (before, after) = (try state(round - 1).state, try state(round))
        guard file.round == round, file.oldState.value == before.hash,
            file.newState.value == after.state.hash
        else {
            throw FederationError(
                .invalid, file: path, "it does not lead from the state before it to the one after it")
        }
        let proof = try verify(
            file, registry: after.state.registry, with: try verifyingKey(plan.settling), path: path,
            parallel: parallel)
        return (proof, before, after.state, after.registered)
    }

    /// Demands that a round's proof holds for its public inputs.
    ///
    /// - Parameters:
    ///   - registry: of the state after.
    ///   - key: of the circuit that settles rounds.
    /// - Returns: the proof.
    @discardableResult
    func verify(
        _ file: RoundFile, registry: Scalar, with key: Groth16VerifyingKey<BN254>, path: String,
        parallel: Parallel
    ) throws(FederationError) -> Groth16Proof<BN254> {
        let publics = [file.oldState.value, file.newState.value, registry].map(\.canonical)
        let text = MappedFile(copying: Array(file.proof.utf8), name: "proof")
        let proof = try? Groth16Files.proof(text, of: BN254.self)
        let verdict: Verdict
        switch (key, proof) {
        case (.plain(let key), .plain(let proof)?):
            verdict = Verifier(key).verify(proof, publicInputs: publics, parallel: parallel)
        case (.committed(let key), .committed(let proof)?):
            verdict = CommittedVerifier(key).verify(proof, publicInputs: publics, parallel: parallel)
        case (.plain, _):
            throw FederationError(.invalid, file: path, "proof: no Groth16 proof on BN254")
        case (.committed, _):
            throw FederationError(
                .invalid, file: path, "proof: no Groth16 proof on BN254 with a commitment")
        }
        guard verdict == .valid else {
            throw FederationError(.invalid, file: path, "the round's proof does not hold: \(verdict)")
        }
        guard let proof else { preconditionFailure("a proof that holds") }
        return proof
    }
}
