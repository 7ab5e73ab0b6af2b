// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Foundations
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Outcomes
import ProvingEngine

extension Routes {
    struct Submission: Encodable {
        var job: ResultDocument
        var outcome: ResultDocument.Outcome
        var witnessUpload: String?

        init(_ submitted: SubmittedJob) {
            let job = submitted.job
            self.job = job.document
            outcome = submitted.isNew ? .queued : .existing
            witnessUpload = job.state == .receiving ? "/v1/jobs/\(job.id)/witness" : nil
        }
    }

    private struct Batch: Decodable, Sendable {
        var jobs: [JobRequest] = []
        /// There are more than may be; not all, or none, were looked at.
        var isTooLarge = false
        private enum CodingKeys: String, CodingKey { case jobs }
        init(from decoder: any Decoder) throws {
            var elements = try decoder.container(keyedBy: CodingKeys.self).nestedUnkeyedContainer(
                forKey: .jobs)
            // A batch of millions costs its bytes, and no more.
            let limit = Routes.batchLimit.jobs
            isTooLarge = elements.count.map { $0 > limit } ?? false
            while !isTooLarge && !elements.isAtEnd {
                jobs.append(try elements.decode(JobRequest.self))
                isTooLarge = jobs.count == limit && !elements.isAtEnd
            }
        }
    }
    private struct BatchAnswer: Encodable {
        enum Entry: Encodable {
            case job(Submission)
            case error(RequestError)

            func encode(to encoder: any Encoder) throws {
                switch self {
                case .job(let submission): try submission.encode(to: encoder)
                case .error(let error):
                    var container = encoder.container(keyedBy: Keys.self)
                    try container.encode(
                        ["code": error.refusal.rawValue, "message": error.message], forKey: .error)
                }
            }
            private enum Keys: String, CodingKey { case error }
        }
        var jobs: [Entry]
    }

    private struct List: Encodable {
        var jobs: [ResultDocument]
        var next: String?

