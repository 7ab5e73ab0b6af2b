// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundations
import OpenCLCompute
import ProofFixtures

extension StepRun {
    /// Sums and transforms by the device's own clock, with each thing that can be tuned changed alone; what
    /// comes out must be the same.
    func tune() throws {
        let standard = DeviceTuning(for: device)
        let log = isQuick ? 8 : device.isCPU ? 10 : 20
        tuneTransforms(BN254.self, log + 2, standard)
        // The larger sum shows what the sort costs.
        if !isQuick {
            tuneSums("G1 bn254", log + 2, standard, windows([16, 19]) + placing) { log in
                SumTrial<BN254, BN254.G1>(log, &generator)
            }
        }
        let inlining = inlining
        tuneSums("G1 bn254", log, standard, otherChanges(standard) + inlining) { log in
            SumTrial<BN254, BN254.G1>(log, &generator)
        }
        if isQuick { return }
        tuneSums("G1 bls12-381", log, standard, Array(inlining.prefix(1))) { log in
            SumTrial<BLS12381, BLS12381.G1>(log, &generator)
        }
        tuneSums("G2 bn254", log - 2, standard, Array(inlining.reversed())) { log in
            SumTrial<BN254, BN254.G2>(log, &generator)
        }
    }

    /// Something changed about a tuning.
    private struct Change {
        var name: String
        var apply: (inout DeviceTuning) -> Void
    }

    /// What of the arithmetic is compiled in and what is called.
    private var inlining: [Change] {
        [
            Change(name: "nothing compiled in") {
                $0.inlinesProducts = false
                $0.inlinesExtensionProducts = false
                $0.inlinesAdditions = false
            },
            Change(name: "additions called") { $0.inlinesAdditions = false },
            Change(name: "products in Fp2 compiled in") { $0.inlinesExtensionProducts = true },
        ]
    }

    private func windows(_ bits: [Int]) -> [Change] {
        bits.map { bits in Change(name: "windows of \(bits) bits") { $0.windowBits = bits } }
    }

    private var placing: [Change] {
        [8 << 20, 48 << 20, .max].map { bytes in
            Change(name: "digits placed at a time, bytes \(bytes)") { $0.placedBytes = bytes }
        }
    }

    private func otherChanges(_ standard: DeviceTuning) -> [Change] {
        var changes = windows(isQuick ? [6] : device.isCPU ? [8, 10] : [14, 15, 16, 17])
        func add(_ name: String, _ path: WritableKeyPath<DeviceTuning, Int>, _ values: [Int]) {
            changes += values.map { value in
                Change(name: "\(name) \(value)") { $0[keyPath: path] = value }
            }
        }
        if !isQuick {
            changes += placing
            add("threads that copy", \.uploadThreads, [0, 4, 12])
            add(
                "segments a unit", \.segmentsPerUnit, [1, 2, 8, 16].map { standard.segmentsPerUnit * $0 / 4 })
            add("reducers a unit", \.reducersPerUnit, [1, 2, 8].map { standard.reducersPerUnit * $0 / 4 })
        }
        add("groups for points of", \.pointGroup, isQuick ? [32] : [64, 256])
        return changes
    }

    private func openQueue(_ tuning: DeviceTuning) throws -> DeviceQueue {
        try DeviceQueue(device, options: DeviceOptions(buildTimeLimit: 60, tuning: tuning))
    }

    private func tuneSums<Suite: ComputeSuite, Group: ComputeGroup>(
        _ name: String, _ log: Int, _ standard: DeviceTuning, _ changes: [Change],
        _ makeTrial: (Int) -> SumTrial<Suite, Group>
    ) {
        guard hasTime(for: "sums in \(name)") else { return }
        let trial = makeTrial(log)
        let all = [Change(name: "as it is") { _ in }] + changes
        for change in all {
            let title = "sum in \(name) 2^\(log), \(change.name)"
            guard hasTime(for: title) else { return }
            var tuning = standard
            change.apply(&tuning)
            check(title) {
                let found = try trial.run(openQueue(tuning), variant: variant)
                figures(title, found.metrics)
                figure("    from the host's scalars to the host's sum", found.wall, "s")
                return found.isRight ? [] : ["another sum than the CPU's"]
            }
        }
    }

    private var variant: ProductVariant {
        ProductVariant.candidates(for: device)[0]
    }

