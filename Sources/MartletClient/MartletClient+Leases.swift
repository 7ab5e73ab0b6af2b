public import Coordination
import Foundation
public import Outcomes

extension MartletClient {
    /// Asks for a job to work at; nil when none came within `request.wait` seconds.
    ///
    /// The same wish again, after an answer that was lost, gets the lease that it made.
    public func acquire(_ request: LeaseRequest) async throws(ClientError) -> Lease? {
        let answer = try await call(
            .POST, "/v1/leases", json: encoded(request), wait: request.wait ?? 0, success: [200, 204])
        return answer.status == 204 ? nil : try answer.decoded()
    }

    /// Gives a sign of life and learns what to do.
    public func renew(_ lease: String, _ renewal: Renewal) async throws(ClientError) -> RenewalAnswer {
        try await call(.POST, path(lease, "renew"), json: encoded(renewal), success: [200]).decoded()
    }

    /// Says that the attempt failed. 409 when the lease is not held any more.
    @discardableResult
    public func fail(_ lease: String, _ report: FailureReport) async throws(ClientError) -> ResultDocument {
        try await call(.POST, path(lease, "fail"), json: encoded(report), success: [200]).decoded()
    }

    /// Gives the job back with the attempt not counted. 409 when the lease is not held any more.
    @discardableResult
    public func release(_ lease: String, epoch: Int) async throws(ClientError) -> ResultDocument {
        try await call(.POST, path(lease, "release"), json: encoded(Release(epoch: epoch)), success: [200])
            .decoded()
    }

    /// Offers a proof, whether or not the lease is still held. 422 when it does not verify.
    public func complete(
        _ lease: String, _ completion: Completion
    ) async throws(ClientError) -> CompletionAnswer {
        try await call(.POST, path(lease, "complete"), json: encoded(completion), success: [200]).decoded()
    }

    /// Brings the witness of a leased job to a file that only this user can read: the one that came with the lease, or what the
    /// coordinator sends now. The file need not outlive a loss of power.
    ///
    /// - Throws: `.refused` with 404 when the lease is not held any more; `.wrongContent` when the bytes are others.
    public func downloadWitness(_ lease: Lease, to path: String) async throws(ClientError) {
        if let data = lease.witnessData {
            return try await LocalFile.make(path, data, expecting: lease.witness)
        }
        try await download(
            "/v1/leases/\(escaped(lease.lease))/witness", expecting: lease.witness, to: path, durably: false)
    }

    private func path(_ lease: String, _ action: String) -> String {
        "/v1/leases/\(escaped(lease))/\(action)"
    }
}
