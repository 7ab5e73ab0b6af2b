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
        guard Suite.id == .bn254 else {
            throw FormatError(
                .unsupportedCurve(found: Suite.id.rawValue, wanted: CurveID.bn254.rawValue), file: file)
        }
        let a = "[\(word(proof.a.x)), \(word(proof.a.y))]"
        let b = [proof.b.x, proof.b.y].map { "[\(word($0.c1)), \(word($0.c0))]" }.joined(separator: ",")
        let c = "[\(word(proof.c.x)), \(word(proof.c.y))]"
        return "\(a),[\(b)],\(c),[\(publicInputs.map { word($0) }.joined(separator: ","))]"
    }

    private static func word(_ value: some PrimeField) -> String {
        "\"0x\(value.bigEndianBytes.hexadecimal)\""
    }
}
