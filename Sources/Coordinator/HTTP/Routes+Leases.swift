// SPDX-License-Identifier: Apache-2.0

import Coordination
import Digests
import Failures
import Foundation
import Foundations
import HTTPTypes
import Hummingbird
import Logging
import Outcomes
import ProvingEngine

extension Routes {
    func addLeases(to doors: Doors) {
        doors.workers.post("/v1/leases") { request, context in
            // A worker that has gone meanwhile must not get a job. The connection ends with the answer: what
            // comes next on it has been looked at already.
            do {
                var response = try await request.body.consumeWithCancellationOnInboundClose { body in
                    var request = request
                    request.body = body
                    return try await lease(request, context.principal)
                }
                response.headers[.connection] = "close"
                return response
            } catch is CancellationError {
                return Response(status: .noContent, headers: [.connection: "close"])
            }
        }
        doors.workers.post("/v1/leases/:lease/renew") { request, context in
            let principal = context.principal
            let uid = try parameter("lease", context)
            let renewal = try await body(Renewal.self, of: request).bounded
            guard renewal.progress.map({ (0...1).contains($0) }) ?? true else {
                throw RequestError.invalid("progress: not from 0 to 1")
            }
            let renewed = try await store.renew(
                uid, renewal, principal: principal.id, ttl: coordinator.options.leaseSeconds)
            await coordinator.renewed(uid, renewed)
            return json(RenewalAnswer(order: renewed.order, ttl: renewed.ttl))
        }
        doors.workers.post("/v1/leases/:lease/fail") { request, context in
            let principal = context.principal
            let uid = try parameter("lease", context)
            let report = try await body(FailureReport.self, of: request).bounded
            guard let code = FailureCode(rawValue: report.code), FailureCode.ofErrors.contains(code) else {
                let known = FailureCode.ofErrors.map(\.rawValue).joined(separator: ", ")
                throw RequestError.invalid("code: none of \(known)")
            }
            // The log is the operator's; what is kept is told to the job's tenant.
            var told = report
            told.message = report.message.withoutFolders
            let failed = try await store.fail(uid, told, principal: principal.id)
            coordinator.failed(uid, code, report.message, failed)
            return json(failed.job.document)
        }
        doors.workers.post("/v1/leases/:lease/release") { request, context in
            let principal = context.principal
            let uid = try parameter("lease", context)
            let release = try await body(Release.self, of: request)
            let job = try await store.release(uid, epoch: release.epoch, principal: principal.id)
            coordinator.leaseEnded(uid, job)
            return json(job.document)
        }
        doors.workers.post("/v1/leases/:lease/complete") { request, context in
            let uid = try parameter("lease", context)
            let completion = try await body(Completion.self, of: request)
            return json(try await complete(uid, completion, context.principal))
        }
    }

    private func lease(_ request: Request, _ principal: Principal) async throws -> Response {
        var wish = try await body(LeaseRequest.self, of: request)
        try Self.validate(wish)
        wish = wish.bounded
        guard let leased = try await acquire(wish, principal) else { return Response(status: .noContent) }
        coordinator.workers.leased(leased.uid, by: WorkerID(token: principal.id, name: wish.worker))
        coordinator.logger.debug(
            "leased",
            metadata: traced(
                leased.traceparent,
                [
                    "job": .string(leased.job.id), "lease": .string(leased.uid),
                    "epoch": .stringConvertible(leased.job.epoch), "worker": .string(wish.worker),
                ]))
        FaultInjection.reached("coordinator-leased")
        return json(
            Lease(
                lease: leased.uid, epoch: leased.job.epoch, job: leased.job.id, circuit: leased.circuit,
                witness: coordinator.tags.opened(
                    leased.job.specification.witness, leased.job.id, tenant: leased.job.tenant),
                attempt: leased.attempt, ttl: coordinator.options.leaseSeconds,
                renewEvery: coordinator.options.renewSeconds, limit: coordinator.options.proofSeconds,
                traceparent: leased.traceparent, witnessData: await smallWitness(leased, wish)))
    }

    /// Witnesses of more bytes never come with the lease.
    private static let inlineLimit: Int64 = 256 << 10

    /// The job's witness, where the worker wants it with the lease. One that cannot be read is left out: the
    /// worker finds out when it asks for it.
    private func smallWitness(_ leased: LeasedJob, _ wish: LeaseRequest) async -> Data? {
        let size = leased.job.specification.witness.size
        guard size <= min(wish.inlineWitness ?? 0, Self.inlineLimit),
            let key = leased.witnessKey
        else { return nil }
        let vault = coordinator.vault
        return try? await offPool { () throws(ServiceError) in
            try vault.read(leased.uid, key: key, 0..<size)
        }
    }

    private static func validate(_ wish: LeaseRequest) throws(RequestError) {
        for (name, text) in [("worker", wish.worker), ("incarnation", wish.incarnation)] {
            do { _ = try JobID(text) } catch { throw .invalid("\(name): 1 to 64 of A-Z a-z 0-9 _ -") }
        }
        guard (0..<1024).contains(wish.slot) else { throw .invalid("slot: not one of 0 to 1023") }
        guard wish.devices.count <= 64, wish.devices.allSatisfy({ $0.utf8.count <= 200 }) else {
            throw .invalid("devices: at most 64, of at most 200 bytes each")
        }
        guard wish.loadedCircuits.count <= 1000, wish.loadedCircuits.allSatisfy(BlobReference.isDigest) else {
            throw .invalid("loadedCircuits: at most 1000 digests of 64 lower-case hexadecimal digits")
        }
        guard wish.freeBytes.map({ $0 >= 0 }) ?? true else { throw .invalid("freeBytes: negative") }
        guard wish.inlineWitness.map({ $0 >= 0 }) ?? true else { throw .invalid("inlineWitness: negative") }
        guard wish.unready.map({ $0.utf8.count <= 1000 }) ?? true else {
            throw .invalid("unready: at most 1000 bytes")
        }
        guard wish.wait.map({ $0.isFinite && (0...60).contains($0) }) ?? true else {
            throw .invalid("wait: not 0 to 60 seconds")
        }
    }

