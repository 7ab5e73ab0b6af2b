// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Compute
import Curves
import EllipticCurves
import FiniteFields

/// Sums of points, transforms and the pairing of one curve, on one thread.
func registerCurveBenchmarks<Suite: ComputeSuite>(_: Suite.Type) {
    let curve = Suite.id.rawValue
    let thread = Parallel(threads: 1)
    for path in CPUPath.withLanes {
        Benchmark("\(curve)-msm-g1-10-\(path.rawValue)") { benchmark, input in
            benchmark.record(on: path, operations: 1) {
                input.scalars.withUnsafeBufferPointer { blackHole(Suite.G1.cpuMSM(input.bases, $0, thread)) }
            }
        } setup: {
            Terms<Suite.G1>(log: 10)
        }
        Benchmark("\(curve)-msm-g2-8-\(path.rawValue)") { benchmark, input in
            benchmark.record(on: path, operations: 1) {
                input.scalars.withUnsafeBufferPointer { blackHole(Suite.G2.cpuMSM(input.bases, $0, thread)) }
            }
        } setup: {
            Terms<Suite.G2>(log: 8)
        }
        // Each transforms what the one before left: the time does not depend on the values.
        Benchmark("\(curve)-ntt-12-\(path.rawValue)") { benchmark, input in
            benchmark.record(on: path, operations: 2) {
                for _ in 0..<2 { Suite.cpuForwardNTT(input.domain, input.values, at: .subgroup) }
            }
        } setup: {
            Transform<Suite.Fr>(log: 12)
        }
        Benchmark("\(curve)-intt-12-\(path.rawValue)") { benchmark, input in
            benchmark.record(on: path, operations: 2) {
                for _ in 0..<2 { Suite.cpuInverseNTT(input.domain, input.values) }
            }
        } setup: {
            Transform<Suite.Fr>(log: 12)
        }
    }
    let path = CPUPath.scalar
    Benchmark("\(curve)-pairing-\(path.rawValue)") { benchmark, input in
        benchmark.record(on: path, operations: 2) {
            for _ in 0..<2 { blackHole(Suite.pairing(input.p, input.q)) }
        }
    } setup: {
        Pair<Suite>()
    }
}

private struct Terms<Group: CurveGroup> {
    let bases: PointTable<Group>
    let scalars: [Group.Scalar.Limbs]

    /// Bases are (a + i·d)·G: all differ, and each costs one addition here.
    init(log: Int) {
        var stream = SeededStream()
        let difference = Affine<Group>.random(using: &stream)
        var point = Jacobian(Affine<Group>.random(using: &stream))
        var points: [Jacobian<Group>] = []
        for _ in 0..<1 << log {
            points.append(point)
            point += difference
        }
        bases = PointTable(Jacobian.batchAffine(points))
        scalars = points.map { _ in Group.Scalar.random(using: &stream).canonical }
    }
}

private final class Transform<F: PrimeField> {
    let domain: EvaluationDomain<F>
    let values: UnsafeMutableBufferPointer<F>

    init(log: Int) {
        domain = EvaluationDomain(logSize: log, parallel: Parallel(threads: 1))
        var stream = SeededStream()
        values = .allocate(capacity: domain.size)
        for i in values.indices { values.initializeElement(at: i, to: F.random(using: &stream)) }
    }

    deinit { values.deallocate() }
}

private struct Pair<Suite: CurveSuite> {
    let p: Affine<Suite.G1>
    let q: Affine<Suite.G2>

    init() {
        var stream = SeededStream()
        p = .random(using: &stream)
        q = .random(using: &stream)
    }
}
