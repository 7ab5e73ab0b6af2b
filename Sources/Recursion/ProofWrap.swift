// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
import ConstraintSystems
package import Curves
import EmulatedArithmetic
import FiniteFields
package import Groth16

/// The circuit, without commitments, of one proof of a key with a commitment, for the same public inputs: its
/// own proof is a plain one, which every verifier and contract takes.
package struct ProofWrap: Sendable {
    /// The key of the proof.
    package let key: ConstantVerifyingKey

    /// - Precondition: the key has a commitment and a public input.
    package init(_ key: ConstantVerifyingKey) {
        precondition(key.commitments?.count == 1 && key.publicCount > 0)
        self.key = key
    }

    /// Describes the circuit to a new builder.
    ///
    /// - Parameter proof: with its public inputs; `nil` where no values are made. Where it does not hold, the
    ///   values satisfy no constraint system of this circuit.
    package func build(
        _ mode: CircuitBuilder.Mode, _ proof: (proof: CommittedProof<BN254>, publicInputs: [Scalar])?,
        _ parallel: Parallel, names: Bool = false
    ) -> CircuitBuilder {
        let builder = CircuitBuilder(mode, publicCount: key.publicCount, names: names)
        let emulation = Emulation(builder, .poseidon, parallel)
        let field = EmulatedField<BN254.Fp>(emulation)
        let inputs = (0..<key.publicCount).map { index in
            let wire = builder.wire(proof?.publicInputs[index] ?? .zero)
            builder.bindPublic(index, to: wire)
            emulation.bindPublic(wire)
            return wire
        }
        let elements = ProofElements(
            field,
            committed: {
                guard let proof else { preconditionFailure("values of no proof") }
                return proof.proof
            })
        Groth16Verification(field, key).enforce([elements], publicInputs: [inputs])
        emulation.finish()
        return builder
    }
}