    /// A job now, or as soon as there is one within the time that the worker gives.
    private func acquire(_ wish: LeaseRequest, _ principal: Principal) async throws -> LeasedJob? {
        let worker = WorkerID(token: principal.id, name: wish.worker)
        if coordinator.workers.seen(wish, by: worker) { try await store.heard(wish, principal: principal.id) }
        guard wish.unready == nil else { return nil }
        let (ttl, limit) = (coordinator.options.leaseSeconds, coordinator.options.proofSeconds)
        let deadline = ContinuousClock.now + .seconds(wish.wait ?? 0)
        let watch = (wish.wait ?? 0) > 0 ? news.watch(.queue) : nil
        while true {
            guard !Task.isCancelled else { return nil }
            try await coordinator.access.demandCurrent(principal)
            let leased = try await store.acquire(wish, principal: principal.id, ttl: ttl, limit: limit)
            if let leased { return leased }
            guard let watch, deadline > .now, !news.isClosed else { return nil }
            // A job that waits for another reason, for memory say, makes no news: so now and then without.
            _ = await watch.next(until: min(deadline, .now + .seconds(2)))
        }
    }

    /// Checks the proof against the circuit's key and the public inputs of the job's own witness. What is
    /// kept, and what everybody sees then, is written anew from what was read and verified, never the
    /// worker's bytes.
    private func complete(
        _ uid: String, _ completion: Completion, _ principal: Principal
    ) async throws -> CompletionAnswer {
        var completion = completion
        completion.report = completion.report.bounded
        let expected = try await store.expectation(uid)
        let entry = try await coordinator.circuits.entry(expected.circuit)
        do throws(ServiceError) {
            (completion.proof, completion.publicInputs) = try await offPool(BlockingWork.short) {
                [completion] () throws(ServiceError) in
                try Self.verified(completion, expected, entry.verifier)
            }
        } catch {
            guard error.kind == .wrongContent else { throw error }
            let backend = completion.report.backend ?? ""
            coordinator.metrics.invalidProof(backend)
            coordinator.logger.error(
                "a worker's proof is refused",
                metadata: [
                    "lease": .string(uid), "backend": .string(backend),
                    "reason": .string(error.message),
                ])
            try await refused(uid, completion, error.message, principal)
            throw error
        }
        completion.report.system = entry.circuit.system
        completion.report.curve = entry.circuit.curve
        completion.report.circuit = .init(
            variables: entry.circuit.variables, publics: entry.circuit.publics,
            domainSize: entry.circuit.domainSize, zkeyBytes: entry.circuit.zkeyBytes)
        completion.report.digests = .init(
            zkey: entry.circuit.digest, proof: SHA256Digest.hex(of: Data(completion.proof.utf8)),
            public: SHA256Digest.hex(of: Data(completion.publicInputs.utf8)))
        let answer = try await store.complete(uid, completion)
        FaultInjection.reached("coordinator-completed")
        coordinator.workers.ended(uid, report: answer.outcome == .accepted ? completion.report : nil)
        if answer.outcome == .accepted {
            coordinator.logger.debug(
                "proved",
                metadata: [
                    "lease": .string(uid), "epoch": .stringConvertible(completion.epoch),
                    "backend": .string(completion.report.backend ?? ""),
                ])
            coordinator.metrics.finished(entry.circuit.system, .succeeded, completion.report)
            coordinator.vault.remove(uid)
        }
        return answer
    }

    /// A proof that is none ends its attempt, as if the worker had said so itself: else it could send others
    /// for as long as it has the lease, and none would count.
    private func refused(
        _ uid: String, _ completion: Completion, _ reason: String, _ principal: Principal
    ) async throws {
        let report = FailureReport(
            epoch: completion.epoch, code: FailureCode.invalidProof.rawValue,
            message: "the coordinator refuses the proof: \(reason)"
        ).bounded
        do throws(StoreError) {
            let failed = try await store.fail(uid, report, principal: principal.id)
            coordinator.failed(uid, .invalidProof, report.message, failed)
        } catch {
            // A proof that came late, or another one's: its attempt has ended already.
            if error.refusal == .unavailable { throw error }
        }
    }

    /// The proof and the public inputs in snarkjs' bytes.
    private static func verified(
        _ completion: Completion, _ expected: ProofExpectation, _ verifier: CircuitVerifier
    ) throws(ServiceError) -> (proof: String, publicInputs: String) {
        do throws(JobFailure) {
            let publics = try verifier.publicInputs(Data(completion.publicInputs.utf8))
            guard publics == Data(expected.publicInputs.utf8) else {
                throw JobFailure(
                    code: .invalidProof, message: "the public inputs are not those of the job's witness")
            }
            guard
                let proof = try verifier.verifiedProof(Data(completion.proof.utf8), publicJSON: publics)
            else { throw JobFailure(code: .invalidProof, message: "the proof does not verify") }
            return (String(decoding: proof, as: UTF8.self), expected.publicInputs)
        } catch {
            throw ServiceError(error)
        }
    }
}
