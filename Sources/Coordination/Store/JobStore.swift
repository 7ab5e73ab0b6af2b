// SPDX-License-Identifier: Apache-2.0

/// Where jobs are kept, and who has them.
///
/// Every call is one transaction and durable when it returns. Any number of coordinators may use one store;
/// its clock alone decides about leases and deadlines. Errors are `StoreError`s: `.unavailable` where the
/// database is at fault, after which nothing is known to have happened.
package protocol JobStore: Sendable {
    // MARK: Submitters

    /// Takes jobs in, each for itself: one that is refused does not hinder the others.
    ///
    /// A job that is there already, with an equal specification, is given back as it is; with another one it
    /// is a `.conflict`. A new one is `receiving` until `witnessArrived`.
    func submit(
        _ specifications: [JobSpecification], tenant: String, traceparent: String?, maxOpenJobs: Int?
    ) async throws(StoreError) -> [Result<SubmittedJob, StoreError>]

    /// What is to be uploaded for a job, and the key under which it is stored: made with the job, destroyed
    /// with it.
    ///
    /// `.conflict` where the job has ended and its key is gone.
    func upload(_ uid: String) async throws(StoreError) -> WitnessUpload

    /// The job's witness is stored: it may be leased from now on. Without effect unless the job is
    /// `receiving`.
    ///
    /// - Parameter publicInputs: the text of the `public.json` that a proof of this witness has.
    func witnessArrived(_ uid: String, publicInputs: String) async throws(StoreError) -> Job

    /// `.unknown` where the tenant has no such job; with no tenant, any tenant's.
    func job(_ id: String, tenant: String?) async throws(StoreError) -> StoredJob

    /// Jobs in the order of submission, after the given uid.
    func jobs(
        tenant: String?, states: [Job.State], after: String?, limit: Int
    ) async throws(StoreError) -> [StoredJob]

    /// The texts of `proof.json` and `public.json`; `nil` where the job has not succeeded.
    func proof(_ uid: String) async throws(StoreError) -> (proof: String, publicInputs: String)?

    /// `cancelled`, unless it has ended already: then `.conflict`, but for a job that is cancelled.
    func cancel(_ uid: String) async throws(StoreError) -> Job

    /// Queues a dead job again, with nothing counted. `.conflict` for others, or where its witness is gone.
    func requeue(_ uid: String) async throws(StoreError) -> Job

    // MARK: Workers

    /// The next job for this worker: of the highest priority, then the nearest deadline, then the longest
    /// wait; among the first few of one priority one whose key is loaded. `nil` where none waits.
    ///
    /// What the worker has failed at comes to it again only where no other one is left.
    ///
    /// - Parameters:
    ///   - principal: the caller, by whom the lease is held.
    ///   - ttl: seconds until the lease ends unless it is renewed.
    ///   - limit: seconds for which it is renewed at most.
    /// - Throws: `.cordoned` with the reason where this worker gets no jobs.
    func acquire(
        _ request: LeaseRequest, principal: String, ttl: Double, limit: Double
    ) async throws(StoreError) -> LeasedJob?

    /// Extends the lease where it is current, within its limit. A job whose deadline passes before its proof
    /// is begun ends.
    func renew(
        _ uid: String, _ renewal: Renewal, principal: String, ttl: Double
    ) async throws(StoreError) -> RenewedLease

    /// Ends an attempt. Needs the current epoch.
    ///
    /// `infrastructure` is the worker's own failure and counts nothing against the job. `bad-input` and
    /// `unsatisfied` end it as `rejected` once a second worker says the same, or the same one where there is
    /// no other. Everything else counts: `dead` when the attempts are used up.
    func fail(
        _ uid: String, _ report: FailureReport, principal: String
    ) async throws(StoreError) -> FailedAttempt

    /// Gives a job back, not counted. Needs the current epoch.
    func release(_ uid: String, epoch: Int, principal: String) async throws(StoreError) -> Job

    /// The proof, already verified by the caller of this function, becomes the job's result unless the job
    /// has ended.
    func complete(_ uid: String, _ completion: Completion) async throws(StoreError) -> CompletionAnswer

    /// The witness of a job, for the worker that holds its lease; else `.unknown`.
    func witness(_ uid: String, principal: String) async throws(StoreError) -> WitnessUpload

    /// The witness of a leased job is not where it was kept. The lease is taken back, with nothing counted,
    /// and the job is `receiving` again, with a reason that says so. `.staleEpoch` where that lease is over.
    func witnessLost(_ uid: String, epoch: Int) async throws(StoreError) -> Job

    /// What a completion is checked against, whoever holds the lease.
    func expectation(_ uid: String) async throws(StoreError) -> ProofExpectation

    // MARK: The workers' register

    /// A worker asks for jobs, or says why it takes none. `.quota` for a token with too many names.
    func heard(_ wish: LeaseRequest, principal: String) async throws(StoreError)

    /// A worker is at work.
    func heard(_ worker: WorkerID) async throws(StoreError)

    /// All workers that were heard of within a week, by name.
    func workers() async throws(StoreError) -> [WorkerRecord]

    /// Those of them that get no jobs.
    func workersKeptOut() async throws(StoreError) -> [WorkerRecord]

    /// Workers of this name, of one token or of all, get no more jobs. `.unknown` where there is none.
    func cordon(_ name: String, token: String?, reason: String) async throws(StoreError)

    /// They get jobs again, also after a quarantine. `.unknown` where there is none.
    func uncordon(_ name: String, token: String?) async throws(StoreError)

    /// Whether any worker that takes jobs was heard of in the last minute.
    func isServed() async throws(StoreError) -> Bool

    /// Forgets workers that were not heard of for long.
    func forgetWorkers() async throws(StoreError)

    // MARK: Housekeeping

    /// Takes jobs from workers that were not heard of, and ends what is past its deadline. Returns the jobs
    /// that changed.
    ///
    /// - Parameter ttl: seconds that a lease lasts. One that would last more than ten times as long was given
    ///   before the clock was set back, and is cut to that.
    func sweep(ttl: Double) async throws(StoreError) -> [StoredJob]

    /// Forgets jobs that ended more than so many seconds ago, with their proofs, up to a thousand at a time:
    /// but dead ones, which wait for somebody to look, and those whose callback is still to be delivered.
    /// Their names are free again. Returns how many it were.
    func forgetEnded(olderThan seconds: Double) async throws(StoreError) -> Int

    /// Which of these uids have ended, and their witnesses' keys are gone.
    func ended(_ uids: [String]) async throws(StoreError) -> Set<String>

    /// How many jobs there are in each state, and since when the oldest waits.
    func counts() async throws(StoreError) -> JobCounts

    /// Callbacks that are due, each with its job, for the caller to deliver within two minutes: then they
    /// come again, unless they were settled. A day after the job's end they come no more.
    ///
    /// - Parameters:
    ///   - share: how many of one target, and four times as many of one tenant, come at most.
    ///   - targets, tenants: whose do not come now.
    func dueCallbacks(
        limit: Int, share: Int, butNotOf targets: [String], tenants: [String]
    ) async throws(StoreError) -> [DueCallback]

    /// The first were taken, or are of no use; the others come again, with pauses that grow up to an hour.
    func settleCallbacks(done: [String], refused: [String]) async throws(StoreError)

    /// Nobody answers at a target: no callback of it is due for so many seconds.
    func postponeCallbacks(of target: String, seconds: Double) async throws(StoreError)

    // MARK: Circuits, tokens

    /// Registers a circuit; the same again is no error.
    func register(_ circuit: Circuit, verificationKey: String) async throws(StoreError)
    func circuit(_ digest: String) async throws(StoreError) -> (circuit: Circuit, verificationKey: String)
    func circuits() async throws(StoreError) -> [Circuit]

    func add(_ token: AccessToken) async throws(StoreError)
    func token(_ id: String) async throws(StoreError) -> AccessToken?
    func tokens() async throws(StoreError) -> [AccessToken]
    /// Whether there has ever been a token, also one that is gone.
    func hasHadTokens() async throws(StoreError) -> Bool
    /// `.unknown` where there is none.
    func removeToken(_ id: String) async throws(StoreError)

    // MARK: Identity

    /// What tells this store from all others, for as long as it exists.
    var identity: StoreIdentity { get }

    /// Which of these uids are those of jobs.
    func known(_ uids: [String]) async throws(StoreError) -> Set<String>

    // MARK: News

    /// The uids of jobs that changed, in any coordinator: hints, which may be lost or come twice. One reader.
    var hints: AsyncStream<String> { get }

    /// Whether other coordinators may use the store, so that hints may be lost.
    var isShared: Bool { get }

    func close() async
}

