// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
public import Failures
import FiniteFields
public import Foundation
import Groth16
import SnarkFormats

/// A circuit's verification key, ready for proofs and witnesses that come as bytes.
///
///     let verifier = try CircuitVerifier(verificationKeyJSON: Data(contentsOf: key))
///     guard try verifier.verify(proofJSON: proof, publicJSON: publicInputs) else { … }
///
/// A verifier may be used from several threads at once.
public final class CircuitVerifier: Sendable {
    private let verifier: any VerifierOnCurve
    private let parallel = Parallel(threads: 1)

    /// Reads and checks a verification key, and prepares it.
    ///
    /// - Parameter verificationKeyJSON: the bytes of snarkjs' `verification_key.json`, or of our own for a
    ///   circuit with commitments.
    /// - Throws: `.badInput` for anything else.
    public init(verificationKeyJSON: Data) throws(JobFailure) {
        do throws(FormatError) {
            verifier = Self.prepared(
                try Groth16Files.verifyingKey(
                    json: MappedFile(copying: verificationKeyJSON, name: "verification_key.json")
                ).key)
        } catch {
            throw JobFailure(error)
        }
    }

    /// Whether a proof and its public inputs, in JSON, verify. On one thread.
    ///
    /// - Throws: `.badInput` when the texts are not a proof and public inputs of this circuit.
    public func verify(proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Bool {
        try verifiedProof(proofJSON, publicJSON: publicJSON) != nil
    }

    /// The proof in the bytes of `proof.json`, made anew from what was read and verified; nil where it does
    /// not verify. On one thread.
    ///
    /// - Throws: `.badInput` when the texts are not a proof and public inputs of this circuit.
    package func verifiedProof(_ proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Data? {
        try verify(verifier, proofJSON, publicJSON)
    }

    private static func prepared<Document: Groth16VerifyingKeyOnCurve>(
        _ document: Document
    ) -> any VerifierOnCurve {
        Groth16Verifier(document.verifyingKey)
    }

    /// Public inputs in the bytes that snarkjs writes, made anew from what was read.
    ///
    /// - Throws: `.badInput` when the text is not as many public inputs as the circuit has.
    package func publicInputs(_ publicJSON: Data) throws(JobFailure) -> Data {
        try publicInputs(verifier, publicJSON)
    }

    private func publicInputs<Checking: VerifierOnCurve>(
        _ verifier: Checking, _ publicJSON: Data
    ) throws(JobFailure) -> Data {
        do throws(FormatError) {
            let values = try PublicInputsJSON.read(
                MappedFile(copying: publicJSON, name: "public.json"), of: Checking.Suite.self,
                count: verifier.key.publicCount)
            return Data(PublicInputsJSON.text(values).utf8)
        } catch {
            throw JobFailure(error)
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
        witnessCheck(verifier, variableCount: variableCount)
    }

    private func witnessCheck<Checking: VerifierOnCurve>(
        _ verifier: Checking, variableCount: Int
    ) -> WitnessStreamCheck {
        let curve = Checking.Suite.id
        return WitnessStreamCheck(
            curve: curve,
            stream: WitnessStream(
                curve: curve, variableCount: variableCount, publicCount: verifier.key.publicCount))
    }

    /// Bytes of a witness file with so many wires.
    package static func witnessBytes(variableCount: Int) -> Int64 {
        WitnessStream.byteCount(variableCount: variableCount)
    }

    private func verify<Checking: VerifierOnCurve>(
        _ verifier: Checking, _ proofJSON: Data, _ publicJSON: Data
    ) throws(JobFailure) -> Data? {
        do throws(FormatError) {
            let publics = try PublicInputsJSON.read(
                MappedFile(copying: publicJSON, name: "public.json"), of: Checking.Suite.self,
                count: verifier.key.publicCount)
            let proof = try verifier.verifier.proof(
                json: MappedFile(copying: proofJSON, name: "proof.json"))
            let verdict = verifier.verifier.verify(
                proof, publicInputs: publics.map(\.canonical), parallel: parallel)
            return verdict == .valid ? Data(proof.json.utf8) : nil
        } catch {
            if error.isInvalidPoint { return nil }
            throw JobFailure(error)
        }
    }
}

/// A verifier on a curve that is known at run time only.
protocol VerifierOnCurve: Sendable {
    associatedtype Suite: ComputeSuite

    var verifier: Groth16Verifier<Suite> { get }
}

extension VerifierOnCurve {
    var key: Groth16VerifyingKey<Suite> { verifier.key }
}

extension Groth16Verifier: VerifierOnCurve {
    var verifier: Groth16Verifier { self }
}

/// A check of a witness that comes piece by piece: takes no more memory than its public values.
package struct WitnessStreamCheck: Sendable {
    let curve: CurveID
    var stream: WitnessStream

    /// The next bytes of the `.wtns` file.
    ///
    /// - Throws: `.badInput`.
    package mutating func take(_ bytes: Data) throws(JobFailure) {
        do throws(FormatError) { try stream.take(bytes.bytes) } catch { throw JobFailure(error) }
    }

    /// The bytes of the `public.json` that a proof of the witness has.
    ///
    /// - Throws: `.badInput` where bytes are missing.
    package mutating func finish() throws(JobFailure) -> Data {
        do { try stream.finish() } catch { throw JobFailure(error) }
        let values = stream.publicValues
        func json<Suite: ComputeSuite>(_: Suite.Type) -> Data {
            Data(PublicInputsJSON.text(values.compactMap { Suite.Fr(decimal: $0.decimal) }).utf8)
        }
        return withSuite(curve) { json($0) }
    }
}
