import Compute
import Curves
public import Foundation
import Groth16
import SnarkFormats

/// A circuit's verification key, ready for proofs and witnesses that come as bytes.
public final class CircuitVerifier: Sendable {
    private enum Material: Sendable {
        case bn254(Verifier<BN254>)
        case bls12381(Verifier<BLS12381>)
    }

    private let material: Material
    private let parallel = Parallel(threads: 1)

    /// - Parameter verificationKeyJSON: the bytes of snarkjs' `verification_key.json`.
    /// - Throws: `.badInput` for anything else.
    public init(verificationKeyJSON: Data) throws(JobFailure) {
        material = try JobFailure.mappingFormatErrors { () throws(FormatError) in
            switch try Groth16JSON.verifyingKey(
                MappedFile(copying: verificationKeyJSON, name: "verification_key.json"))
            {
            case .bn254(let file): .bn254(Verifier(file.key))
            case .bls12381(let file): .bls12381(Verifier(file.key))
            }
        }
    }

    /// Whether a proof and its public inputs, as snarkjs' JSON, verify. On one thread.
    ///
    /// - Throws: `.badInput` when the texts are not a proof and public inputs of this circuit.
    public func verify(proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Bool {
        try verifiedProof(proofJSON, publicJSON: publicJSON) != nil
    }

    /// The proof in the bytes that snarkjs writes, made anew from what was read and verified; nil where it does not verify. On one thread.
    ///
    /// - Throws: `.badInput` when the texts are not a proof and public inputs of this circuit.
    public func verifiedProof(_ proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Data? {
        switch material {
        case .bn254(let verifier): try verify(verifier, proofJSON, publicJSON)
        case .bls12381(let verifier): try verify(verifier, proofJSON, publicJSON)
        }
    }

    /// Public inputs in the bytes that snarkjs writes, made anew from what was read.
    ///
    /// - Throws: `.badInput` when the text is not as many public inputs as the circuit has.
    public func publicInputs(_ publicJSON: Data) throws(JobFailure) -> Data {
        switch material {
        case .bn254(let verifier): try publicInputs(verifier, publicJSON)
        case .bls12381(let verifier): try publicInputs(verifier, publicJSON)
        }
    }

    private func publicInputs<Suite: CPUKernels>(
        _ verifier: Verifier<Suite>, _ publicJSON: Data
    ) throws(JobFailure) -> Data {
        try JobFailure.mappingFormatErrors { () throws(FormatError) in
            let values = try PublicInputsJSON.read(
                MappedFile(copying: publicJSON, name: "public.json"), of: Suite.self,
                count: verifier.key.publicCount)
            return Data(PublicInputsJSON.text(values).utf8)
        }
    }

    /// The bytes of the `public.json` that a proof of this witness has: its first values after the constant one.
    ///
    /// - Parameters:
    ///   - witness: the bytes of a `.wtns` file.
    ///   - variableCount: the number of the circuit's wires.
    /// - Throws: `.badInput` for a file that is malformed or of another circuit's size.
    public func publicInputs(ofWitness witness: Data, variableCount: Int) throws(JobFailure) -> Data {
        switch material {
        case .bn254(let verifier): try publics(verifier, witness, variableCount)
        case .bls12381(let verifier): try publics(verifier, witness, variableCount)
        }
    }

    private func verify<Suite: CPUKernels>(
        _ verifier: Verifier<Suite>, _ proofJSON: Data, _ publicJSON: Data
    ) throws(JobFailure) -> Data? {
        do throws(FormatError) {
            let publics = try PublicInputsJSON.read(
                MappedFile(copying: publicJSON, name: "public.json"), of: Suite.self,
                count: verifier.key.publicCount)
            let proof = try Groth16JSON.proof(
                MappedFile(copying: proofJSON, name: "proof.json"), of: Suite.self)
            let verdict = verifier.verify(
                proof, publicInputs: publics.map(\.canonical), parallel: parallel)
            return verdict == .valid ? Data(Groth16JSON.text(proof).utf8) : nil
        } catch {
            if error.isInvalidPoint { return nil }
            throw JobFailure(code: .badInput, retryable: false, message: error.description)
        }
    }

    private func publics<Suite: CPUKernels>(
        _ verifier: Verifier<Suite>, _ witness: Data, _ variableCount: Int
    ) throws(JobFailure) -> Data {
        let values = try JobFailure.mappingFormatErrors { () throws(FormatError) in
            try WitnessFile(MappedFile(copying: witness, name: "witness"))
                .values(of: Suite.self, variableCount: variableCount)
        }
        let publics = (1..<verifier.key.publicCount + 1).compactMap { Suite.Fr(canonical: values[$0]) }
        return Data(PublicInputsJSON.text(publics).utf8)
    }
}
