// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import Failures
import FiniteFields
package import Foundation
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
    package struct Files: Sendable {
        package var proof: MappedFile
        package var publicInputs: MappedFile
        /// Where a list names them, as `proofs.txt:3`; what is wrong with the files is said with it.
        package var place: String?

        /// Opens the files; pipes are read.
        package static func open(
            proof: String, publicInputs: String, place: String? = nil
        ) throws(FormatError) -> Files {
            do throws(FormatError) {
                return Files(
                    proof: try MappedFile(json: proof), publicInputs: try MappedFile(json: publicInputs),
                    place: place)
            } catch {
                throw error.listed(at: place)
            }
        }
    }

    /// Opens proofs and their public inputs; pipes are read.
    package static func open(
        _ proofs: [(proof: String, publicInputs: String)]
    ) throws(FormatError) -> [Files] {
        var files: [Files] = []
        for (proof, publicInputs) in proofs {
            files.append(try Files.open(proof: proof, publicInputs: publicInputs))
        }
        return files
    }

    /// The same with files that are open already.
    ///
    /// - Parameter hash: what makes challenges of commitments, which the key must have then.
    package static func verify(
        vkey: MappedFile, proofs: [Files], hash: CommitmentHash? = nil, threads: Int
    ) throws(JobFailure) -> [Finding] {
        let parallel = Parallel(threads: threads)
        try refuseOtherSystems(vkey, proofs)
        do throws(FormatError) {
            return try verify(Groth16Files.verifyingKey(vkey, asked: hash), proofs, parallel)
        } catch {
            throw JobFailure(error)
        }
    }

    /// The secret of the setup that a verification key gives away, so that its valid proofs say nothing.
    ///
    /// - Throws: `.badInput` for a file that is no verification key of Groth16.
    package static func openSecret(vkey: MappedFile) throws(JobFailure) -> OpenSecret? {
        do throws(FormatError) {
            return openSecret(try Groth16Files.verifyingKey(vkey))
        } catch {
            throw JobFailure(error)
        }
    }

    /// A verification key of any form in JSON.
    ///
    /// - Throws: `.badInput` for a file that is no verification key of Groth16.
    package static func verificationKeyJSON(
        of vkey: MappedFile, hash: CommitmentHash?
    ) throws(JobFailure) -> Data {
        func json<Document: Groth16VerifyingKeyOnCurve>(_ document: Document) -> Data {
            Data(document.verifyingKey.json.utf8)
        }
        do throws(FormatError) {
            return json(try Groth16Files.verifyingKey(vkey, asked: hash))
        } catch {
            throw JobFailure(error)
        }
    }

    /// plonk and fflonk files are read, so that what is wrong with them is said first; then they are refused.
    private static func refuseOtherSystems(
        _ vkey: MappedFile, _ proofs: [Files]
    ) throws(JobFailure) {
        guard GnarkLayout(vkey) == nil else { return }
        let other: String
        do throws(FormatError) {
            let summary = try FileSummary(vkey)
            guard case .text(let system) = summary["protocol"],
                [.plonk, .fflonk].contains(where: { (other: ProofSystem) in other.name == system })
            else { return }
            for files in proofs {
                do throws(FormatError) {
                    _ = try FileSummary(files.proof)
                    _ = try FileSummary(files.publicInputs)
                } catch {
                    throw error.listed(at: files.place)
                }
            }
            other = system
        } catch {
            // Of what is no file that is known here, such as a damaged key of gnark's, the reader says more.
            if case .unknownFormat = error.reason, error.file == vkey.name { return }
            throw JobFailure(error)
        }
        throw JobFailure(
            code: .badInput, retryable: false,
            message: "\(vkey.name): this version verifies groth16 proofs only, not \(other)")
    }

    private static func openSecret<Document: Groth16VerifyingKeyOnCurve>(
        _ document: Document
    ) -> OpenSecret? {
        document.verifyingKey.openSecret
    }

    private static func verify<Document: Groth16VerifyingKeyOnCurve>(
        _ document: Document, _ proofs: [Files], _ parallel: Parallel
    ) throws(FormatError) -> [Finding] {
        let key = document.verifyingKey
        var reasons = [String?](repeating: nil, count: proofs.count)
        var items: [Item<Document.Suite>] = []
        for (i, files) in proofs.enumerated() {
            let publics: [Document.Suite.Fr]
            do throws(FormatError) {
                publics = try Groth16Files.publicInputs(
                    files.publicInputs, of: Document.Suite.self, count: key.publicCount)
            } catch {
                throw error.listed(at: files.place)
            }
            do throws(FormatError) {
                let proof = try Groth16Files.proof(files.proof, of: Document.Suite.self)
                items.append(Item(place: i, proof: proof, publicInputs: publics.map(\.canonical)))
            } catch {
                guard error.isInvalidPoint else { throw error.listed(at: files.place) }
                reasons[i] = error.messageWithoutFile
            }
        }
        for (item, verdict) in zip(items, verdicts(key, items, parallel)) where verdict != .valid {
            reasons[item.place] = verdict.description
        }
        return zip(proofs, reasons).map { Finding(proof: $0.proof.name, valid: $1 == nil, reason: $1) }
    }

    /// A proof that could be read.
    private struct Item<Suite: ComputeSuite> {
        /// Its number among all.
        var place: Int
        var proof: Groth16Proof<Suite>
        var publicInputs: [Suite.Fr.Limbs]
    }

    /// Proofs of the other kind than the key's lack commitments, or have some too many; of the others one is
    /// verified by itself, and several are a batch.
    private static func verdicts<Suite: ComputeSuite>(
        _ key: Groth16VerifyingKey<Suite>, _ items: [Item<Suite>], _ parallel: Parallel
    ) -> [Verdict] {
        var generator = SystemRandomNumberGenerator()
        func verdicts<P>(
            _ kind: KeyPath<Groth16Proof<Suite>, P?>, one: (P, [Suite.Fr.Limbs]) -> Verdict,
            many: ([(proof: P, publicInputs: [Suite.Fr.Limbs])]) -> [Verdict]
        ) -> [Verdict] {
            let sound = items.compactMap { item in
                item.proof[keyPath: kind].map { (proof: $0, publicInputs: item.publicInputs) }
            }
            var found = (sound.count == 1 ? [one(sound[0].proof, sound[0].publicInputs)] : many(sound))[...]
            return items.map { item in
                item.proof[keyPath: kind] == nil
                    ? .commitmentCount(expected: key.commitmentCount, found: item.proof.commitmentCount)
                    : found.removeFirst()
            }
        }
        switch key {
        case .plain(let key):
            let verifier = Verifier(key)
            return verdicts(\.plain) {
                verifier.verify($0, publicInputs: $1, parallel: parallel)
            } many: {
                verifier.verifyBatch($0, parallel: parallel, using: &generator)
            }
        case .committed(let key):
            let verifier = CommittedVerifier(key)
            return verdicts(\.committed) {
                verifier.verify($0, publicInputs: $1, parallel: parallel)
            } many: {
                verifier.verifyBatch($0, parallel: parallel, using: &generator)
            }
        }
    }

    /// The arguments of snarkjs' Solidity verifier; for a proof with commitments, those of our contract.
    ///
    /// - Throws: `.badInput` for files that are not a BN254 Groth16 proof and its public inputs.
    package static func calldata(proof: String, publicInputs: String) throws(JobFailure) -> String {
        do throws(FormatError) {
            let publics = try PublicInputsJSON.read(MappedFile(json: publicInputs), of: BN254.self)
            let file = try MappedFile(json: proof)
            switch try Groth16Files.proof(file, of: BN254.self) {
            case .plain(let proof):
                return try EVMCalldata.text(proof, publicInputs: publics, file: file.name)
            case .committed(let proof):
                return try EVMCalldata.text(proof, publicInputs: publics, file: file.name)
            }
        } catch {
            throw JobFailure(error)
        }
    }
}

extension FormatError {
    /// The same of a file that a list names at a place of its own, as `proofs.txt:3`; as it is where there is
    /// none.
    package func listed(at place: String?) -> FormatError {
        place.map { FormatError(reason, file: "\($0): \(file)", place: self.place) } ?? self
    }
}
