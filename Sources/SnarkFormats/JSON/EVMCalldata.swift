// SPDX-License-Identifier: Apache-2.0

public import Curves
import EllipticCurves
import FiniteFields
import Foundations
public import Groth16

/// A Groth16 proof as the arguments of snarkjs' Solidity verifier.
public enum EVMCalldata {
    /// The text that `snarkjs zkey export soliditycalldata` prints: A, B, C and the public inputs, each value
    /// as 32 big-endian bytes in hexadecimal. The precompiles of EIP-197 take c1 before c0, so B's
    /// coordinates are swapped.
    ///
    /// - Throws: `.unsupportedCurve` for anything but BN254, the only pairing curve of those precompiles.
    public static func text<Suite: CurveSuite>(
        _ proof: Proof<Suite>, publicInputs: [Suite.Fr], file: String = "calldata"
    ) throws(FormatError) -> String {
        try text(proof, others: [], publicInputs, file)
    }

    /// The same for a proof with commitments, which no contract of snarkjs' verifies: A, B, C, D, the proof
    /// of knowledge and the public inputs, as the contract of `martlet export verifier` takes them. D is a
    /// point, or a list of several.
    ///
    /// - Throws: `.unsupportedCurve` for anything but BN254.
    public static func text<Suite: CurveSuite>(
        _ proof: CommittedProof<Suite>, publicInputs: [Suite.Fr], file: String = "calldata"
    ) throws(FormatError) -> String {
        let points = proof.commitments.map(point)
        let commitments = points.count == 1 ? points[0] : "[\(points.joined(separator: ","))]"
        return try text(
            Proof<Suite>(a: proof.a, b: proof.b, c: proof.c), others: [commitments, point(proof.knowledge)],
            publicInputs, file)
    }

    private static func text<Suite: CurveSuite>(
        _ proof: Proof<Suite>, others: [String], _ publicInputs: [Suite.Fr], _ file: String
    ) throws(FormatError) -> String {
        guard Suite.id == .bn254 else {
            throw FormatError(
                .unsupportedCurve(found: Suite.id.rawValue, wanted: CurveID.bn254.rawValue), file: file)
        }
        let twist = [proof.b.x, proof.b.y].map { "[\(word($0.c1)), \(word($0.c0))]" }.joined(separator: ",")
        let parts =
            [point(proof.a), "[\(twist)]"] + [point(proof.c)] + others
            + ["[\(publicInputs.map { word($0) }.joined(separator: ","))]"]
        return parts.joined(separator: ",")
    }

    private static func point<Curve: CurveGroup>(_ point: Affine<Curve>) -> String
    where Curve.BaseField: PrimeField { "[\(word(point.x)), \(word(point.y))]" }

    private static func word(_ value: some PrimeField) -> String {
        "\"0x\(value.bigEndianBytes.hexadecimal)\""
    }
}
