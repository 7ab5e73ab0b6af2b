// SPDX-License-Identifier: Apache-2.0

package import Curves
import Digests
import EllipticCurves
import FieldHashes
package import FiniteFields

/// What turns a commitment into the scalar that its circuit is given as a challenge. It is agreed on between
/// prover and verifier, and is no part of gnark's files.
///
/// For SHA-256 and Keccak-256 the message is the commitment, x and y as big-endian integers of the base
/// field's bytes, then the hashed public inputs and earlier challenges, 32 bytes each and big-endian. What
/// Poseidon hashes says `CommitmentChallenge`.
public enum CommitmentHash: String, Sendable, CaseIterable, Codable {
    /// `expand_message_xmd` with SHA-256 (RFC 9380, section 5.3.1), tag `bsb22-commitment`, 48 bytes, modulo
    /// the group order: what gnark takes where nothing else is said.
    case sha256
    /// Keccak-256, modulo the group order: what gnark takes for proofs that its Solidity verifier checks.
    case keccak256
    /// Poseidon over BN254's scalars, for proofs on BN254 that a circuit verifies. gnark has no such hash.
    case poseidon

    /// Whether it makes challenges for a curve.
    package func serves(_ curve: CurveID) -> Bool { self != .poseidon || curve == .bn254 }

    /// The challenge of a commitment.
    ///
    /// - Parameters:
    ///   - point: as `bytes` gives it.
    ///   - values: what is hashed behind it.
    /// - Precondition: the hash serves the curve.
    func challenge<Scalar: PrimeField>(_ point: [UInt8], _ values: [Scalar]) -> Scalar {
        switch self {
        case .sha256: Self.expand(point + values.flatMap(\.bigEndianBytes), tag: "bsb22-commitment")
        case .keccak256:
            Scalar(reducingBigEndian: Keccak256.bytes(of: point + values.flatMap(\.bigEndianBytes)))
        case .poseidon:
            Self.native(values) { CommitmentChallenge.challenge(point: point, values: $0) }
        }
    }

    /// The factor of which a proof of knowledge has one more power for each commitment. It is gnark's, by
    /// SHA-256, for all hashes but Poseidon, which makes this one as well.
    package func foldingFactor<Scalar: PrimeField>(_ challenges: [Scalar]) -> Scalar {
        switch self {
        case .sha256, .keccak256: Self.expand(challenges.flatMap(\.bigEndianBytes), tag: "G16-BSB22")
        case .poseidon: Self.native(challenges) { CommitmentChallenge.foldingFactor($0) }
        }
    }

    /// What a function of BN254's scalars makes of values that are some.
    private static func native<Scalar: PrimeField>(
        _ values: [Scalar], _ body: ([BN254.Fr]) -> BN254.Fr
    ) -> Scalar {
        guard let own = values as? [BN254.Fr], let result = body(own) as? Scalar else {
            preconditionFailure("Poseidon makes challenges on BN254 only")
        }
        return result
    }

    private static func expand<Scalar: PrimeField>(_ message: [UInt8], tag: String) -> Scalar {
        Scalar(reducingBigEndian: ExpandMessage.sha256(message, tag: Array(tag.utf8), count: 48))
    }

    /// A point as it is hashed: as in gnark's files without compression, where the point at infinity is
    /// zeros, marked where the base field leaves three bits free (BLS12-381).
    static func bytes<Group: CurveGroup>(_ point: Affine<Group>) -> [UInt8]
    where Group.BaseField: PrimeField {
        var bytes = point.x.bigEndianBytes + point.y.bigEndianBytes
        let spare = 8 * Group.BaseField.byteCount - Group.BaseField.bitWidth
        if point.isIdentity && spare >= 3 { bytes[0] = 0x40 }
        return bytes
    }
}
