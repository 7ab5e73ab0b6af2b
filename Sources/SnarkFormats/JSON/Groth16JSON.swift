// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves
import FiniteFields
public import Groth16

/// `proof.json` and `verification_key.json` of Groth16, as snarkjs reads and writes them.
///
/// Reading is strict: decimal strings only, every coordinate below the modulus, every point on its curve and
/// in the subgroup of prime order. Keys that are not known are ignored. Writing gives the bytes that snarkjs
/// gives.
public enum Groth16JSON {
    /// Reads a proof. rapidsnark leaves `"curve"` out; where it is there, it must be that of `suite`.
    ///
    /// The identity is accepted as a point: whether the equation holds is for the verifier to say.
    ///
    /// - Throws: `.notJSON`, `.missingKey`, `.wrongType`, `.wrongLabel`, `.curveMismatch`, `.notDecimal`,
    ///   `.coordinateOutOfRange`; `.pointNotOnCurve` and `.pointNotInSubgroup`, for which `isInvalidPoint`
    ///   holds; `.tooLarge` for more than 64 KiB.
    public static func proof<Suite: CurveSuite>(
        _ file: MappedFile, of suite: Suite.Type
    ) throws(FormatError) -> Proof<Suite> {
        let json = JSONDocument(file: file)
        let document = try file.expecting(.proof) { () throws(FormatError) in
            try JSONDocument(file: file, itemName: FileKind.proof.noun).requireLabel(
                of: .groth16, limit: JSONLimits.proof)
            return try json.decode(Groth16ProofDocument.self, limit: JSONLimits.proof)
        }
        // Whoever made it took it for another kind of proof.
        guard document.commitments == nil, document.knowledge == nil else {
            throw json.error(
                .wrongLabel(expected: ProofSystem.committedGroth16.name, found: document.protocol),
                at: "protocol")
        }
        try json.check(curve: document.curve, is: Suite.id)
        return Proof(
            a: try json.g1(document.a, of: suite, at: "pi_a"),
            b: try json.g2(document.b, of: suite, at: "pi_b"),
            c: try json.g1(document.c, of: suite, at: "pi_c"))
    }

    /// A proof in the bytes of snarkjs' `proof.json`.
    public static func text<Suite: CurveSuite>(_ proof: Proof<Suite>) -> String {
        JSONNode.object([
            ("pi_a", .g1(proof.a)), ("pi_b", .g2(proof.b)), ("pi_c", .g1(proof.c)),
            ("protocol", .string(ProofSystem.groth16.name)), ("curve", .string(Suite.id.snarkjsName)),
        ]).text
    }

    /// Reads a verification key, on whichever curve it is.
    ///
    /// `vk_alphabeta_12` is redundant: it is checked for form and range, not recomputed, and may be missing.
    ///
    /// - Throws: as `proof(_:of:)`; `.identityNotAllowed` for alpha, beta, gamma and delta, `.countMismatch`
    ///   when `nPublic` and `IC` disagree, `.unsupportedCurve`.
    public static func verifyingKey(_ file: MappedFile) throws(FormatError) -> any VerifyingKeyOnCurve {
        let json = JSONDocument(file: file)
        let document = try file.expecting(.verifyingKey) { () throws(FormatError) in
            try JSONDocument(file: file, itemName: FileKind.verifyingKey.noun).requireLabel(of: .groth16)
            return try json.decode(Groth16KeyDocument.self)
        }
        func read<Suite: ComputeSuite>(_: Suite.Type) throws(FormatError) -> any VerifyingKeyOnCurve {
            try key(document, json) as VerifyingKeyFile<Suite>
        }
        return try withSuite(json.curve(named: document.curve)) { (suite) throws(FormatError) in
            try read(suite)
        }
    }

    private static func key<Suite: CurveSuite>(
        _ document: Groth16KeyDocument, _ json: JSONDocument
    ) throws(FormatError) -> VerifyingKeyFile<Suite> {
        guard !document.ic.isEmpty else {
            throw json.error(.countMismatch(what: "points", expected: 1, found: 0), at: "IC")
        }
        // As a plain key, its challenges would be whatever somebody says.
        guard document.commitments == nil else {
            throw json.error(
                .wrongLabel(expected: ProofSystem.committedGroth16.name, found: document.protocol),
                at: "protocol")
        }
        guard document.publicCount == document.ic.count - 1 else {
            throw json.error(
                .countMismatch(
                    what: "public inputs by nPublic", expected: document.ic.count - 1,
                    found: document.publicCount), at: "nPublic")
        }
        let suite = Suite.self
        let alpha1 = try json.g1(document.alpha1, of: suite, at: "vk_alpha_1")
        let beta2 = try json.g2(document.beta2, of: suite, at: "vk_beta_2")
        let gamma2 = try json.g2(document.gamma2, of: suite, at: "vk_gamma_2")
        let delta2 = try json.g2(document.delta2, of: suite, at: "vk_delta_2")
        let identities = [
            ("vk_alpha_1", alpha1.isIdentity), ("vk_beta_2", beta2.isIdentity),
            ("vk_gamma_2", gamma2.isIdentity),
            ("vk_delta_2", delta2.isIdentity),
        ]
        if let (name, _) = identities.first(where: \.1) { throw json.error(.identityNotAllowed, at: name) }
        var ic: [Affine<Suite.G1>] = []
        ic.reserveCapacity(document.ic.count)
        for (i, texts) in document.ic.enumerated() {
            ic.append(try json.g1(texts, of: suite, at: "IC[\(i)]"))
        }
        return VerifyingKeyFile(
            key: VerifyingKey(alpha1: alpha1, beta2: beta2, gamma2: gamma2, delta2: delta2, ic: ic),
            alphaBeta: try alphaBeta(document.alphaBeta, json))
    }