        private enum Keys: String, CodingKey { case jobs, next }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(jobs, forKey: .jobs)
            // `null` says that this is the end.
            try container.encode(next, forKey: .next)
        }
    }

    /// Jobs in a batch at most, and its bytes.
    static let batchLimit = (jobs: 10_000, bytes: Coordinator.largestBody)
    /// How many witnesses of a batch are taken in at the same time.
    private static let arrivals = 16

    func addJobs(to doors: Doors) {
        doors.submitters.post("/v1/jobs") { request, context in
            let principal = context.principal
            let wanted = try await body(JobRequest.self, of: request)
            let outcomes = try await submit([wanted], principal, request)
            let submitted = try outcomes[0].get()
            return json(Submission(submitted), submitted.isNew ? .created : .ok)
        }
        doors.submitters.post("/v1/jobs/batch") { request, context in
            let principal = context.principal
            let batch = try await body(Batch.self, of: request, limit: Self.batchLimit.bytes)
            guard !batch.isTooLarge, !batch.jobs.isEmpty else {
                throw RequestError.invalid("jobs: 1 to \(Self.batchLimit.jobs) in a batch")
            }
            let outcomes = try await submit(batch.jobs, principal, request)
            return json(
                BatchAnswer(
                    jobs: outcomes.map { outcome in
                        switch outcome {
                        case .success(let submitted): .job(Submission(submitted))
                        case .failure(let error): .error(error)
                        }
                    }))
        }
        doors.submitters.get("/v1/jobs") { request, context in
            let principal = context.principal
            return json(try await list(request, principal))
        }
        doors.submitters.get("/v1/jobs/:id") { request, context in
            let wait = try seconds("wait", of: request, most: 60)
            let found = try await job(context)
            return json(try await ended(found, within: wait, for: context.principal).job.document)
        }
        doors.submitters.get("/v1/jobs/:id/events") { _, context in
            let principal = context.principal
            let found = try await job(context)
            try RequestTicket.current?.takeStream()
            return events(found, for: principal)
        }
        doors.submitters.get("/v1/jobs/:id/proof") { _, context in
            try await proof(context) { $0.proof }
        }
        doors.submitters.get("/v1/jobs/:id/public") { _, context in
            try await proof(context) { $0.publicInputs }
        }
        doors.submitters.post("/v1/jobs/:id/cancel") { _, context in
            let found = try await job(context)
            let job = try await store.cancel(found.uid)
            coordinator.leaseEnded(found.uid, job)
            return json(job.document)
        }
        doors.operators.post("/v1/jobs/:id/requeue") { _, context in
            let found = try await job(context)
            let job = try await store.requeue(found.uid)
            news.queued()
            return json(job.document)
        }
    }

    /// The job that a path names, if the caller may see it. An operator who names no tenant gets its own
    /// first, then those of all others.
    func job(_ context: AdmittedContext) async throws -> StoredJob {
        let principal = context.principal
        let id = try parameter("id", context)
        do {
            return try await store.job(id, tenant: principal.tenant)
        } catch StoreError.unknown where principal.visibleTenant == nil {
            return try await store.job(id, tenant: nil)
        }
    }

    /// Submits each job for itself, after all that can be said against it was looked at, and takes in the
    /// witnesses that came along.
    private func submit(
        _ wanted: [JobRequest], _ principal: Principal, _ request: Request
    ) async throws -> [Result<SubmittedJob, RequestError>] {
        try coordinator.folder.demand(wanted.reduce(1) { $0 + Int64($1.witnessData?.count ?? 0) })
        let trace = request.headers[.traceparent].flatMap { Self.isTraceparent($0) ? $0 : nil }
        var allowed: [JobSpecification] = []
        var refused: [Int: RequestError] = [:]
        var publics: [Int: String] = [:]
        var sizes = WitnessSizes(registry: coordinator.circuits)
        for (index, wanted) in wanted.enumerated() {
            let specification = wanted.specification
            do {
                try checkCallback(of: specification)
                if specification.witness.size > coordinator.options.maxWitness {
                    throw RequestError.invalid(
                        "witness.size: at most \(coordinator.options.maxWitness) bytes here")
                }
                try specification.validate()
                try await sizes.check(specification)
                if let data = wanted.witnessData {
                    publics[index] = try await publicInputs(of: data, specification)
                }
                allowed.append(try coordinator.tags.tagged(specification, tenant: principal.tenant))
            } catch let error as any CodedError {
                if case StoreError.unavailable = error { throw error }
                refused[index] = RequestError(error)
            }
        }
        let outcomes =
            allowed.isEmpty
            ? []
            : try await store.submit(
                allowed, tenant: principal.tenant, traceparent: trace, maxOpenJobs: principal.maxOpenJobs)
        FaultInjection.reached("coordinator-submitted")
        for case .success(let submitted) in outcomes where submitted.isNew {
            coordinator.logger.debug(
                "submitted", metadata: traced(trace, ["job": .string(submitted.job.id)]))
        }
        var next = outcomes.makeIterator()
        var results = wanted.indices.map { index -> Result<SubmittedJob, RequestError> in
            if let error = refused[index] { return .failure(error) }
            let outcome = next.next() ?? .failure(.unavailable("the store did not answer"))
            return outcome.mapError { RequestError($0) }
        }
        try await withThrowingTaskGroup(of: (Int, Result<SubmittedJob, RequestError>).self) { group in
            var running = 0
            for (index, wanted) in wanted.enumerated() {
                guard let data = wanted.witnessData, let publics = publics[index],
                    case .success(let submitted) = results[index], submitted.job.state == .receiving
                else { continue }
                if running == Self.arrivals, let (index, result) = try await group.next() {
                    results[index] = result
                    running -= 1
                }
                group.addTask { (index, try await arrived(submitted, data, publics)) }
                running += 1
            }
            for try await (index, result) in group { results[index] = result }
        }
        return results
    }

    private func checkCallback(of specification: JobSpecification) throws {
        guard let callback = specification.callback else { return }
        guard coordinator.options.callbackSecret != nil else {
            throw RequestError.invalid("callback: callbacks are not enabled here")
        }
        let web: WebAddress
        do { web = try WebAddress(callback) } catch { throw RequestError.invalid("callback: \(error)") }
        guard coordinator.options.callbackAllowance.mayAllow(web.host) else {
            throw RequestError.invalid("callback: callbacks may not go to \(web.host)")
        }
    }

    /// How large the witnesses of the circuits of one request are.
    private struct WitnessSizes {
        let registry: CircuitRegistry
        var known: [String: Result<Int64, RequestError>] = [:]

        /// - Throws: 400 for another size than the circuit's witnesses have, 404 for a circuit that is not
        ///   registered.
        mutating func check(_ specification: JobSpecification) async throws {
            let digest = specification.circuit
            if known[digest] == nil {
                do {
                    let circuit = try await registry.entry(digest).circuit
                    known[digest] = .success(CircuitVerifier.witnessBytes(variableCount: circuit.variables))
                } catch let error as StoreError where error.refusal != .unavailable {
                    known[digest] = .failure(RequestError(error))
                }
            }
            guard let size = try known[digest]?.get() else { return }
            guard specification.witness.size == size else {
                throw RequestError.invalid(
                    "witness.size: a witness of this circuit has \(size) bytes, not \(specification.witness.size)"
                )
            }
        }
    }

    /// What a witness that came with a job says in public, once it is found to be the job's.
    private func publicInputs(of data: Data, _ specification: JobSpecification) async throws -> String {
        guard data.count == specification.witness.size else {
            throw RequestError(
                .unprocessableContent, .invalid,
                "witnessData: \(data.count) bytes, witness.size says \(specification.witness.size)")
        }
        let entry = try await coordinator.circuits.entry(specification.circuit)
        return try await offPool(BlockingWork.short) { () throws(ServiceError) in
            try Self.publicInputs(of: data, entry) { $0 == specification.witness.sha256 }
        }
    }

    /// Keeps a witness that came with its job, and queues that.
    private func arrived(
        _ submitted: SubmittedJob, _ data: Data, _ publics: String
    ) async throws -> Result<SubmittedJob, RequestError> {
        do {
            let upload = try await store.upload(submitted.uid)
            let size = Int64(data.count)
            let (_, lock) = try await coordinator.vault.receive(
                submitted.uid, key: upload.key, total: size,
                UploadPiece(offset: 0, length: size, total: size), OneBuffer(buffer: ByteBuffer(bytes: data))
            ) { try await store.upload(submitted.uid).state == .receiving }
            defer { withExtendedLifetime(lock) {} }
            FaultInjection.reached("coordinator-received")
            var submitted = submitted
            submitted.job = try await arrived(submitted.uid, publicInputs: publics)
            FaultInjection.reached("coordinator-uploaded")
            return .success(submitted)
        } catch let error as any CodedError {
            return .failure(RequestError(error))
        }
    }

    /// A job's metadata with the trace that it belongs to, if any.
    func traced(_ traceparent: String?, _ metadata: Logger.Metadata) -> Logger.Metadata {
        guard let traceparent else { return metadata }
        return metadata.merging(["traceparent": .string(traceparent)]) { $1 }
    }

    /// W3C Trace Context, level 1: `00-<32>-<16>-<2>` in lower-case hexadecimal digits.
    static func isTraceparent(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [2, 32, 16, 2] && parts[0] == "00"
            && parts.joined().utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            && parts[1] != String(repeating: "0", count: 32)[...]
            && parts[2] != String(repeating: "0", count: 16)[...]
    }

    private func list(_ request: Request, _ principal: Principal) async throws -> List {
        let query = request.uri.queryParameters
        var states: [Job.State] = []
        for text in query.getAll("state") {
            guard let state = Job.State(rawValue: text) else {
                let known = Job.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw RequestError.invalid("state: none of \(known)")
            }
            states.append(state)
        }
        var limit = 100
        if let text = query.get("limit") {
            guard let value = Int(text), (1...1000).contains(value) else {
                throw RequestError.invalid("limit: not one of 1 to 1000")
            }
            limit = value
        }
        let after = query.get("after")
        guard after.map({ (try? JobID($0)) != nil }) ?? true else {
            throw RequestError.invalid("after: not the `next` of a page before")
        }
        let found = try await store.jobs(
            tenant: principal.visibleTenant, states: states, after: after, limit: limit)
        return List(jobs: found.map(\.job.document), next: found.count == limit ? found.last?.uid : nil)
    }

    private func proof(
        _ context: AdmittedContext, _ part: ((proof: String, publicInputs: String)) -> String
    ) async throws -> Response {
        let found = try await job(context)
        guard let proof = try await store.proof(found.uid) else {
            throw RequestError(
                .notFound, .unknown, "the job \(found.job.state.phrase): it has no proof")
        }
        return data(Data(part(proof).utf8), "application/json")
    }

    /// The job once it has ended, or as it is when the time is up.
    ///
    /// - Throws: `.unauthorized` when the token is revoked or expires meanwhile.
    private func ended(
        _ found: StoredJob, within wait: Double, for principal: Principal
    ) async throws -> StoredJob {
        guard wait > 0, !found.job.state.isFinal else { return found }
        let deadline = ContinuousClock.now + .seconds(wait)
        let watch = news.watch(.job(found.uid))
        var latest = try await store.job(found.job.id, tenant: found.job.tenant)
        while !latest.job.state.isFinal, deadline > .now, !news.isClosed, !Task.isCancelled {
            let isNews = await watch.next(until: min(deadline, .now + .seconds(3)))
            try await coordinator.access.demandCurrent(principal)
            if isNews { latest = try await store.job(found.job.id, tenant: found.job.tenant) }
        }
        return latest
    }

    /// Server-sent events (WHATWG HTML, section 9.2): the job at once, on every change, and at its end.
    ///
    /// Ends also when the token is revoked or has expired.
    private func events(_ found: StoredJob, for principal: Principal) -> Response {
        let (store, news, access) = (store, news, coordinator.access)
        let ticket = RequestTicket.current
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(ticket) {} }
            let watch = news.watch(.job(found.uid))
            var last: Job?
            stream: while true {
                let job = try await store.job(found.job.id, tenant: found.job.tenant).job
                if job != last {
                    var buffer = ByteBuffer(string: "event: job\ndata: ")
                    buffer.writeBytes(JSON.data(job.document))
                    buffer.writeString("\n\n")
                    try await writer.write(buffer)
                    last = job
                }
                if job.state.isFinal { break }
                var isNews = false
                for _ in 0..<5 where !isNews {
                    guard await access.isCurrent(principal) else { break stream }
                    isNews = await watch.next(until: .now + .seconds(3))
                    if Task.isCancelled || news.isClosed { break stream }
                }
                guard await access.isCurrent(principal) else { break }
                if !isNews { try await writer.write(ByteBuffer(string: ": alive\n\n")) }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }
}

/// A body that is there as a whole.
private struct OneBuffer: AsyncSequence, Sendable {
    var buffer: ByteBuffer

    struct Iterator: AsyncIteratorProtocol {
        var buffer: ByteBuffer?
        mutating func next() async throws -> ByteBuffer? {
            defer { buffer = nil }
            return buffer
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }
}
