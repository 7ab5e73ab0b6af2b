// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Digests
import Foundation
import Foundations
import NIOCore
import NIOHTTP1
package import Outcomes

extension MartletClient {
    /// Asks for a job to work at; nil when none came within `request.wait` seconds.
    ///
    /// The same wish again, after an answer that was lost, gets the lease that it made.
    package func acquire(_ request: LeaseRequest) async throws(ClientError) -> Lease? {
        let answer = try await call(
            .POST, "/v1/leases", json: encoded(request), wait: request.wait ?? 0, success: [200, 204])
        return answer.status == 204 ? nil : try answer.decoded()
    }

    /// Gives a sign of life and learns what to do.
    package func renew(_ lease: String, _ renewal: Renewal) async throws(ClientError) -> RenewalAnswer {
        try await call(.POST, path(lease, "renew"), json: encoded(renewal), success: [200]).decoded()
    }

    /// Says that the attempt failed. 409 when the lease is not held any more.
    @discardableResult
    package func fail(_ lease: String, _ report: FailureReport) async throws(ClientError) -> ResultDocument {
        try await call(.POST, path(lease, "fail"), json: encoded(report), success: [200]).decoded()
    }

    /// Gives the job back with the attempt not counted. 409 when the lease is not held any more.
    @discardableResult
    package func release(_ lease: String, epoch: Int) async throws(ClientError) -> ResultDocument {
        try await call(.POST, path(lease, "release"), json: encoded(Release(epoch: epoch)), success: [200])
            .decoded()
    }

    /// Offers a proof, whether or not the lease is still held. 422 when it does not verify.
    package func complete(
        _ lease: String, _ completion: Completion
    ) async throws(ClientError) -> CompletionAnswer {
        try await call(.POST, path(lease, "complete"), json: encoded(completion), success: [200]).decoded()
    }

    /// Brings the witness of a leased job to a file without a name in `folder`: the one that came with the
    /// lease, or what the coordinator sends now. Nothing of it is left when this process ends, however it
    /// does.
    ///
    /// - Throws: `.refused` with 404 when the lease is not held any more; `.wrongContent` when the bytes are
    ///   others.
    package func downloadWitness(_ lease: Lease, in folder: String) async throws(ClientError) -> LocalFile {
        let file = try await LocalFile.unnamed(in: folder)
        try await bring(lease, to: file)
        return file
    }

    /// The same to a file at `path`, which only this user can read.
    package func downloadWitness(_ lease: Lease, to path: String) async throws(ClientError) {
        let file = try await LocalFile.openForWriting(path)
        defer { file.close() }
        do throws(ClientError) {
            try await file.truncate()
            try await bring(lease, to: file)
        } catch {
            unlink(path)
            throw error
        }
    }

    private func bring(_ lease: Lease, to file: LocalFile) async throws(ClientError) {
        if let data = lease.witnessData {
            try await file.write(ByteBuffer(bytes: data), at: 0)
        } else {
            try await download(
                "/v1/leases/\(escaped(lease.lease))/witness", size: lease.witness.size, into: file)
        }
        guard try await file.holds(lease.witness) else {
            throw .wrongContent("the witness that came is not the job's")
        }
    }

    private func path(_ lease: String, _ action: String) -> String {
        "/v1/leases/\(escaped(lease))/\(action)"
    }
}

extension LocalFile {
    /// Whether this is the witness that a lease tells of.
    package func holds(_ witness: WitnessReference) async throws(ClientError) -> Bool {
        guard try await size() == witness.size, let tag = witness.tag,
            let key = witness.key.flatMap({ [UInt8](hexadecimal: $0.utf8) })
        else { return false }
        return SHA256Digest.tag(ofDigest: try await digest(), key: key) == tag
    }
}
