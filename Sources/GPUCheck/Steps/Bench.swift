// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Compute
import Curves
import Foundation
import OpenCLCompute
import ProofFixtures

extension StepRun {
    /// The benchmark's cases, the device beside the CPU, one after the other until the time is up.
    func bench() throws {
        let name = "opencl:\(device.index)"
        let paths = BenchmarkBackends.supported.filter { $0.deviceName == nil }.map(\.name)
        let cores = Parallel.availableCores
        guard let fastest = paths.first else { return }
        // The device beside the fastest CPU path with all threads, and alone where that takes long; then that
        // path with fewer threads; then the other paths.
        let both = [name, fastest]
        let sizes = isQuick ? [6] : device.isCPU ? [10, 12] : [16, 18, 20, 22]
        for log in sizes { arithmetic(both, log, threads: cores) }
        for log in sizes where log >= 18 || sizes.count < 4 {
            syntheticProofs(.bn254, both, log, threads: cores)
        }
        proofs(both, threads: cores)
        if !isQuick && !device.isCPU { arithmetic([name], 24, threads: cores) }
        let log = isQuick ? 6 : device.isCPU ? 10 : 18
        var threads = 1
        while threads < cores {
            arithmetic([fastest], log, threads: threads)
            proofs([fastest], threads: threads)
            threads *= isQuick ? cores : 2
        }
        if isQuick { return }
        arithmetic(Array(paths.dropFirst()), log, threads: cores)
        for log in sizes.prefix(2) { syntheticProofs(.bls12381, both, log, threads: cores) }
    }

    /// Sums and transforms on all curves.
    private func arithmetic(_ backends: [String], _ log: Int, threads: Int) {
        for curve in curves {
            for group in GroupChoice.allCases {
                measure(.msm, curve, group, .uniform, backends, log, threads)
            }
            measure(.ntt, curve, .g1, .uniform, backends, log, threads)
        }
    }

    /// Proofs of random witnesses, and of such that are mostly bits.
    private func syntheticProofs(_ curve: CurveID, _ backends: [String], _ log: Int, threads: Int) {
        for scalars in [ScalarShape.witness, .uniform] {
            measure(.groth16, curve, .g1, scalars, backends, log, threads)
        }
    }

    private func measure(
        _ kind: BenchmarkKind, _ curve: CurveID, _ group: GroupChoice, _ scalars: ScalarShape,
        _ backends: [String], _ log: Int, _ threads: Int
    ) {
        var plan = BenchmarkPlan()
        plan.kinds = [kind]
        plan.curves = [.suite(curve)]
        plan.groups = [group]
        plan.logSizes = [log]
        plan.threads = threads
        plan.scalars = scalars
        let work = kind == .msm ? group.rawValue : scalars.rawValue
        measure(
            "\(kind.rawValue) \(work) \(curve.rawValue) \(backends) \(threads)", "2^\(log)", plan, backends)
    }

    private func proofs(_ backends: [String], threads: Int) {
        guard let path = options.fixtures,
            let folder = try? CircuitFolder(path, isQuick: isQuick).folders.last
        else { return }
        var plan = BenchmarkPlan()
        plan.kinds = [.prove]
        plan.threads = threads
        plan.files = .init(
            zkey: folder.appending(path: "circuit_final.zkey").path,
            witness: folder.appending(path: "witness.wtns").path,
            circuit: String(folder.lastPathComponent.dropFirst(8)))
        measure("\(folder.lastPathComponent) \(backends) \(threads)", "", plan, backends)
    }

    /// - Parameter name: what is measured but for its size; the next size takes at least four times as long.
    private func measure(_ name: String, _ size: String, _ plan: BenchmarkPlan, _ backends: [String]) {
        let last = section.checks.last { $0.name.hasPrefix(name + " ") }?.seconds ?? 0
        guard hasTime(for: "\(name) \(size)", seconds: 4 * last) else { return }
        check("\(name) \(size)") {
            var plan = plan
            plan.runs = isQuick ? 1 : 3
            plan.seed = generator.next()
            let session = try BenchmarkSession(plan: plan, backends: try BenchmarkBackends.named(backends))
            section.benchmarks += try session.run()
            return []
        }
    }
}
