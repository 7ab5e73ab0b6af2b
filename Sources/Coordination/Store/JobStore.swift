/// Where jobs are kept, and who has them.
///
/// Every call is one transaction and durable when it returns. Any number of coordinators may use one store; its clock alone
/// decides about leases and deadlines. Errors are `StoreError`s: `.unavailable` where the database is at fault, after
/// which nothing is known to have happened.
public protocol JobStore: Sendable {
    // MARK: Submitters

    /// Takes jobs in, each for itself: one that is refused does not hinder the others.
    ///
    /// A job that is there already, with an equal specification, is given back as it is; with another one it is a
    /// `.conflict`. A new one is `receiving` until `witnessArrived`.
    func submit(
        _ specifications: [JobSpecification], tenant: String, traceparent: String?, maxOpenJobs: Int?
    ) async throws(StoreError) -> [Result<SubmittedJob, StoreError>]

    /// What is to be uploaded for a job, and the key under which it is stored: made with the job, destroyed with it.
    ///
    /// `.conflict` where the job has ended and its key is gone.
    func upload(_ uid: String) async throws(StoreError) -> WitnessUpload

    /// The job's witness is stored: it may be leased from now on. Without effect unless the job is `receiving`.
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

    /// The next job for this worker: of the highest priority, then the nearest deadline, then the longest wait; among the
    /// first few of one priority one whose key is loaded. `nil` where none waits.
    ///
    /// - Parameter principal: the caller, by whom the lease is held.
    func acquire(
        _ request: LeaseRequest, principal: String, ttl: Double
    ) async throws(StoreError) -> LeasedJob?

    /// Extends the lease where it is current.
    func renew(
        _ uid: String, _ renewal: Renewal, principal: String, ttl: Double
    ) async throws(StoreError) -> LeaseOrder

    /// Ends an attempt: `rejected` for a wrong input, else `queued`, or `dead` when the attempts are used up. Needs the
    /// current epoch.
    func fail(_ uid: String, _ report: FailureReport, principal: String) async throws(StoreError) -> Job

    /// Gives a job back, not counted. Needs the current epoch.
    func release(_ uid: String, epoch: Int, principal: String) async throws(StoreError) -> Job

    /// The proof, already verified by the caller of this function, becomes the job's result unless the job has ended.
    func complete(_ uid: String, _ completion: Completion) async throws(StoreError) -> CompletionAnswer

    /// The witness of a job, for the worker that holds its lease; else `.unknown`.
    func witness(_ uid: String, principal: String) async throws(StoreError) -> WitnessUpload

    /// What a completion is checked against, whoever holds the lease.
    func expectation(_ uid: String) async throws(StoreError) -> ProofExpectation

    // MARK: Housekeeping

    /// Takes jobs from workers that were not heard of, and ends what is past its deadline. Returns the jobs that
    /// changed.
    func sweep() async throws(StoreError) -> [StoredJob]

    /// Forgets jobs that ended more than so many seconds ago, with their proofs, up to a thousand at a time: but dead ones, which
    /// wait for somebody to look, and those whose callback is still to be delivered. Their names are free again. Returns how many
    /// it were.
    func forgetEnded(olderThan seconds: Double) async throws(StoreError) -> Int

    /// Which of these uids have ended, and their witnesses' keys are gone.
    func ended(_ uids: [String]) async throws(StoreError) -> Set<String>

    /// How many jobs there are in each state, and since when the oldest waits.
    func counts() async throws(StoreError) -> JobCounts

    /// Callbacks that are due, each with its job; they come again, with growing pauses, until `callbackDelivered` or
    /// until a day's tries are used up.
    func dueCallbacks(limit: Int) async throws(StoreError) -> [DueCallback]

    /// The callback was taken, or is of no use.
    func callbackDelivered(_ uid: String) async throws(StoreError)

    // MARK: Circuits, tokens

    /// Registers a circuit; the same again is no error.
    func register(_ circuit: Circuit, verificationKey: String) async throws(StoreError)
    func circuit(_ digest: String) async throws(StoreError) -> (circuit: Circuit, verificationKey: String)
    func circuits() async throws(StoreError) -> [Circuit]

    func add(_ token: AccessToken) async throws(StoreError)
    func token(_ id: String) async throws(StoreError) -> AccessToken?
    func tokens() async throws(StoreError) -> [AccessToken]
    /// `.unknown` where there is none.
    func removeToken(_ id: String) async throws(StoreError)

    // MARK: News

    /// The uids of jobs that changed, in any coordinator: hints, which may be lost or come twice. One reader.
    var hints: AsyncStream<String> { get }

    /// Whether other coordinators may use the store, so that hints may be lost.
    var isShared: Bool { get }

    func close() async
}

/// A job with the name that is unique in the store.
public struct StoredJob: Sendable, Equatable {
    public var uid: String
    public var job: Job

    public init(uid: String, job: Job) {
        self.uid = uid
        self.job = job
    }
}

/// What became of a submission.
public struct SubmittedJob: Sendable, Equatable {
    public var uid: String
    public var job: Job
    /// Whether it was made by this submission.
    public var isNew: Bool

    public init(uid: String, job: Job, isNew: Bool) {
        self.uid = uid
        self.job = job
        self.isNew = isNew
    }
}

/// A witness on its way to, or in, the coordinator's disk.
public struct WitnessUpload: Sendable, Equatable {
    public var circuit: String
    public var reference: WitnessReference
    /// 32 bytes.
    public var key: [UInt8]
    public var state: Job.State

    public init(circuit: String, reference: WitnessReference, key: [UInt8], state: Job.State) {
        self.circuit = circuit
        self.reference = reference
        self.key = key
        self.state = state
    }
}

/// What the proof of a job has to prove.
public struct ProofExpectation: Sendable, Equatable {
    public var circuit: String
    /// The text of `public.json` that belongs to the job's witness.
    public var publicInputs: String

    public init(circuit: String, publicInputs: String) {
        self.circuit = circuit
        self.publicInputs = publicInputs
    }
}

/// A lease as the store gives it out; the caller adds what it knows of times.
public struct LeasedJob: Sendable, Equatable {
    public var uid: String
    public var job: Job
    public var circuit: Circuit
    public var traceparent: String?
    /// What the witness is encrypted with.
    public var witnessKey: [UInt8]?

    public init(uid: String, job: Job, circuit: Circuit, traceparent: String?, witnessKey: [UInt8]? = nil) {
        self.uid = uid
        self.job = job
        self.circuit = circuit
        self.traceparent = traceparent
        self.witnessKey = witnessKey
    }
}

/// News of a job's end that somebody wants.
public struct DueCallback: Sendable, Equatable {
    public var uid: String
    public var url: String
    public var job: Job

    public init(uid: String, url: String, job: Job) {
        self.uid = uid
        self.url = url
        self.job = job
    }
}

/// How many jobs there are.
public struct JobCounts: Sendable, Equatable, Codable {
    public var byState: [String: Int]
    /// Seconds for which the oldest queued job has waited; 0 where none waits.
    public var oldestQueuedSeconds: Double

    public init(byState: [String: Int], oldestQueuedSeconds: Double) {
        self.byState = byState
        self.oldestQueuedSeconds = oldestQueuedSeconds
    }
}
