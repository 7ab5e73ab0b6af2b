// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
package import ConstraintSystems
package import Curves
import EllipticCurves
package import EmulatedArithmetic
import FieldHashes
import FiniteFields
package import Groth16

/// The circuit of n Groth16 proofs of one key: whoever proves it shows that all of them are valid, for public
/// inputs of which the circuit's one public input is a hash.
///
/// The number of proofs and the key are constants of the circuit. With commitments it needs a key with
/// commitments and is far smaller; without it is a plain circuit, whose proofs everybody verifies.
package struct ProofBatch: Sendable {
    /// Proofs, each with its public inputs.
    package typealias Proofs = [(proof: Proof<BN254>, publicInputs: [Scalar])]

    /// The key of the proofs.
    package let key: ConstantVerifyingKey
    /// The number of proofs.
    package let count: Int
    /// Where challenges come from: a commitment, or hashes in the circuit.
    package let source: ChallengeSource

    /// - Precondition: there is a proof, and the key is a plain one.
    package init(_ key: ConstantVerifyingKey, count: Int, _ source: ChallengeSource) {
        precondition(count > 0 && key.commitments == nil)
        self.key = key
        self.count = count
        self.source = source
    }

    /// The circuit's public input: the hash of the number of proofs, of how many public inputs each has, and
    /// of all these in the order of the proofs (`Poseidon.hash(_:domain:)`).
    ///
    /// - Precondition: all have as many inputs.
    package static func digest(of publicInputs: [[Scalar]]) -> Scalar {
        let width = publicInputs.first?.count ?? 0
        precondition(publicInputs.allSatisfy { $0.count == width })
        return Poseidon.hash(
            [Scalar(UInt64(publicInputs.count)), Scalar(UInt64(width))] + publicInputs.joined(),
            domain: digestDomain)
    }

    /// The domain of that hash.
    package static let digestDomain: UInt64 = 0x5265_0010

    /// Whether a proof has coordinates: no point at infinity, of which no valid proof has one but by a chance
    /// of 2^−254.
    package static func takes(_ proof: Proof<BN254>) -> Bool {
        !proof.a.isIdentity && !proof.b.isIdentity && !proof.c.isIdentity
    }

    /// The circuit.
    package func constraintSystem(_ parallel: Parallel) -> R1CS<Scalar> {
        build(.constraints, [], nil, parallel).constraintSystem(parallel)
    }

    /// The values of all wires, canonical.
    ///
    /// - Parameters:
    ///   - proofs: valid ones, else no constraint system of this circuit has the values.
    ///   - challenger: makes the commitment by the key with which the circuit is proved; `nil` without
    ///     commitments.
    /// - Precondition: there are as many proofs as the circuit has, with as many inputs as the key.
    package func witness(
        _ proofs: Proofs, _ challenger: Challenger?, _ parallel: Parallel
    ) -> SecretScalars<Scalar> {
        precondition(
            proofs.count == count && proofs.allSatisfy { $0.publicInputs.count == key.publicCount })
        let builder = build(.witness, proofs, challenger, parallel)
        defer { builder.wipe() }
        return builder.witness(parallel)
    }

    /// The circuit, its values, or both.
    package func build(
        _ mode: CircuitBuilder.Mode, _ proofs: Proofs, _ challenger: Challenger?, _ parallel: Parallel,
        names: Bool = false
    ) -> CircuitBuilder {
        let builder = CircuitBuilder(mode, publicCount: 1, names: names, challenger: challenger)
        let emulation = Emulation(
            builder, source, chunkBits: Groth16Verification.chunkBits(proofs: count, key), parallel)
        let field = EmulatedField<BN254.Fp>(emulation)
        let inputs = (0..<count).map { row in
            (0..<key.publicCount).map { column in
                builder.wire(proofs.isEmpty ? .zero : proofs[row].publicInputs[column])
            }
        }
        let digest = builder.poseidon(
            [Linear(Scalar(UInt64(count))), Linear(Scalar(UInt64(key.publicCount)))] + inputs.joined(),
            domain: Self.digestDomain)
        builder.bindPublic(0, to: digest)
        // What is hashed to the public input, which the first challenge depends on, is no wire of its own.
        for input in inputs.joined() { emulation.bind(input) }
        emulation.bindPublic(digest)
        let elements = (0..<count).map { index in ProofElements(field) { proofs[index].proof } }
        Groth16Verification(field, key).enforce(elements, publicInputs: inputs)
        emulation.finish()
        return builder
    }
}
