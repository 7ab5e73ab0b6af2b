// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
package import Foundation
import Foundations
import ProofFixtures

/// A benchmark under way: measures the cases of a plan one after the other.
///
/// It selects CPU paths for the whole process; nothing else may compute meanwhile. Not for use from several
/// threads.
package final class BenchmarkSession {
    package let plan: BenchmarkPlan
    package let backends: [any BenchmarkBackend]
    package let peers: [PeerFigure]
    package let parallel: Parallel
    private let observe: (String) -> Void
    private let initialPath = CPUPath.current
    private var results: [BenchmarkResult] = []

    /// - Parameter observe: called with the title of each case as it begins.
    /// - Throws: `.option` for values that cannot be used.
    package init(
        plan: BenchmarkPlan, backends: [any BenchmarkBackend], peers: [PeerFigure] = [],
        observe: @escaping (String) -> Void = { _ in }
    ) throws(BenchmarkError) {
        guard BenchmarkPlan.possibleRuns.contains(plan.runs) else {
            throw .option("\(plan.runs) runs are not in 1…\(BenchmarkPlan.possibleRuns.upperBound)")
        }
        guard plan.threads >= 0 && plan.threads <= 4096 else {
            throw .option("\(plan.threads) threads are not in 0…4096")
        }
        for log in plan.logSizes ?? [] where !BenchmarkPlan.possibleLogSizes.contains(log) {
            throw .option("2^\(log) elements cannot be measured")
        }
        guard !plan.kinds.contains(.prove) || plan.files != nil else {
            throw .option("the suite 'prove' needs a proving key and a witness")
        }
        self.plan = plan
        self.backends = backends
        self.peers = peers
        self.observe = observe
        parallel = plan.threads == 0 ? .allCores : Parallel(threads: plan.threads)
    }

    /// What is measured while `body` runs; the CPU path is put back behind it.
    func collect(_ body: () throws(BenchmarkError) -> Void) throws(BenchmarkError) -> [BenchmarkResult] {
        results = []
        defer { initialPath.select() }
        try body()
        return results
    }

    /// Inputs are made on the fastest path, whatever is measured.
    func selectForInputs() throws(BenchmarkError) {
        for path in [CPUPath.adx, .portable] where path.select() { return }
    }

    /// Measures one case and keeps its figures.
    ///
    /// - Parameter product: measures the nanoseconds of one product in a dependent chain, for sums of points;
    ///   called before and after the case, since processors that others share change their pace.
    func measure(
        _ workload: Workload, _ kind: BenchmarkKind, _ curve: BenchmarkCurve, _ backend: any BenchmarkBackend,
        product: (() throws(BenchmarkError) -> Double)? = nil
    ) throws(BenchmarkError) {
        let threads = [.field, .group, .pairing].contains(kind) ? 1 : parallel.threads
        let size = workload.logSize.map { " 2^\($0)" } ?? ""
        observe("\(workload.work) \(curve.rawValue)\(size) \(backend.name)")
        let productBefore = try product?()
        let measured = try workload.measure(
            runs: plan.runs, select: { () throws(BenchmarkError) in try backend.select() },
            selectPortable: { () throws(BenchmarkError) in CPUPath.portable.select() })
        let productAfter = try product?()
        let device = try backend.metered { () throws(BenchmarkError) in try workload.run() }
        let product = productBefore.flatMap { before in productAfter.map { (before + $0) / 2 } }
        let perUnit = workload.unit.map { measured.cpu.median * 1e9 / Double($0.count) }
        let ours = measured.cpu.median
        // Peers' sums are of uniform scalars.
        let isComparable = kind != .msm || plan.scalars == .uniform
        let beside = peers.filter {
            isComparable && $0.work == workload.work && $0.curve == curve && $0.logSize == workload.logSize
        }
        results.append(
            BenchmarkResult(
                kind: kind, work: workload.work, curve: curve, logSize: workload.logSize,
                backend: backend.name, threads: threads, runs: plan.runs,
                operationsPerRun: measured.repetitions * workload.operations, cpuSeconds: measured.cpu,
                wallSeconds: measured.wall, unitNanoseconds: perUnit, productNanoseconds: product,
                productsPerPoint: product.flatMap { product in perUnit.map { $0 / product } },
                inputBytes: workload.inputBytes, peakMemoryBytes: measured.peakMemory,
                workingMemoryBytes: measured.workingMemory, peakIsOwn: measured.peakIsOwn,
                device: kind == .prove ? nil : device,
                peers: beside.map {
                    PeerComparison(
                        peer: $0.peer, version: $0.version, threads: $0.threads, cpuSeconds: $0.cpuSeconds,
                        machine: $0.machine, ratio: ours / $0.cpuSeconds)
                }))
    }

    /// The results with what is needed to repeat them.
    package static func report(
        _ results: [BenchmarkResult], plan: BenchmarkPlan, machine: MachineFacts, commandLine: [String],
        date: Date = Date()
    ) -> BenchmarkReport {
        BenchmarkReport(
            version: MartletVersion.current, platform: MartletVersion.platform, date: date,
            commandLine: commandLine, machine: machine, seed: plan.seed, scalars: plan.scalars,
            results: results)
    }
}
