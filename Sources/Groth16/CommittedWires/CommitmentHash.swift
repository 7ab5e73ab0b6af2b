// SPDX-License-Identifier: Apache-2.0

import Digests
import EllipticCurves
package import FiniteFields

/// What turns a commitment into the scalar that its circuit is given as a challenge. It is agreed on between
/// prover and verifier, and is no part of gnark's files.
///
/// The message is the same for all: the commitment, x and y as big-endian integers of the base field's bytes,
/// then the hashed public inputs and earlier challenges, 32 bytes each and big-endian.
///
/// A hash of the native field, for proofs that a circuit verifies, will be a case of its own.
public enum CommitmentHash: String, Sendable, CaseIterable, Codable {
    /// `expand_message_xmd` with SHA-256 (RFC 9380, section 5.3.1), tag `bsb22-commitment`, 48 bytes, modulo
    /// the group order: what gnark takes where nothing else is said.
    case sha256
    /// Keccak-256, modulo the group order: what gnark takes for proofs that its Solidity verifier checks.
    case keccak256

    /// The challenge that a message stands for.
    func challenge<Scalar: PrimeField>(_ message: [UInt8]) -> Scalar {
        switch self {
        case .sha256: Self.expand(message, tag: "bsb22-commitment")
        case .keccak256: Scalar(reducingBigEndian: Keccak256.bytes(of: message))
        }
    }

    /// The factor of which a proof of knowledge has one more power for each commitment. It is the same for
    /// all hashes.
    package static func foldingFactor<Scalar: PrimeField>(_ challenges: [Scalar]) -> Scalar {
        expand(challenges.flatMap(\.bigEndianBytes), tag: "G16-BSB22")
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
