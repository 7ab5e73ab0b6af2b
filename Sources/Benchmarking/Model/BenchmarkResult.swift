public import Curves
public import Foundation

/// The figures of one case. Seconds are those of one operation.
public struct BenchmarkResult: Codable, Equatable, Sendable {
    public var kind: BenchmarkKind
    /// What was done, in the words of the peers' file: "msm-g1", "ntt", "pairing", "fp-mul".
    public var work: String
    public var curve: CurveID
    public var logSize: Int?
    public var backend: String
    public var threads: Int
    public var runs: Int
    /// Operations in each run.
    public var operationsPerRun: Int
    public var cpuSeconds: Summary
    public var wallSeconds: Summary
    /// CPU nanoseconds a point, a butterfly or a constraint, of the median; nil for work without a size.
    public var unitNanoseconds: Double?
    /// The time of one product in the chain of dependent scalar products measured beside a sum.
    public var productNanoseconds: Double?
    /// CPU time in such products a point; for G2 too they are products in the prime field.
    public var productsPerPoint: Double?
    public var inputBytes: Int
    /// The largest resident set, of which the program and the inputs are a part.
    public var peakMemoryBytes: Int
    /// How far the peak rose above what was resident before; nil where that cannot be measured.
    public var workingMemoryBytes: Int?
    /// False when the peak is that of the whole process so far.
    public var peakIsOwn: Bool
    /// Where the device's time went, on one.
    public var device: DeviceFigures?
    /// What others took for the same work, from the file given.
    public var peers: [PeerComparison]

    package init(
        kind: BenchmarkKind, work: String, curve: CurveID, logSize: Int? = nil, backend: String, threads: Int,
        runs: Int, operationsPerRun: Int, cpuSeconds: Summary, wallSeconds: Summary,
        unitNanoseconds: Double? = nil, productNanoseconds: Double? = nil, productsPerPoint: Double? = nil,
        inputBytes: Int, peakMemoryBytes: Int, workingMemoryBytes: Int? = nil, peakIsOwn: Bool,
        device: DeviceFigures? = nil, peers: [PeerComparison]
    ) {
        self.kind = kind
        self.work = work
        self.curve = curve
        self.logSize = logSize
        self.backend = backend
        self.threads = threads
        self.runs = runs
        self.operationsPerRun = operationsPerRun
        self.cpuSeconds = cpuSeconds
        self.wallSeconds = wallSeconds
        self.unitNanoseconds = unitNanoseconds
        self.productNanoseconds = productNanoseconds
        self.productsPerPoint = productsPerPoint
        self.inputBytes = inputBytes
        self.peakMemoryBytes = peakMemoryBytes
        self.workingMemoryBytes = workingMemoryBytes
        self.peakIsOwn = peakIsOwn
        self.device = device
        self.peers = peers
    }

    /// Names the case, as in "msm-g1 bn254 2^10".
    public var title: String { "\(work) \(curve.rawValue)" + (logSize.map { " 2^\($0)" } ?? "") }
}

/// A peer's figure beside ours.
public struct PeerComparison: Codable, Equatable, Sendable {
    public var peer: String
    public var version: String
    public var threads: Int
    public var cpuSeconds: Double
    public var machine: String
    /// Our median CPU seconds over theirs: below 1 is faster than they are.
    public var ratio: Double

    package init(
        peer: String, version: String, threads: Int, cpuSeconds: Double, machine: String, ratio: Double
    ) {
        self.peer = peer
        self.version = version
        self.threads = threads
        self.cpuSeconds = cpuSeconds
        self.machine = machine
        self.ratio = ratio
    }
}

/// Everything that a benchmark found, with what is needed to repeat it.
public struct BenchmarkReport: Codable, Equatable, Sendable {
    public var version: String
    public var platform: String
    public var date: Date
    public var commandLine: [String]
    public var machine: MachineFacts
    public var seed: UInt64
    public var scalars: ScalarShape
    public var results: [BenchmarkResult]

    package init(
        version: String, platform: String, date: Date, commandLine: [String], machine: MachineFacts,
        seed: UInt64, scalars: ScalarShape, results: [BenchmarkResult]
    ) {
        self.version = version
        self.platform = platform
        self.date = date
        self.commandLine = commandLine
        self.machine = machine
        self.seed = seed
        self.scalars = scalars
        self.results = results
    }
}
