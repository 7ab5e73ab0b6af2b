// SPDX-License-Identifier: Apache-2.0

package import Circuits
import EllipticCurves
import EmulatedArithmetic

extension Groth16Verification {
    /// Demands that all proofs hold for their public inputs.
    ///
    /// - Parameters:
    ///   - proofs: one proof or more, of the key's kind.
    ///   - publicInputs: a row for each proof, with an element for each of the key's inputs.
    package func enforce(_ proofs: [ProofElements], publicInputs: [[Linear]]) {
        let pairs = pairs(proofs, publicInputs: publicInputs)
        curve.field.builder.scope("pairings") {
            PairingCircuit(curve.field).enforceProductIsOne(pairs.variable, fixed: pairs.fixed)
        }
    }
}
