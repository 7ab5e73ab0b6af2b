// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import ProofFixtures

/// The figures of one case. Seconds are those of one operation.
package struct BenchmarkResult: Codable, Equatable, Sendable {
    package var kind: BenchmarkKind
    /// What was done, in the words of the peers' file: "msm-g1", "ntt", "pairing", "fp-mul".
    package var work: String
    package var curve: BenchmarkCurve
    package var logSize: Int?
    package var backend: String
    package var threads: Int
    package var runs: Int
    /// Operations in each run.
    package var operationsPerRun: Int
    package var cpuSeconds: Summary
    package var wallSeconds: Summary
    /// CPU nanoseconds a point, a butterfly or a constraint, of the median; nil for work without a size.
    package var unitNanoseconds: Double?
    /// The time of one product in the chain of dependent scalar products measured beside a sum.
    package var productNanoseconds: Double?
    /// CPU time in such products a point; for G2 too they are products in the prime field.
    package var productsPerPoint: Double?
    package var inputBytes: Int
    /// The largest resident set, of which the program and the inputs are a part.
    package var peakMemoryBytes: Int
    /// How far the peak rose above what was resident before; nil where that cannot be measured.
    package var workingMemoryBytes: Int?
    /// False when the peak is that of the whole process so far.
    package var peakIsOwn: Bool
    /// Where the device's time went, on one.
    package var device: DeviceFigures?
    /// What others took for the same work, from the file given.
    package var peers: [PeerComparison]

    package init(
        kind: BenchmarkKind, work: String, curve: BenchmarkCurve, logSize: Int? = nil, backend: String,
        threads: Int,
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
    package var title: String { "\(work) \(curve.rawValue)" + (logSize.map { " 2^\($0)" } ?? "") }
}

/// A peer's figure beside ours.
package struct PeerComparison: Codable, Equatable, Sendable {
    package var peer: String
    package var version: String
    package var threads: Int
    package var cpuSeconds: Double
    package var machine: String
    /// Our median CPU seconds over theirs: below 1 is faster than they are.
    package var ratio: Double

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
package struct BenchmarkReport: Codable, Equatable, Sendable {
    package var version: String
    package var platform: String
    package var date: Date
    package var commandLine: [String]
    package var machine: MachineFacts
    package var seed: UInt64
    package var scalars: ScalarShape
    package var results: [BenchmarkResult]

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
