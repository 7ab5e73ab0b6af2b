// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
import EllipticCurves
import FiniteFields
package import Plonk

/// `proof.json` and `verification_key.json` of plonk, as what verifies them wants them.
package enum PlonkJSON {
    /// Reads a proof for a curve, as strictly as `PolynomialJSON`.
    ///
    /// - Throws: as `PolynomialJSON.proof(_:of:)`; `.unsupportedProtocol` for one of fflonk.
    package static func proof<Suite: ComputeSuite>(
        _ file: MappedFile, of suite: Suite.Type
    ) throws(FormatError) -> PlonkProof<Suite> {
        let proof = try PolynomialJSON.proof(file, of: suite)
        try require(proof.proofSystem, file)
        // In the order of the schema.
        let (points, values) = (proof.commitments.map(\.point), proof.evaluations.map(\.value))
        return PlonkProof(
            a: points[0], b: points[1], c: points[2], z: points[3], t1: points[4], t2: points[5],
            t3: points[6], wXi: points[7], wXiOmega: points[8],
            evaluations: .init(
                a: values[0], b: values[1], c: values[2], s1: values[3], s2: values[4], zOmega: values[5]))
    }

    /// Reads a verification key of a curve.
    ///
    /// - Throws: as `PolynomialJSON.verifyingKey(_:of:)`, `.unsupportedProtocol` for one of fflonk, and
    ///   `.inconsistentHeader` for a key with which false proofs could be made (`PlonkVerifyingKey.fault`).
    package static func verifyingKey<Suite: ComputeSuite>(
        _ file: MappedFile, of suite: Suite.Type
    ) throws(FormatError) -> PlonkVerifyingKey<Suite> {
        let read = try PolynomialJSON.verifyingKey(file, of: suite)
        try require(read.proofSystem, file)
        let (points, scalars) = (read.commitments.map(\.point), read.scalars.map(\.value))
        let key = PlonkVerifyingKey<Suite>(
            publicCount: read.publicCount, logDomainSize: read.power, k1: scalars[0], k2: scalars[1],
            qm: points[0], ql: points[1], qr: points[2], qo: points[3], qc: points[4], s1: points[5],
            s2: points[6], s3: points[7], x2: read.x2)
        let json = JSONDocument(file: file)
        guard scalars[2] == key.omega else {
            throw json.error(
                .inconsistentHeader("it is not the generator of the domain's roots of unity"), at: "w")
        }
        if let fault = key.fault { throw json.error(.inconsistentHeader(fault.reason), at: fault.part) }
        return key
    }

    private static func require(_ system: ProofSystem, _ file: MappedFile) throws(FormatError) {
        guard system != .plonk else { return }
        throw FormatError(
            .unsupportedProtocol(found: system.name, wanted: ProofSystem.plonk.name), file: file.name)
    }
}

extension PlonkProof where Suite: ComputeSuite {
    /// The proof in the bytes of snarkjs' `proof.json`.
    package var json: String {
        let points: [(String, Affine<Suite.G1>)] = [
            ("A", a), ("B", b), ("C", c), ("Z", z), ("T1", t1), ("T2", t2), ("T3", t3), ("Wxi", wXi),
            ("Wxiw", wXiOmega),
        ]
        let values: [(String, Suite.Fr)] = [
            ("eval_a", evaluations.a), ("eval_b", evaluations.b), ("eval_c", evaluations.c),
            ("eval_s1", evaluations.s1), ("eval_s2", evaluations.s2), ("eval_zw", evaluations.zOmega),
        ]
        return JSONNode.object(
            points.map { ($0.0, .g1($0.1)) } + values.map { ($0.0, .string($0.1.decimal)) } + [
                ("protocol", .string(ProofSystem.plonk.name)), ("curve", .string(Suite.id.snarkjsName)),
            ]
        ).text
    }
}

extension PlonkVerifyingKey where Suite: ComputeSuite {
    /// The key in the bytes of snarkjs' `verification_key.json`.
    package var json: String {
        let points: [(String, Affine<Suite.G1>)] = [
            ("Qm", qm), ("Ql", ql), ("Qr", qr), ("Qo", qo), ("Qc", qc), ("S1", s1), ("S2", s2), ("S3", s3),
        ]
        return JSONNode.object(
            [
                ("protocol", .string(ProofSystem.plonk.name)), ("curve", .string(Suite.id.snarkjsName)),
                ("nPublic", .integer(publicCount)), ("power", .integer(logDomainSize)),
                ("k1", .string(k1.decimal)), ("k2", .string(k2.decimal)),
            ] + points.map { ($0.0, .g1($0.1)) } + [("X_2", .g2(x2)), ("w", .string(omega.decimal))]
        ).text
    }
}
