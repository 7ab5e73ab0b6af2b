// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import Failures
import FiniteFields
package import Groth16
package import SnarkFormats

/// Verification of proof files: what `martlet verify` and `martlet export calldata` do.
package enum ProofVerification {
    /// What was found of one proof.
    package struct Finding: Sendable, Encodable {
        /// The proof's file.
        package let proof: String
        package let valid: Bool
        /// Why it is invalid, without the file's name.
        package let reason: String?
    }

    /// Verifies proofs of one circuit, several as a batch; findings come in the order of the proofs.
    ///
    /// A point that is not on the curve, or not in the subgroup, makes a proof invalid, not its file
    /// malformed.
    ///
    /// - Throws: `.badInput` for files that are not what they should be.
    package static func verify(
        vkey: String, proofs: [(proof: String, publicInputs: String)], threads: Int
    ) throws(JobFailure) -> [Finding] {
        let (key, files): (MappedFile, [Files])
        do throws(FormatError) {
            (key, files) = (try MappedFile(json: vkey), try open(proofs))
        } catch {
            throw JobFailure(error)
        }
        return try verify(vkey: key, proofs: files, threads: threads)
    }

    /// A proof and its public inputs.
    package typealias Files = (proof: MappedFile, publicInputs: MappedFile)

    /// Opens proofs and their public inputs; pipes are read.
    package static func open(
        _ proofs: [(proof: String, publicInputs: String)]
    ) throws(FormatError) -> [Files] {
        var files: [Files] = []
        for (proof, publicInputs) in proofs {
            files.append((try MappedFile(json: proof), try MappedFile(json: publicInputs)))
        }
        return files
    }

    /// The same with files that are open already.
    package static func verify(
        vkey: MappedFile, proofs: [Files], threads: Int
    ) throws(JobFailure) -> [Finding] {
        let parallel = Parallel(threads: threads)
        try refuseOtherSystems(vkey, proofs)
        do throws(FormatError) {
            return try verify(Groth16JSON.verifyingKey(vkey), proofs, parallel)
        } catch {
            throw JobFailure(error)
        }
    }

    /// The secret of the setup that a verification key gives away, so that its valid proofs say nothing.
    ///
    /// - Throws: `.badInput` for a file that is no verification key of Groth16.
    package static func openSecret(vkey: MappedFile) throws(JobFailure) -> OpenSecret? {
        do throws(FormatError) {
            return openSecret(try Groth16JSON.verifyingKey(vkey))
        } catch {
            throw JobFailure(error)
        }
    }

    /// plonk and fflonk files are read, so that what is wrong with them is said first; then they are refused.
    private static func refuseOtherSystems(
        _ vkey: MappedFile, _ proofs: [Files]
    ) throws(JobFailure) {
        let other: String
        do throws(FormatError) {
            let summary = try FileSummary(vkey)
            guard case .text(let system) = summary["protocol"], system != ProofSystem.groth16.name else {
                return
            }
            for files in proofs {
                _ = try FileSummary(files.proof)
                _ = try FileSummary(files.publicInputs)
            }
            other = system
        } catch {
            throw JobFailure(error)
        }
        throw JobFailure(
            code: .badInput, retryable: false,
            message: "\(vkey.name): this version verifies groth16 proofs only, not \(other)")
    }

    private static func openSecret<Document: VerifyingKeyOnCurve>(_ document: Document) -> OpenSecret? {
        document.file.key.openSecret
    }

    private static func verify<Document: VerifyingKeyOnCurve>(
        _ document: Document, _ proofs: [Files], _ parallel: Parallel
    ) throws(FormatError) -> [Finding] {
        typealias Suite = Document.Suite
        let verifier = Verifier(document.file.key)
        var reasons = [String?](repeating: nil, count: proofs.count)
        var items: [(proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])] = []
        var places: [Int] = []
        for (i, files) in proofs.enumerated() {
            let publics = try PublicInputsJSON.read(
                files.publicInputs, of: Suite.self, count: verifier.key.publicCount)
            do throws(FormatError) {
                items.append(
                    (
                        try Groth16JSON.proof(files.proof, of: Suite.self),
                        publics.map(\.canonical)
                    ))
                places.append(i)
            } catch {
                guard error.isInvalidPoint else { throw error }
                reasons[i] = error.messageWithoutFile
            }
        }
        var generator = SystemRandomNumberGenerator()
        let verdicts =
            items.count == 1
            ? [verifier.verify(items[0].proof, publicInputs: items[0].publicInputs, parallel: parallel)]
            : verifier.verifyBatch(items, parallel: parallel, using: &generator)
        for (place, verdict) in zip(places, verdicts) where verdict != .valid {
            reasons[place] = verdict.description
        }
        return zip(proofs, reasons).map { Finding(proof: $0.proof.name, valid: $1 == nil, reason: $1) }
    }

    /// The arguments of snarkjs' Solidity verifier.
    ///
    /// - Throws: `.badInput` for files that are not a BN254 Groth16 proof and its public inputs.
    package static func calldata(proof: String, publicInputs: String) throws(JobFailure) -> String {
        do throws(FormatError) {
            let publics = try PublicInputsJSON.read(MappedFile(json: publicInputs), of: BN254.self)
            return try EVMCalldata.text(
                Groth16JSON.proof(MappedFile(json: proof), of: BN254.self), publicInputs: publics)
        } catch {
            throw JobFailure(error)
        }
    }
}
