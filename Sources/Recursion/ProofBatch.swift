// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
package import ConstraintSystems
import Curves
package import EmulatedArithmetic
import FieldHashes
import FiniteFields

/// The circuit of up to n Groth16 proofs of one key: whoever proves it shows that all of them are valid, for
/// public inputs of which the circuit's one public input is a hash (`ProofPlaces.digest`).
///
/// The number of places and the key are constants of the circuit. With commitments it needs a key with
/// commitments and is far smaller; without it is a plain circuit, whose proofs everybody verifies. So a key
/// with commitments, whose challenges are Poseidon's, may verify proofs of another such key.
package struct ProofBatch: Sendable {
    /// Proofs, each with its public inputs.
    package typealias Proofs = [(proof: ProofPoints, publicInputs: [Scalar])]

    /// The key of the proofs.
    package let key: ConstantVerifyingKey
    /// The number of places for proofs.
    package let places: Int
    /// Where challenges come from: a commitment, or hashes in the circuit.
    package let source: ChallengeSource

    /// - Precondition: there is a place.
    package init(_ key: ConstantVerifyingKey, places: Int, _ source: ChallengeSource) {
        precondition(places > 0)
        self.key = key
        self.places = places
        self.source = source
    }

    /// The most places that a circuit for proofs of a key has: with more, there would be more chunks in the
    /// table of lookups than the argument for it allows (`LimbShape.mostChunks`).
    package static func mostPlaces(_ key: ConstantVerifyingKey) -> Int {
        let count = Groth16Verification.elementCount(key)
        func most(withChunksFor proofs: Int) -> Int {
            let width = Groth16Verification.chunkBits(proofs: proofs, key)
            let chunks = LimbShape.mostChunks(chunkBits: width)
            let elements = chunks / LimbShape(bitWidth: BN254.Fp.bitWidth, chunkBits: width).chunkCount
            return (elements - count.shared) / count.each
        }
        let first = most(withChunksFor: 64)
        return max(0, min(first, most(withChunksFor: max(1, first))))
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
    /// - Precondition: there is a proof, and a place for each; they have as many inputs and commitments as
    ///   the key.
    package func witness(
        _ proofs: Proofs, _ challenger: Challenger?, _ parallel: Parallel
    ) -> SecretScalars<Scalar> {
        precondition(
            (1...places).contains(proofs.count)
                && proofs.allSatisfy { $0.publicInputs.count == key.publicCount })
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
            builder, source, chunkBits: Groth16Verification.chunkBits(proofs: places, key), parallel)
        let own = ProofPlaces(
            emulation, count: places, publicCount: key.publicCount, proofs.map(\.publicInputs))
        builder.bindPublic(0, to: own.digest)
        // The first challenge depends on it.
        emulation.bindPublic(own.digest)
        let field = EmulatedField<BN254.Fp>(emulation)
        let elements = (0..<places).map { place in
            ProofElements(field, commitments: key.commitments?.count ?? 0) {
                proofs[place < proofs.count ? place : 0].proof
            }
        }
        Groth16Verification(field, key).enforce(elements, publicInputs: own.inputs)
        emulation.finish()
        return builder
    }
}
