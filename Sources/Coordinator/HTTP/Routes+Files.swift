// SPDX-License-Identifier: Apache-2.0

import Coordination
import Crypto
import Digests
import Failures
import Foundation
import Foundations
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Outcomes
import ProvingEngine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

extension Routes {
    func addBlobs(to doors: Doors) {
        doors.submitters.put("/v1/blobs/:digest") { request, context in
            let digest = try digest(context)
            let piece = try Ranges.piece(request.headers)
            let step = try await coordinator.blobs.receive(
                digest, tenant: context.principal.tenant, piece, upload(request, context.principal))
            return try progress(step, new: .created)
        }
        doors.anyone.head("/v1/blobs/:digest") { _, context in
            let digest = try digest(context)
            guard let size = coordinator.blobs.size(digest) else {
                let offset = coordinator.blobs.offset(digest, tenant: context.principal.tenant)
                return Response(status: .notFound, headers: [.uploadOffset: "\(offset)"])
            }
            return Response(
                status: .ok,
                headers: [.acceptRanges: "bytes", .eTag: "\"\(digest)\"", .contentLength: "\(size)"])
        }
        doors.anyone.get("/v1/blobs/:digest") { request, context in
            let digest = try digest(context)
            let file = try await offPool { () throws(ServiceError) in
                try OpenFile(coordinator.folder.blob(digest), O_RDONLY)
            }
            return try part(request, digest: digest, size: file.size) { (range) throws(ServiceError) in
                try file.read(range.count, at: range.lowerBound)
            }
        }
        doors.submitters.post("/v1/circuits") { request, _ in
            let wanted = try await body(Registration.self, of: request)
            guard BlobReference.isDigest(wanted.zkey) else {
                throw RequestError.invalid("zkey: not 64 lower-case hexadecimal digits")
            }
            let (circuit, isNew) = try await coordinator.circuits.register(wanted.zkey)
            return json(circuit, isNew ? .created : .ok)
        }
        doors.anyone.get("/v1/circuits") { _, _ in
            return json(["circuits": try await store.circuits()])
        }
        doors.anyone.get("/v1/circuits/:digest") { _, context in
            return json(try await store.circuit(try digest(context)).circuit)
        }
        doors.anyone.get("/v1/circuits/:digest/verification_key") { _, context in
            let key = try await store.circuit(try digest(context)).verificationKey
            return data(Data(key.utf8), "application/json")
        }
    }

    func addWitnesses(to doors: Doors) {
        doors.submitters.put("/v1/jobs/:id/witness") { request, context in
            let found = try await job(context)
            return try await receive(request, found, context.principal)
        }
        doors.submitters.head("/v1/jobs/:id/witness") { _, context in
            let found = try await job(context)
            guard found.job.state == .receiving else { return Response(status: .ok) }
            let offset = try await offPool { () throws(ServiceError) in coordinator.vault.offset(found.uid) }
            return Response(status: .notFound, headers: [.uploadOffset: "\(offset)"])
        }
        doors.workers.get("/v1/leases/:lease/witness") { request, context in
            let principal = context.principal
            let uid = try parameter("lease", context)
            let upload = try await store.witness(uid, principal: principal.id)
            let witness = try await storedWitness(uid, upload)
            return try part(request, digest: nil, size: upload.reference.size) {
                (range) throws(ServiceError) in try witness.read(range)
            }
        }
    }

    /// The witness of a leased job. Where it is lost, or a part of it, the lease is taken back and the job
    /// asks for it once more: whoever leased it next could do no better.
    private func storedWitness(
        _ uid: String, _ upload: WitnessUpload
    ) async throws -> WitnessVault.StoredWitness {
        let vault = coordinator.vault
        do throws(ServiceError) {
            let witness = try await offPool { () throws(ServiceError) in
                try vault.open(uid, key: upload.key)
            }
            if witness.size >= upload.reference.size { return witness }
        } catch {
            guard error.kind == .unknown else { throw error }
        }
        let job = try await store.witnessLost(uid, epoch: upload.epoch)
        coordinator.logger.warning(
            "a job's witness is lost; the job waits for it once more",
            metadata: ["job": .string(job.id), "tenant": .string(job.tenant), "lease": .string(uid)])
        coordinator.leaseEnded(uid, job)
        throw ServiceError(
            .conflict,
            "the coordinator has lost the job's witness and waits for it once more: the lease is over")
    }

    private struct Registration: Decodable, Sendable {
        var zkey: String
    }

    /// A body for as long as whoever sends it may.
    private func upload(_ request: Request, _ principal: Principal) -> AwaitedBody {
        let access = coordinator.access
        return AwaitedBody(request.body) { try await access.demandCurrent(principal) }
    }

    private func receive(
        _ request: Request, _ found: StoredJob, _ principal: Principal
    ) async throws -> Response {
        guard found.job.state == .receiving else {
            // A repeated upload, whose answer was lost.
            guard !found.job.state.isFinal || found.job.state == .succeeded else {
                throw RequestError(.conflict, .conflict, "the job \(found.job.state.phrase)")
            }
            return Response(status: .noContent)
        }
        let upload = try await store.upload(found.uid)
        let piece = try Ranges.piece(request.headers)
        if let total = piece.total, total != upload.reference.size {
            throw RequestError(
                .unprocessableContent, .invalid,
                "the witness has \(upload.reference.size) bytes by the job, \(total) by the request")
        }
        let (step, lock) = try await coordinator.vault.receive(
            found.uid, key: upload.key, total: upload.reference.size, piece, self.upload(request, principal)
        ) { try await store.upload(found.uid).state == .receiving }
        // Nobody else may write before it is checked and the job is queued.
        defer { withExtendedLifetime(lock) {} }
        guard case .complete = step else { return try progress(step, new: .noContent) }
        FaultInjection.reached("coordinator-received")
        try await check(found, upload)
        FaultInjection.reached("coordinator-uploaded")
        return Response(status: .noContent)
    }

