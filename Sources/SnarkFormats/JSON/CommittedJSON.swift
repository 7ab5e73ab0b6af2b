// SPDX-License-Identifier: Apache-2.0

import Compute
package import Curves
import EllipticCurves
import FiniteFields
package import Groth16

/// Verification keys and proofs of circuits with commitments, in JSON of our own: snarkjs' members, with
/// another name of the proof system, so that nobody takes them for plain ones, and further members
/// (docs/formats.md).
///
/// Reading is as strict as `Groth16JSON`'s.
package enum CommittedJSON {
    /// Reads a proof, which must name the curve of `suite`.
    ///
    /// - Throws: as `Groth16JSON.proof`.
    static func proof<Suite: CurveSuite>(
        _ file: MappedFile, of suite: Suite.Type
    ) throws(FormatError) -> CommittedProof<Suite> {
        let json = JSONDocument(file: file)
        let document = try file.expecting(.proof) { () throws(FormatError) in
            try JSONDocument(file: file, itemName: FileKind.proof.noun).requireLabel(
                of: .committedGroth16, limit: JSONLimits.proof)
            return try json.decode(CommittedProofDocument.self, limit: JSONLimits.proof)
        }
        try json.check(curve: document.curve, is: Suite.id)
        var commitments: [Affine<Suite.G1>] = []
        for (i, texts) in document.commitments.enumerated() {
            commitments.append(try json.g1(texts, of: suite, at: "commitments[\(i)]"))
        }
        guard !commitments.isEmpty else {
            throw json.error(.countMismatch(what: "points", expected: 1, found: 0), at: "commitments")
        }
        return CommittedProof(
            a: try json.g1(document.a, of: suite, at: "pi_a"),
            b: try json.g2(document.b, of: suite, at: "pi_b"),
            c: try json.g1(document.c, of: suite, at: "pi_c"), commitments: commitments,
            knowledge: try json.g1(document.knowledge, of: suite, at: "commitment_pok"))
    }

    /// The text of a proof.
    package static func text<Suite: CurveSuite>(_ proof: CommittedProof<Suite>) -> String {
        JSONNode.object([
            ("pi_a", .g1(proof.a)), ("pi_b", .g2(proof.b)), ("pi_c", .g1(proof.c)),
            ("commitments", .array(proof.commitments.map { .g1($0) })),
            ("commitment_pok", .g1(proof.knowledge)),
            ("protocol", .string(ProofSystem.committedGroth16.name)),
            ("curve", .string(Suite.id.snarkjsName)),
        ]).text
    }

    /// Reads a verification key, on whichever curve it is; gives the hash that it says, too.
    ///
    /// - Throws: as `Groth16JSON.verifyingKey`, and `.inconsistentHeader` for what is no key (see
    ///   `CommittedKeyFault`).
    static func verifyingKey(
        _ file: MappedFile
    ) throws(FormatError) -> (hash: CommitmentHash, key: any Groth16VerifyingKeyOnCurve) {
        let json = JSONDocument(file: file)
        let document = try file.expecting(.verifyingKey) { () throws(FormatError) in
            try JSONDocument(file: file, itemName: FileKind.verifyingKey.noun).requireLabel(
                of: .committedGroth16)
            return try json.decode(CommittedKeyDocument.self)
        }
        guard let hash = CommitmentHash(rawValue: document.hash) else {
            let known = CommitmentHash.allCases.map(\.rawValue).joined(separator: "\" or \"")
            throw json.error(
                .wrongLabel(expected: known, found: String(document.hash.prefix(40))), at: "commitment_hash")
        }
        func read<Suite: ComputeSuite>(
            _ suite: Suite.Type
        ) throws(FormatError) -> any Groth16VerifyingKeyOnCurve {
            Groth16VerifyingKey<Suite>.committed(try key(document, hash, json, of: suite))
        }
        let result = try withSuite(json.curve(named: document.curve)) { (suite) throws(FormatError) in
            try read(suite)
        }
        return (hash, result)
    }

    private static func key<Suite: CurveSuite>(
        _ document: CommittedKeyDocument, _ hash: CommitmentHash, _ json: JSONDocument, of suite: Suite.Type
    ) throws(FormatError) -> CommittedVerifyingKey<Suite> {
        func point(_ texts: [[String]], _ name: String) throws(FormatError) -> Affine<Suite.G2> {
            let point = try json.g2(texts, of: suite, at: name)
            guard !point.isIdentity else { throw json.error(.identityNotAllowed, at: name) }
            return point
        }
        let alpha1 = try json.g1(document.alpha1, of: suite, at: "vk_alpha_1")
        guard !alpha1.isIdentity else { throw json.error(.identityNotAllowed, at: "vk_alpha_1") }
        let beta2 = try point(document.beta2, "vk_beta_2")
        let gamma2 = try point(document.gamma2, "vk_gamma_2")
        let delta2 = try point(document.delta2, "vk_delta_2")
        let generator = try point(document.generator, "commitment_generator_2")
        var ic: [Affine<Suite.G1>] = []
        for (i, texts) in document.ic.enumerated() {
            ic.append(try json.g1(texts, of: suite, at: "IC[\(i)]"))
        }
        var commitments: [CommittedVerifyingKey<Suite>.Commitment] = []
        for (i, commitment) in document.commitments.enumerated() {
            commitments.append(
                .init(
                    hashed: commitment.hashed,
                    negativeSigma: try json.g2(
                        commitment.negativeSigma, of: suite, at: "commitments[\(i)].sigma_neg_2")))
        }
        let found = ic.count - 1 - commitments.count
        guard found >= 0 else {
            throw json.error(
                .countMismatch(what: "points", expected: 1 + commitments.count, found: ic.count), at: "IC")
        }
        guard document.publicCount == found else {
            throw json.error(
                .countMismatch(
                    what: "public inputs by nPublic", expected: found, found: document.publicCount),
                at: "nPublic")
        }
        do throws(CommittedKeyFault) {
            return try CommittedVerifyingKey(
                alpha1: alpha1, beta2: beta2, gamma2: gamma2, delta2: delta2, ic: ic, generator: generator,
                commitments: commitments, hash: hash)
        } catch {
            throw json.error(.inconsistentHeader(error.message), at: "commitments")
        }
    }

    /// The text of a verification key.
    package static func text<Suite: CurveSuite>(_ key: CommittedVerifyingKey<Suite>) -> String {
        let commitments = key.commitments.map { commitment in
            JSONNode.object([
                ("hashed", .array(commitment.hashed.map { .integer($0) })),
                ("sigma_neg_2", .g2(commitment.negativeSigma)),
            ])
        }
        return JSONNode.object([
            ("protocol", .string(ProofSystem.committedGroth16.name)),
            ("curve", .string(Suite.id.snarkjsName)),
            ("nPublic", .integer(key.publicCount)), ("vk_alpha_1", .g1(key.alpha1)),
            ("vk_beta_2", .g2(key.beta2)), ("vk_gamma_2", .g2(key.gamma2)), ("vk_delta_2", .g2(key.delta2)),
            ("IC", .array(key.ic.map { .g1($0) })), ("commitment_hash", .string(key.hash.rawValue)),
            ("commitment_generator_2", .g2(key.generator)), ("commitments", .array(commitments)),
        ]).text
    }
}

