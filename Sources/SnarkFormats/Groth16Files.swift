// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
import FiniteFields
package import Groth16

/// Keys, proofs and public inputs in any of the forms that are read: JSON, and gnark's files.
package enum Groth16Files {
    /// Reads a verification key.
    ///
    /// - Parameter hash: what makes challenges of commitments, which gnark's files do not say: `.sha256`
    ///   where nothing is given. Of JSON it has to be the hash that the key says.
    /// - Throws: what the reader of the form finds wrong; `.inconsistentHeader` for another hash than the
    ///   key's.
    package static func verifyingKey(
        _ file: MappedFile, hash: CommitmentHash? = nil
    ) throws(FormatError) -> any Groth16VerifyingKeyOnCurve {
        if let layout = GnarkLayout(file) {
            guard layout.content == .verifyingKey, let curve = layout.curve else {
                throw FormatError(
                    .otherKind(found: layout.kind.description, wanted: .verifyingKey), file: file.name)
            }
            func read<Suite: ComputeSuite>(
                _ suite: Suite.Type
            ) throws(FormatError) -> any Groth16VerifyingKeyOnCurve {
                try GnarkFiles.verifyingKey(file, isRaw: layout.isRaw, hash: hash ?? .sha256, of: suite)
            }
            return try withSuite(curve) { (suite) throws(FormatError) in try read(suite) }
        }
        if let damage = damage(file) { throw damage }
        let (found, key) = try verifyingKey(json: file)
        if let hash, let found, hash != found {
            throw JSONDocument(file: file).error(
                .inconsistentHeader("the key's commitments are hashed by \(found.rawValue)"),
                at: "commitment_hash")
        }
        return key
    }

    /// Reads a verification key in JSON, snarkjs' or our own; with what makes challenges of commitments,
    /// where the key has some.
    ///
    /// - Throws: what the reader of the form finds wrong.
    package static func verifyingKey(
        json file: MappedFile
    ) throws(FormatError) -> (hash: CommitmentHash?, key: any Groth16VerifyingKeyOnCurve) {
        if (try? JSONDocument(file: file).labels())?.proofSystem == ProofSystem.committedGroth16.name {
            let (hash, key) = try CommittedJSON.verifyingKey(file)
            return (hash, key)
        }
        return (nil, plain(try Groth16JSON.verifyingKey(file)))
    }

    /// Reads and checks the verification key of a zkey, and no more of the file than that.
    ///
    /// - Throws: `.unsupportedProtocol` for plonk and fflonk keys; else the first thing found wrong.
    package static func verifyingKey(
        of zkey: ZKeyFile
    ) throws(FormatError) -> any Groth16VerifyingKeyOnCurve {
        guard zkey.header.proofSystem == .committedGroth16 else {
            return plain(try Groth16ZKey.verifyingKey(of: zkey))
        }
        return try CommittedZKey.verifyingKey(of: zkey)
    }

    /// Demands a zkey of Groth16, with or without commitments.
    ///
    /// - Throws: `.unsupportedProtocol` for plonk and fflonk keys.
    package static func requireGroth16(_ zkey: ZKeyFile) throws(FormatError) {
        guard zkey.header.proofSystem != .committedGroth16 else { return }
        try Groth16ZKey.requireGroth16(zkey)
    }

    /// The same, where a hash that somebody has asked for must not be without use.
    ///
    /// - Throws: as without; `.inconsistentHeader` for a hash with a key that has no commitments.
    package static func verifyingKey(
        _ file: MappedFile, asked hash: CommitmentHash?
    ) throws(FormatError) -> any Groth16VerifyingKeyOnCurve {
        func hasCommitments<Key: Groth16VerifyingKeyOnCurve>(_ key: Key) -> Bool {
            key.verifyingKey.commitmentCount > 0
        }
        let key = try verifyingKey(file, hash: hash)
        if let hash, !hasCommitments(key) {
            throw FormatError(
                .inconsistentHeader(
                    "the key has no commitments, of which \(hash.rawValue) could make challenges"),
                file: file.name)
        }
        return key
    }

    /// What is wrong with a key of gnark's whose counts do not fill it: what the reader for its curve and
    /// encoding says, which gets farther than the others.
    private static func damage(_ file: MappedFile) -> FormatError? {
        guard isLikelyGnark(file) else { return nil }
        var errors: [FormatError] = []
        func read<Suite: ComputeSuite>(_ suite: Suite.Type) {
            for isRaw in [false, true] {
                do throws(FormatError) {
                    _ = try GnarkFiles.verifyingKey(file, isRaw: isRaw, hash: .sha256, of: suite)
                } catch {
                    errors.append(error)
                }
            }
        }
        for curve in GnarkSizes.curves { withSuite(curve) { read($0) } }
        return errors.filter { ($0.place.offset ?? 0) > 0 }
            .max { ($0.place.offset ?? 0) < ($1.place.offset ?? 0) }
    }

    /// Whether a file that is nothing else may be one of gnark's that is damaged: its bytes are no text.
    private static func isLikelyGnark(_ file: MappedFile) -> Bool {
        guard let head = try? file.read(at: 0, count: min(file.count, 64)), FileKind.evident(file) == nil
        else {
            return false
        }
        // What a character is cut off from at the end does not count.
        return head.contains(0)
            || !(0..<4).contains { String(validating: head.dropLast($0), as: UTF8.self) != nil }
    }

    /// Whether the first point of a file on this curve is written without compression.
    private static func beginsRaw(_ file: MappedFile, _ curve: CurveID) -> Bool {
        guard file.count > 0, let byte = try? file.read(at: 0, count: 1)[0] else { return false }
        return GnarkFlag(byte, spareBits: GnarkSizes(curve, isRaw: false).spareBits)?.isRaw ?? false
    }

    private static func plain<Document: VerifyingKeyOnCurve>(
        _ document: Document
    ) -> any Groth16VerifyingKeyOnCurve {
        Groth16VerifyingKey<Document.Suite>.plain(document.file.key)
    }

    /// Reads a proof for a curve.
    ///
    /// - Throws: what the reader of the form finds wrong; `.curveMismatch`.
    package static func proof<Suite: ComputeSuite>(
        _ file: MappedFile, of suite: Suite.Type
    ) throws(FormatError) -> Groth16Proof<Suite> {
        if let layout = GnarkLayout(file) {
            guard layout.content == .proof, let curve = layout.curve else {
                throw FormatError(
                    .otherKind(found: layout.kind.description, wanted: .proof), file: file.name)
            }
            guard curve == Suite.id else {
                throw FormatError(
                    .curveMismatch(expected: Suite.id.rawValue, found: curve.rawValue), file: file.name)
            }
            return try GnarkFiles.proof(file, isRaw: layout.isRaw, of: suite)
        }
        if isLikelyGnark(file) {
            do throws(FormatError) {
                return try GnarkFiles.proof(
                    file, isRaw: beginsRaw(file, Suite.id), of: suite)
            } catch {
                // Not even the first point: it is no proof of gnark's.
                guard error.place.offset == 0 else { throw error }
            }
        }
        let labels = try? JSONDocument(file: file).labels(limit: JSONLimits.proof)
        if labels?.proofSystem == ProofSystem.committedGroth16.name {
            return .committed(try CommittedJSON.proof(file, of: suite))
        }
        return .plain(try Groth16JSON.proof(file, of: suite))
    }

    /// Reads public inputs of a curve, as many as the key wants.
    ///
    /// - Throws: what the reader of the form finds wrong.
    package static func publicInputs<Suite: ComputeSuite>(
        _ file: MappedFile, of suite: Suite.Type, count: Int
    ) throws(FormatError) -> [Suite.Fr] {
        if let layout = GnarkLayout(file) {
            guard layout.content == .witness else {
                throw FormatError(
                    .otherKind(found: layout.kind.description, wanted: .publicInputs), file: file.name)
            }
            return try GnarkFiles.publicInputs(file, of: Suite.Fr.self, count: count)
        }
        // Counts of four bytes come first, and are small.
        if isLikelyGnark(file), try file.read(at: 0, count: 1) == [0] {
            return try GnarkFiles.publicInputs(file, of: Suite.Fr.self, count: count)
        }
        return try PublicInputsJSON.read(file, of: suite, count: count)
    }
}

extension Groth16VerifyingKey {
    /// In JSON: that of snarkjs for plain keys, our own for others (docs/formats.md).
    package var json: String {
        switch self {
        case .plain(let key): Groth16JSON.text(key)
        case .committed(let key): CommittedJSON.text(key)
        }
    }
}

extension Groth16Proof {
    /// In JSON: that of snarkjs for plain proofs, our own for others (docs/formats.md).
    package var json: String {
        switch self {
        case .plain(let proof): Groth16JSON.text(proof)
        case .committed(let proof): CommittedJSON.text(proof)
        }
    }
}

extension Groth16Verifier {
    /// Reads a proof in JSON, of the form that proofs under the key have.
    ///
    /// - Throws: as `Groth16JSON.proof`; `.wrongLabel` for a proof of the other form.
    package func proof(json file: MappedFile) throws(FormatError) -> Groth16Proof<Suite> {
        switch self {
        case .plain: .plain(try Groth16JSON.proof(file, of: Suite.self))
        case .committed: .committed(try CommittedJSON.proof(file, of: Suite.self))
        }
    }
}