    /// The time of all kernels, and of each.
    private func figures(_ title: String, _ metrics: DeviceMetrics) {
        figure(title, metrics.totalKernelSeconds, "s")
        for (kernel, seconds) in metrics.kernelSeconds.sorted(by: { $0.value > $1.value }).prefix(9) {
            figure("    \(kernel)", seconds, "s")
        }
    }

    private func tuneTransforms<Suite: ComputeSuite>(
        _ suite: Suite.Type, _ log: Int, _ standard: DeviceTuning
    ) {
        var changes = [
            Change(name: "as it is") { _ in },
            Change(name: "products called") { $0.inlinesProducts = false },
            Change(name: "tiles of 2^9") { $0.logTile = 9 },
            Change(name: "tiles of 2^8") { $0.logTile = 8 },
        ]
        changes += [64, 256].map { size in
            Change(name: "groups of \(size)") { $0.transformGroup = size }
        }
        let values = (0..<1 << log).map { _ in Suite.Fr.random(using: &generator) }
        var right = values
        do {
            try right.withUnsafeMutableBufferPointer { values in
                try CPUBackend<Suite>(parallel: .allCores).inverseNTT(values)
            }
        } catch { return note("transforms: \(error)") }
        for change in changes {
            let title = "inverse transform \(Suite.Fr.name) 2^\(log), \(change.name)"
            guard hasTime(for: title) else { return }
            var tuning = standard
            change.apply(&tuning)
            check(title) {
                let (found, metrics) = try Self.inverse(
                    values, try openQueue(tuning), variant: variant)
                figures(title, metrics)
                return found == right ? [] : ["another vector than the CPU's"]
            }
        }
    }

    /// The inverse transform of a vector, and what the fastest of three took.
    private static func inverse<F: PrimeField>(
        _ values: [F], _ queue: DeviceQueue, variant: ProductVariant
    ) throws -> ([F], DeviceMetrics) {
        try queue.run { queue in
            let log = values.count.trailingZeroBitCount
            var found = values
            var best: DeviceMetrics?
            for _ in 0..<3 {
                found = values
                let (_, metrics) = try queue.measuring { queue in
                    try found.withUnsafeMutableBufferPointer { found in
                        try DeviceTransform<F>(logSize: log, variant: variant, on: queue)
                            .inverse(found, on: queue)
                    }
                }
                if metrics.totalKernelSeconds < best?.totalKernelSeconds ?? .infinity { best = metrics }
            }
            return (found, best ?? DeviceMetrics())
        }
    }
}

/// A sum of multiples of one group's points, with its right result.
private struct SumTrial<Suite: ComputeSuite, Group: ComputeGroup> where Group.Scalar == Suite.Fr {
    private let bases: PointTable<Group>
    private let scalars: SecretScalars<Suite.Fr>
    private let right: Affine<Group>

    init(_ log: Int, _ generator: inout SeededStream) {
        bases = Group.cpuMultiplesOfGenerator(1 << log)
        scalars = SecretScalars(
            (0..<1 << log).map { _ in Suite.Fr.random(using: &generator).canonical })
        right = scalars.withElements { [bases] in Group.cpuMSM(bases, $0, .allCores) }
    }

    /// Computes the sum four times.
    ///
    /// - Returns: whether it was always right, and what the fastest but the first took.
    func run(
        _ queue: DeviceQueue, variant: ProductVariant
    ) throws -> (isRight: Bool, wall: Double, metrics: DeviceMetrics) {
        let (bases, scalars, right) = (bases, scalars, right)
        return try queue.run { queue in
            let sums = DeviceSums<Suite>(variant: variant, on: queue)
            var isRight = true
            var wall = Double.infinity
            var best: DeviceMetrics?
            for round in 0..<4 {
                let start = ContinuousClock.now
                let (found, metrics) = try queue.measuring { queue in
                    try scalars.withElements { try sums.sum(bases, .host($0), on: queue) }
                }
                let seconds = start.secondsAgo
                isRight = isRight && found == right
                if round == 0 { continue }
                wall = min(wall, seconds)
                if metrics.totalKernelSeconds < best?.totalKernelSeconds ?? .infinity { best = metrics }
            }
            return (isRight, wall, best ?? DeviceMetrics())
        }
    }
}