extension JobStore {
    /// The next job, with a lease that may be renewed for ever.
    package func acquire(
        _ request: LeaseRequest, principal: String, ttl: Double
    ) async throws(StoreError) -> LeasedJob? {
        try await acquire(request, principal: principal, ttl: ttl, limit: .infinity)
    }
}

/// What tells a store from all others.
package struct StoreIdentity: Sendable, Equatable {
    /// 16 hexadecimal digits, made with the store; copies and backups have the same.
    package var id: String
    /// Where it is, for people: no password.
    package var place: String
    /// The kind of its database, by which `place` begins: `sqlite` or `postgres`.
    package var kind: String { String(place.prefix { $0 != ":" }) }

    package init(id: String, place: String) {
        self.id = id
        self.place = place
    }
}

/// A job with the name that is unique in the store.
package struct StoredJob: Sendable, Equatable {
    package var uid: String
    package var job: Job
    /// The worker that has just lost the job, where a sweep found that out.
    package var lostWorker: WorkerID?

    package init(uid: String, job: Job, lostWorker: WorkerID? = nil) {
        self.uid = uid
        self.job = job
        self.lostWorker = lostWorker
    }
}

/// What became of a submission.
package struct SubmittedJob: Sendable, Equatable {
    package var uid: String
    package var job: Job
    /// Whether it was made by this submission.
    package var isNew: Bool

    package init(uid: String, job: Job, isNew: Bool) {
        self.uid = uid
        self.job = job
        self.isNew = isNew
    }
}

