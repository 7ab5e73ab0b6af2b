// SPDX-License-Identifier: Apache-2.0

import Coordination
import Crypto
import Digests
import Foundation
import Foundations

/// What stands for the digests of witnesses wherever something is kept, shown or logged: see
/// `WitnessReference`.
///
/// The key of a job's tag is HMAC-SHA256, under the data folder's secret, of tenant and job: the same
/// submission again has the same tag, and the tags of two jobs tell nothing of each other, not even that
/// their witnesses are equal. The database has the tags and not the secret.
struct WitnessTags: Sendable {
    private let secret: SymmetricKey

    init(secret: [UInt8]) { self.secret = SymmetricKey(data: secret) }

    private func key(_ job: String, tenant: String) -> SymmetricKey {
        // Neither a tenant's name nor a job's has a zero byte.
        let message = Data("witness\u{0}\(tenant)\u{0}\(job)".utf8)
        return SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: message, using: secret))
    }

    /// A submission's specification as it is kept and told: with the tag in place of the digest.
    ///
    /// - Throws: `.invalid` where there is no digest.
    func tagged(
        _ specification: JobSpecification, tenant: String
    ) throws(ServiceError) -> JobSpecification {
        guard let digest = specification.witness.sha256 else { throw .invalid("witness.sha256: missing") }
        var specification = specification
        specification.witness = WitnessReference(
            tag: tag(digest, specification.id, tenant: tenant), size: specification.witness.size)
        return specification
    }

    /// The tag of a witness with this SHA-256, in hexadecimal digits both.
    func tag(_ digest: String, _ job: String, tenant: String) -> String {
        SHA256Digest.tag(ofDigest: digest, key: key(job, tenant: tenant))
    }

    /// A witness for the worker that leases it, with what its tag was made with.
    func opened(_ reference: WitnessReference, _ job: String, tenant: String) -> WitnessReference {
        var reference = reference
        reference.key = key(job, tenant: tenant).withUnsafeBytes { $0.hexadecimal }
        return reference
    }
}
