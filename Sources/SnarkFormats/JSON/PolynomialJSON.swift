// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
import FiniteFields

/// A proof of plonk or fflonk: commitments and evaluations under the names that snarkjs gives them, in the
/// file's order.
public struct PolynomialProof<Suite: CurveSuite>: Sendable {
    /// The proof system, plonk or fflonk.
    public let proofSystem: ProofSystem
    /// Points of G1, the identity allowed.
    public let commitments: [(name: String, point: Affine<Suite.G1>)]
    /// Values below the group order.
    public let evaluations: [(name: String, value: Suite.Fr)]
}

/// A verification key of plonk or fflonk, under the names that snarkjs gives to its parts.
public struct PolynomialVerifyingKey<Suite: CurveSuite>: Sendable {
    /// The proof system, plonk or fflonk.
    public let proofSystem: ProofSystem
    /// The number of public inputs.
    public let publicCount: Int
    /// The logarithm of the domain size.
    public let power: Int
    /// Coset shifts and roots of unity.
    public let scalars: [(name: String, value: Suite.Fr)]
    /// The circuit's polynomials, points of G1, the identity allowed.
    public let commitments: [(name: String, point: Affine<Suite.G1>)]
    /// τ·G₂.
    public let x2: Affine<Suite.G2>
}

/// `proof.json` and `verification_key.json` of plonk and fflonk: read and checked; nothing here verifies
/// them.
///
/// As strict as `Groth16JSON`: decimal strings, points on the curve and in the subgroup, scalars below the
/// group order.
public enum PolynomialJSON {
    /// Reads a proof for a curve; the file's labels say which of the two proof systems it belongs to.
    ///
    /// - Throws: as `Groth16JSON.proof(_:of:)`; `.valueOutOfRange` at the evaluation's name.
    public static func proof<Suite: CurveSuite>(
        _ file: MappedFile, of suite: Suite.Type
    ) throws(FormatError) -> PolynomialProof<Suite> {
        var json = JSONDocument(file: file)
        try json.requireLabel(of: .plonk, .fflonk, limit: JSONLimits.proof)
        let document = try json.decode(PolynomialDocument.self, limit: JSONLimits.proof)
        let schema = try schema(document, json)
        try json.check(curve: document.curve, is: Suite.id)
        let values = try document.parts(schema.proofScalars, json)
        json.itemName = "commitment"
        let commitments = try points(try document.parts(schema.proofPoints, json), json, suite)
        json.itemName = "evaluation"
        return PolynomialProof(
            proofSystem: schema.system, commitments: commitments,
            evaluations: try scalars(values, json, suite))
    }

    /// Reads a verification key of a curve.
    ///
    /// - Throws: as `Groth16JSON.verifyingKey(_:)`, and `.inconsistentHeader` for an impossible power.
    public static func verifyingKey<Suite: CurveSuite>(
        _ file: MappedFile, of suite: Suite.Type
    ) throws(FormatError) -> PolynomialVerifyingKey<Suite> {
        let json = JSONDocument(file: file)
        try json.requireLabel(of: .plonk, .fflonk, limit: JSONLimits.proof)
        let document = try json.decode(PolynomialDocument.self, limit: JSONLimits.proof)
        let schema = try schema(document, json)
        try json.check(curve: document.curve, is: Suite.id)
        guard let publicCount = document.publicCount else { throw json.error(.missingKey, at: "nPublic") }
        guard let power = document.power else { throw json.error(.missingKey, at: "power") }
        guard power >= 0, power <= Suite.Fr.twoAdicity - 2, 0...(1 << power) ~= publicCount else {
            throw json.error(
                .inconsistentHeader("a domain of 2^\(power) rows cannot hold \(publicCount) public inputs"),
                at: "power")
        }
        guard let x2 = document.x2 else { throw json.error(.missingKey, at: "X_2") }
        let point = try json.g2(x2, of: suite, at: "X_2")
        guard !point.isIdentity else { throw json.error(.identityNotAllowed, at: "X_2") }
        return PolynomialVerifyingKey(
            proofSystem: schema.system, publicCount: publicCount, power: power,
            scalars: try scalars(try document.parts(schema.keyScalars, json), json, suite),
            commitments: try points(try document.parts(schema.keyPoints, json), json, suite), x2: point)
    }

    private static func schema(
        _ document: PolynomialDocument, _ json: JSONDocument
    ) throws(FormatError) -> PolynomialSchema {
        guard let schema = PolynomialSchema.all.first(where: { $0.system.name == document.protocol }) else {
            throw json.otherProtocol(document.protocol, wanted: "plonk\" or \"fflonk")
        }
        return schema
    }

    private static func points<Suite: CurveSuite>(
        _ parts: [(name: String, value: PolynomialDocument.Part)], _ json: JSONDocument, _ suite: Suite.Type
    ) throws(FormatError) -> [(name: String, point: Affine<Suite.G1>)] {
        var result: [(name: String, point: Affine<Suite.G1>)] = []
        for (name, part) in parts {
            guard case .point(let texts) = part else {
                throw json.error(.wrongType(expected: "an array of three coordinates"), at: name)
            }
            result.append((name, try json.g1(texts, of: suite, at: name)))
        }
        return result
    }

    private static func scalars<Suite: CurveSuite>(
        _ parts: [(name: String, value: PolynomialDocument.Part)], _ json: JSONDocument, _ suite: Suite.Type
    ) throws(FormatError) -> [(name: String, value: Suite.Fr)] {
        var result: [(name: String, value: Suite.Fr)] = []
        for (name, part) in parts {
            guard case .scalar(let text) = part else {
                throw json.error(.wrongType(expected: "a decimal string"), at: name)
            }
            result.append((name, try json.scalar(text, of: Suite.Fr.self, at: name)))
        }
        return result
    }
}
