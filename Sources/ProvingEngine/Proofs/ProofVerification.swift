// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import Failures
import FiniteFields
package import Foundation
package import Groth16
import Plonk
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
        let plonk = try plonkCurve(vkey, proofs)
        do throws(FormatError) {
            if let plonk { return try verifyPlonk(vkey, on: plonk, proofs, hash, parallel) }
            return try verify(Groth16Files.verifyingKey(vkey, asked: hash), proofs, parallel)
        } catch {
            throw JobFailure(error)
        }
    }

    /// The secret of the setup that a verification key of Groth16 gives away, so that its valid proofs say
    /// nothing; `nil` for one of plonk, which is refused where it gives away anything.
    ///
    /// - Throws: `.badInput` for a file that is no verification key of either.
    package static func openSecret(vkey: MappedFile) throws(JobFailure) -> OpenSecret? {
        if try plonkCurve(vkey, []) != nil { return nil }
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

    /// The curve of a key of plonk; `nil` for other keys. fflonk's files are read, so that what is wrong with
    /// them is said first; then they are refused.
    private static func plonkCurve(
        _ vkey: MappedFile, _ proofs: [Files]
    ) throws(JobFailure) -> CurveID? {
        guard GnarkLayout(vkey) == nil else { return nil }
        do throws(FormatError) {
            let summary = try FileSummary(vkey)
            guard case .text(let system) = summary["protocol"], case .text(let curve) = summary["curve"]
            else {
                return nil
            }
            if system == ProofSystem.plonk.name { return CurveID(rawValue: curve) }
            guard system == ProofSystem.fflonk.name else { return nil }
            for files in proofs {
                do throws(FormatError) {
                    _ = try FileSummary(files.proof)
                    _ = try FileSummary(files.publicInputs)
                } catch {
                    throw error.listed(at: files.place)
                }
            }
        } catch {
            // Of what is no file that is known here, such as a damaged key of gnark's, the reader says more.
            if case .unknownFormat = error.reason, error.file == vkey.name { return nil }
            throw JobFailure(error)
        }
        throw JobFailure(
            code: .badInput, retryable: false,
            message: "\(vkey.name): this version verifies groth16 and plonk proofs only, not fflonk")
    }

    private static func verifyPlonk(
        _ vkey: MappedFile, on curve: CurveID, _ proofs: [Files], _ hash: CommitmentHash?,
        _ parallel: Parallel
    ) throws(FormatError) -> [Finding] {
        if let hash {
            throw FormatError(
                .inconsistentHeader(
                    "the key has no commitments, of which \(hash.rawValue) could make challenges"),
                file: vkey.name)
        }
        func verify<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) -> [Finding] {
            let verifier = PlonkVerifier(try PlonkJSON.verifyingKey(vkey, of: suite))
            return try findings(proofs, of: suite, publicCount: verifier.key.publicCount) {
                (file) throws(FormatError) in
                try PlonkJSON.proof(file, of: suite)
            } reasons: { items in
                var generator = SystemRandomNumberGenerator()
                let verdicts =
                    items.count == 1
                    ? [
                        verifier.verify(
                            items[0].proof, publicInputs: items[0].publicInputs, parallel: parallel)
                    ]
                    : verifier.verifyBatch(items, parallel: parallel, using: &generator)
                return verdicts.map { $0 == .valid ? nil : $0.description }
            }
        }
        return try withSuite(curve) { (suite) throws(FormatError) in try verify(suite) }
    }

    /// Reads proofs and their public inputs and judges those that can be read.
    ///
    /// - Parameter reasons: why proofs are invalid, in their order, `nil` for those that are valid.
    private static func findings<Suite: ComputeSuite, Proof>(
        _ proofs: [Files], of suite: Suite.Type, publicCount: Int,
        read: (MappedFile) throws(FormatError) -> Proof,
        reasons: ([(proof: Proof, publicInputs: [Suite.Fr.Limbs])]) -> [String?]
    ) throws(FormatError) -> [Finding] {
        var found = [String?](repeating: nil, count: proofs.count)
        var (items, places): ([(proof: Proof, publicInputs: [Suite.Fr.Limbs])], [Int]) = ([], [])
        for (place, files) in proofs.enumerated() {
            let publics: [Suite.Fr]
            do throws(FormatError) {
                publics = try Groth16Files.publicInputs(files.publicInputs, of: suite, count: publicCount)
            } catch {
                throw error.listed(at: files.place)
            }
            do throws(FormatError) {
                items.append((try read(files.proof), publics.map(\.canonical)))
                places.append(place)
            } catch {
                guard error.isInvalidPoint else { throw error.listed(at: files.place) }
                found[place] = error.messageWithoutFile
            }
        }
        for (place, reason) in zip(places, reasons(items)) { found[place] = reason }
        return zip(proofs, found).map { Finding(proof: $0.proof.name, valid: $1 == nil, reason: $1) }
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
        return try findings(proofs, of: Document.Suite.self, publicCount: key.publicCount) {
            (file) throws(FormatError) in
            try Groth16Files.proof(file, of: Document.Suite.self)
        } reasons: { items in
            verdicts(key, items, parallel).map { $0 == .valid ? nil : $0.description }
        }
    }

    /// Proofs of the other kind than the key's lack commitments, or have some too many; of the others one is
    /// verified by itself, and several are a batch.
    private static func verdicts<Suite: ComputeSuite>(
        _ key: Groth16VerifyingKey<Suite>,
        _ items: [(proof: Groth16Proof<Suite>, publicInputs: [Suite.Fr.Limbs])], _ parallel: Parallel
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