/// The keys of a proof with commitments.
struct CommittedProofDocument: Decodable {
    var a: [String]
    var b: [[String]]
    var c: [String]
    var commitments: [[String]]
    var knowledge: [String]
    var curve: String

    private enum CodingKeys: String, CodingKey {
        case a = "pi_a"
        case b = "pi_b"
        case c = "pi_c"
        case commitments
        case knowledge = "commitment_pok"
        case curve
    }
}

/// The keys of a verification key with commitments.
struct CommittedKeyDocument: Decodable {
    struct Commitment: Decodable {
        var hashed: [Int]
        var negativeSigma: [[String]]

        private enum CodingKeys: String, CodingKey {
            case hashed
            case negativeSigma = "sigma_neg_2"
        }
    }

    var curve: String
    var publicCount: Int
    var alpha1: [String]
    var beta2: [[String]]
    var gamma2: [[String]]
    var delta2: [[String]]
    var ic: [[String]]
    var hash: String
    var generator: [[String]]
    var commitments: [Commitment]

    private enum CodingKeys: String, CodingKey {
        case curve
        case publicCount = "nPublic"
        case alpha1 = "vk_alpha_1"
        case beta2 = "vk_beta_2"
        case gamma2 = "vk_gamma_2"
        case delta2 = "vk_delta_2"
        case ic = "IC"
        case hash = "commitment_hash"
        case generator = "commitment_generator_2"
        case commitments
    }
}