    /// The value e(alpha, beta) as 2 × 3 × 2 coordinates.
    private static func alphaBeta<F: PrimeField>(
        _ texts: [[[String]]]?, _ json: JSONDocument
    ) throws(FormatError) -> [[[F]]]? {
        guard let texts else { return nil }
        guard texts.count == 2, texts.allSatisfy({ $0.count == 3 && $0.allSatisfy { $0.count == 2 } }) else {
            throw json.error(.wrongType(expected: "an array of 2 × 3 × 2 coordinates"), at: "vk_alphabeta_12")
        }
        var result: [[[F]]] = []
        for (i, half) in texts.enumerated() {
            var rows: [[F]] = []
            for (j, pair) in half.enumerated() {
                let at = "vk_alphabeta_12[\(i)][\(j)]"
                rows.append([
                    try json.coordinate(pair[0], of: F.self, at: "\(at)[0]"),
                    try json.coordinate(pair[1], of: F.self, at: "\(at)[1]"),
                ])
            }
            result.append(rows)
        }
        return result
    }

    /// A verification key in the bytes of snarkjs' `verification_key.json`, the pairing of alpha and beta
    /// computed.
    public static func text<Suite: CurveSuite>(_ key: VerifyingKey<Suite>) -> String {
        let pairing = Suite.snarkjsPairing(key.alpha1, key.beta2)
        return text(
            key, alphaBeta: [pairing.c0, pairing.c1].map { [$0.c0, $0.c1, $0.c2].map { [$0.c0, $0.c1] } })
    }

    /// A verification key in the bytes of snarkjs' `verification_key.json`.
    ///
    /// `alphaBeta` is e(alpha, beta) as 2 × 3 × 2 coordinates of Fp12 over Fp6 over Fp2.
    ///
    /// - Precondition: `alphaBeta` has that shape.
    public static func text<Suite: CurveSuite>(_ key: VerifyingKey<Suite>, alphaBeta: [[[Suite.Fp]]])
        -> String
    {
        precondition(
            alphaBeta.count == 2 && alphaBeta.allSatisfy { $0.count == 3 && $0.allSatisfy { $0.count == 2 } })
        let product = JSONNode.array(
            alphaBeta.map { half in .array(half.map { pair in .array(pair.map { .element($0) }) }) })
        return JSONNode.object([
            ("protocol", .string(ProofSystem.groth16.name)), ("curve", .string(Suite.id.snarkjsName)),
            ("nPublic", .integer(key.publicCount)), ("vk_alpha_1", .g1(key.alpha1)),
            ("vk_beta_2", .g2(key.beta2)),
            ("vk_gamma_2", .g2(key.gamma2)), ("vk_delta_2", .g2(key.delta2)), ("vk_alphabeta_12", product),
            ("IC", .array(key.ic.map { .g1($0) })),
        ]).text
    }
}

/// A verification key as a file holds it.
public struct VerifyingKeyFile<Suite: CurveSuite>: Sendable, Hashable {
    /// What verifies proofs.
    public var key: VerifyingKey<Suite>
    /// e(alpha, beta) as 2 × 3 × 2 coordinates, as the file says it: not verified. `nil` where it is missing.
    public var alphaBeta: [[[Suite.Fp]]]?

    /// A key and its pairing value.
    public init(key: VerifyingKey<Suite>, alphaBeta: [[[Suite.Fp]]]?) {
        self.key = key
        self.alphaBeta = alphaBeta
    }
}

/// A verification key on a curve that is known at run time only: to be handed, as `any VerifyingKeyOnCurve`,
/// to a function that is generic over it.
public protocol VerifyingKeyOnCurve<Suite>: Sendable {
    /// The curve that the key is for.
    associatedtype Suite: ComputeSuite

    /// What its file holds.
    var file: VerifyingKeyFile<Suite> { get }
}

extension VerifyingKeyFile: VerifyingKeyOnCurve where Suite: ComputeSuite {
    /// The value itself, as `VerifyingKeyOnCurve` asks for it.
    public var file: VerifyingKeyFile { self }
}

extension VerifyingKeyOnCurve {
    /// The curve of the key's points.
    public var curve: CurveID { Suite.id }

    /// The number of public inputs that the key wants.
    public var publicCount: Int { file.key.publicCount }
}
