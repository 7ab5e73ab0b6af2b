// SPDX-License-Identifier: Apache-2.0

/// A worker: the name that it gives itself, under the token that it shows. The same name under another token
/// is another worker, so nobody can act, fail or be found sick in the place of somebody else.
package struct WorkerID: Sendable, Hashable, Codable {
    /// The public part of its token; `anonymous` where none is needed.
    package var token: String
    /// `JobID`'s alphabet.
    package var name: String

    package init(token: String, name: String) {
        self.token = token
        self.name = name
    }
}

/// What a store knows of a worker, whichever coordinator it talks to.
public struct WorkerRecord: Sendable, Equatable, Codable {
    /// Whether a worker gets jobs.
    public enum Standing: String, Sendable, Codable, CaseIterable {
        /// It gets jobs.
        case active
        /// An operator wants it to get none.
        case cordoned
        /// Too many of its attempts failed; until an operator lets it in again.
        case quarantined
    }

    /// What the worker calls itself: 1 to 64 characters out of `A-Z a-z 0-9 _ -`.
    public var name: String
    /// The public part of its token; `anonymous` where none is needed.
    public var token: String
    /// What computes there, `cpu-avx2` or `opencl:0` say.
    public var devices: [String]
    /// Unix milliseconds, by the store's clock, of its last sign of life: up to half a minute late.
    public var lastSeen: Int64
    /// Leases that it holds.
    public var leases: Int
    /// Whether it gets jobs.
    public var standing: Standing
    /// Why it gets no jobs.
    public var reason: String?
    /// Unix milliseconds since which it gets none.
    public var since: Int64?
    /// Why it takes no jobs, in its own words.
    public var unready: String?
    /// How many attempts `failures` is of: the last ones, at most 20.
    public var attempts: Int
    /// How many of those failed.
    public var failures: Int

    /// A record, as the properties say.
    public init(
        name: String, token: String, devices: [String] = [], lastSeen: Int64, leases: Int = 0,
        standing: Standing = .active, reason: String? = nil, since: Int64? = nil, unready: String? = nil,
        attempts: Int = 0, failures: Int = 0
    ) {
        self.name = name
        self.token = token
        self.devices = devices
        self.lastSeen = lastSeen
        self.leases = leases
        self.standing = standing
        self.reason = reason
        self.since = since
        self.unready = unready
        self.attempts = attempts
        self.failures = failures
    }
}

/// The outcomes of a worker's last attempts.
struct AttemptHistory: Sendable, Equatable {
    /// How many attempts are looked at, and are demanded before a worker is judged.
    static let length = 20
    /// The bits of `recent` that count.
    static let mask: Int64 = (1 << Int64(length)) - 1
    /// Above this share of failures a worker may be sick.
    static let limit = 0.3
    /// So many times the others' median it must have, or the fault is not the worker's.
    static let factor = 3.0
    /// Others with fewer attempts say nothing of the fleet.
    static let least = 5

    /// All attempts that were counted.
    var attempts: Int
    /// A bit for each of the last attempts, the latest the lowest: 1 for a failure.
    var recent: Int64

    var counted: Int { min(attempts, Self.length) }
    var failures: Int { (recent & Self.mask).nonzeroBitCount }
    var share: Double { counted == 0 ? 0 : Double(failures) / Double(counted) }

    /// Why a worker is to get no more jobs, compared with the others; nil where it may go on. A worker
    /// without others is never judged: there is nobody to do better.
    func verdict(among others: [AttemptHistory]) -> String? {
        let shares = others.filter { $0.attempts >= Self.least }.map(\.share).sorted()
        guard attempts >= Self.length, share > Self.limit, let first = shares.first else { return nil }
        let middle = shares.count / 2
        let median =
            shares.count % 2 == 1
            ? shares[middle] : ((shares.dropFirst(middle - 1).first ?? first) + shares[middle]) / 2
        guard share > Self.factor * median else { return nil }
        func percent(_ share: Double) -> Int { Int((share * 100).rounded()) }
        return
            "\(failures) of its last \(Self.length) attempts failed (\(percent(share)) %; the others' median is \(percent(median)) %)"
    }
}

/// An attempt that ended without a proof.
package struct FailedAttempt: Sendable, Equatable {
    /// The job as it is now.
    package var job: Job
    /// Who failed.
    package var worker: WorkerID

    package init(job: Job, worker: WorkerID) {
        self.job = job
        self.worker = worker
    }
}

/// What became of a renewal.
package struct RenewedLease: Sendable, Equatable {
    package var order: LeaseOrder
    /// Seconds until the lease ends, where it goes on.
    package var ttl: Double
    /// Who holds it; nil where the caller does not.
    package var worker: WorkerID?
    /// The job, where the renewal was its end.
    package var ended: Job?

    package init(order: LeaseOrder, ttl: Double = 0, worker: WorkerID? = nil, ended: Job? = nil) {
        self.order = order
        self.ttl = ttl
        self.worker = worker
        self.ended = ended
    }
}
