// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
package import Foundation
import Groth16
import SnarkFormats

/// A circuit's verification key, ready for proofs and witnesses that come as bytes.
package final class CircuitVerifier: Sendable {
    private enum Material: Sendable {
        case bn254(Verifier<BN254>)
        case bls12381(Verifier<BLS12381>)
    }

    private let material: Material
    private let parallel = Parallel(threads: 1)

    /// - Parameter verificationKeyJSON: the bytes of snarkjs' `verification_key.json`.
    /// - Throws: `.badInput` for anything else.
    package init(verificationKeyJSON: Data) throws(JobFailure) {
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
    package func verify(proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Bool {
        try verifiedProof(proofJSON, publicJSON: publicJSON) != nil
    }

    /// The proof in the bytes that snarkjs writes, made anew from what was read and verified; nil where it
    /// does not verify. On one thread.
    ///
    /// - Throws: `.badInput` when the texts are not a proof and public inputs of this circuit.
    package func verifiedProof(_ proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Data? {
        switch material {
        case .bn254(let verifier): try verify(verifier, proofJSON, publicJSON)
        case .bls12381(let verifier): try verify(verifier, proofJSON, publicJSON)
        }
    }

    /// Public inputs in the bytes that snarkjs writes, made anew from what was read.
    ///
    /// - Throws: `.badInput` when the text is not as many public inputs as the circuit has.
    package func publicInputs(_ publicJSON: Data) throws(JobFailure) -> Data {
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

    /// The bytes of the `public.json` that a proof of this witness has: its first values after the constant
    /// one.
    ///
    /// - Parameters:
    ///   - witness: the bytes of a `.wtns` file.
    ///   - variableCount: the number of the circuit's wires.
    /// - Throws: `.badInput` for a file that is malformed or of another circuit's size.
    package func publicInputs(ofWitness witness: Data, variableCount: Int) throws(JobFailure) -> Data {
        var check = witnessCheck(variableCount: variableCount)
        try check.take(witness)
        return try check.finish()
    }

    /// The same for a witness that comes piece by piece.
    package func witnessCheck(variableCount: Int) -> WitnessStreamCheck {
        let (curve, publicCount): (CurveID, Int) =
            switch material {
            case .bn254(let verifier): (.bn254, verifier.key.publicCount)
            case .bls12381(let verifier): (.bls12381, verifier.key.publicCount)
            }
        return WitnessStreamCheck(
            curve: curve,
            stream: WitnessStream(curve: curve, variableCount: variableCount, publicCount: publicCount))
    }

    /// Bytes of a witness file with so many wires.
    package static func witnessBytes(variableCount: Int) -> Int64 {
        WitnessStream.byteCount(variableCount: variableCount)
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
}

/// A check of a witness that comes piece by piece: takes no more memory than its public values.
package struct WitnessStreamCheck: Sendable {
    let curve: CurveID
    var stream: WitnessStream

    /// The next bytes of the `.wtns` file.
    ///
    /// - Throws: `.badInput`.
    package mutating func take(_ bytes: Data) throws(JobFailure) {
        var failure: FormatError?
        bytes.withUnsafeBytes { buffer in
            do throws(FormatError) { try stream.take(buffer) } catch { failure = error }
        }
        if let failure { try JobFailure.mappingFormatErrors { () throws(FormatError) in throw failure } }
    }

    /// The bytes of the `public.json` that a proof of the witness has.
    ///
    /// - Throws: `.badInput` where bytes are missing.
    package mutating func finish() throws(JobFailure) -> Data {
        try JobFailure.mappingFormatErrors { () throws(FormatError) in try stream.finish() }
        return switch curve {
        case .bn254: Self.json(stream.publicValues, of: BN254.self)
        case .bls12381: Self.json(stream.publicValues, of: BLS12381.self)
        }
    }

    private static func json<Suite: CPUKernels>(_ values: [Limbs4], of suite: Suite.Type) -> Data
    where Suite.Fr.Limbs == Limbs4 {
        Data(PublicInputsJSON.text(values.compactMap { Suite.Fr(canonical: $0) }).utf8)
    }
}