    /// A witness that came whole: its digest, its form, and what it says in public; then the job is queued.
    private func check(_ found: StoredJob, _ upload: WitnessUpload) async throws {
        let uid = found.uid
        let entry = try await coordinator.circuits.entry(upload.circuit)
        let (vault, tags) = (coordinator.vault, coordinator.tags)
        let publics = try await offPool(BlockingWork.long) { () throws(ServiceError) in
            do throws(ServiceError) {
                return try Self.publicInputs(of: vault.open(uid, key: upload.key), entry) {
                    tags.tag($0, found.job.id, tenant: found.job.tenant) == upload.reference.tag
                }
            } catch {
                if error.kind == .wrongContent { vault.remove(uid) }
                throw error
            }
        }
        _ = try await arrived(uid, publicInputs: publics)
    }

    /// What a stored witness says in public, and that it is the one that was announced: in one pass, a record
    /// in memory at a time.
    private static func publicInputs(
        of witness: WitnessVault.StoredWitness, _ entry: CircuitRegistry.Entry,
        isAnnounced: (String) -> Bool
    ) throws(ServiceError) -> String {
        var hash = SHA256()
        var check = entry.verifier.witnessCheck(variableCount: entry.circuit.variables)
        var problem: JobFailure?
        try witness.readAll { (bytes) throws(ServiceError) in
            hash.update(data: bytes)
            // What is wrong with its form matters only if it is the right file.
            if problem == nil {
                do throws(JobFailure) { try check.take(bytes) } catch { problem = error }
            }
        }
        try demand(isAnnounced(hash.finalize().hexadecimal))
        do throws(JobFailure) {
            if let problem { throw problem }
            return String(decoding: try check.finish(), as: UTF8.self)
        } catch {
            throw ServiceError(error)
        }
    }

    /// The digest is in no message: it says something of the witness.
    private static func demand(_ isAnnounced: Bool) throws(ServiceError) {
        guard isAnnounced else {
            throw ServiceError(
                .wrongContent,
                "the witness is not the file that the job was submitted with: its SHA-256 is not witness.sha256"
            )
        }
    }

    /// What a witness says in public.
    ///
    /// - Parameter isAnnounced: whether the job was submitted with a file of this SHA-256.
    /// - Throws: `.wrongContent` when it is not the one that was announced, or none of the circuit.
    static func publicInputs(
        of witness: Data, _ entry: CircuitRegistry.Entry, isAnnounced: (String) -> Bool
    ) throws(ServiceError) -> String {
        try demand(isAnnounced(SHA256Digest.hex(of: witness)))
        do throws(JobFailure) {
            let publics = try entry.verifier.publicInputs(
                ofWitness: witness, variableCount: entry.circuit.variables)
            return String(decoding: publics, as: UTF8.self)
        } catch {
            throw ServiceError(error)
        }
    }

    /// Queues a job whose witness is in the vault and was looked at.
    func arrived(_ uid: String, publicInputs: String) async throws -> Job {
        let job = try await store.witnessArrived(uid, publicInputs: publicInputs)
        if job.state == .queued { news.queued() }
        if job.state.isFinal && job.state != .dead { coordinator.vault.remove(uid) }
        return job
    }

    private func progress(_ step: UploadProgress, new: HTTPResponse.Status) throws -> Response {
        switch step {
        case .complete(let isNew): Response(status: isNew ? new : .ok)
        case .partial(let offset): Response(status: .accepted, headers: [.uploadOffset: "\(offset)"])
        }
    }

    /// A file, or the part of it that was asked for, read a piece at a time.
    private func part(
        _ request: Request, digest: String?, size: Int64,
        _ read: @escaping @Sendable (Range<Int64>) throws(ServiceError) -> Data
    ) throws -> Response {
        let wanted = try Ranges.wanted(request.headers[.range], size: size)
        let range = wanted ?? 0..<size
        var headers: HTTPFields = [
            .acceptRanges: "bytes", .contentType: "application/octet-stream", .cacheControl: "no-store",
        ]
        if let digest { headers[.eTag] = "\"\(digest)\"" }
        if wanted != nil {
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        }
        let ticket = RequestTicket.current
        let body = ResponseBody(contentLength: range.count) { writer in
            defer { withExtendedLifetime(ticket) {} }
            var position = range.lowerBound
            while position < range.upperBound {
                let piece = position..<min(range.upperBound, position + Int64(WitnessVault.recordSize))
                let data = try await offPool { () throws(ServiceError) in try read(piece) }
                guard data.count == piece.count else {
                    throw RequestError(.serviceUnavailable, .unavailable, "the file is shorter than it was")
                }
                try await writer.write(ByteBuffer(bytes: data))
                position = piece.upperBound
            }
            try await writer.finish(nil)
        }
        return Response(status: wanted == nil ? .ok : .partialContent, headers: headers, body: body)
    }
}