/// A witness on its way to, or in, the coordinator's disk.
package struct WitnessUpload: Sendable, Equatable {
    package var circuit: String
    package var reference: WitnessReference
    /// 32 bytes.
    package var key: [UInt8]
    package var state: Job.State
    /// The job's epoch.
    package var epoch: Int

    package init(circuit: String, reference: WitnessReference, key: [UInt8], state: Job.State, epoch: Int) {
        self.circuit = circuit
        self.reference = reference
        self.key = key
        self.state = state
        self.epoch = epoch
    }
}

/// What the proof of a job has to prove.
package struct ProofExpectation: Sendable, Equatable {
    package var circuit: String
    /// The text of `public.json` that belongs to the job's witness.
    package var publicInputs: String

    package init(circuit: String, publicInputs: String) {
        self.circuit = circuit
        self.publicInputs = publicInputs
    }
}

/// A lease as the store gives it out; the caller adds what it knows of times.
package struct LeasedJob: Sendable, Equatable {
    package var uid: String
    package var job: Job
    package var circuit: Circuit
    package var traceparent: String?
    /// What the witness is encrypted with.
    package var witnessKey: [UInt8]?
    /// Which try of the job this is, from 1.
    package var attempt: Int

    package init(
        uid: String, job: Job, circuit: Circuit, traceparent: String?, witnessKey: [UInt8]? = nil,
        attempt: Int = 1
    ) {
        self.attempt = attempt
        self.uid = uid
        self.job = job
        self.circuit = circuit
        self.traceparent = traceparent
        self.witnessKey = witnessKey
    }
}

/// News of a job's end that somebody wants.
package struct DueCallback: Sendable, Equatable {
    package var uid: String
    /// Tenant and origin: what shares a queue.
    package var target: String
    package var url: String
    package var job: Job

    package init(uid: String, target: String, url: String, job: Job) {
        self.uid = uid
        self.target = target
        self.url = url
        self.job = job
    }
}

/// How many jobs there are.
package struct JobCounts: Sendable, Equatable, Codable {
    package var byState: [String: Int]
    /// Seconds for which the oldest queued job has waited; 0 where none waits.
    package var oldestQueuedSeconds: Double

    package init(byState: [String: Int], oldestQueuedSeconds: Double) {
        self.byState = byState
        self.oldestQueuedSeconds = oldestQueuedSeconds
    }
}
