// SPDX-License-Identifier: Apache-2.0

import Compute
import EllipticCurves
import FiniteFields
import ProofFixtures

/// The terms of a sum of points whose result is known.
///
/// Base i is (a + i·d)·G for random a and d: all bases differ, their coordinates look random, each costs one
/// addition, and the sum of all terms is one multiplication of G by Σ sᵢ(a + i·d).
final class SumInput<Group: CurveGroup> {
    typealias Scalar = Group.Scalar

    let name: String
    let log: Int
    let bases: PointTable<Group>
    let scalars: UnsafeMutableBufferPointer<Scalar.Limbs>
    let expected: Affine<Group>
    private var result = Affine<Group>.identity

    /// Bases are made in runs of so many, each with one multiplication and one inversion, some 40 µs
    /// together: less than a tenth of its additions.
    private static var chunk: Int { 1024 }

    /// Makes the terms on all processors, with the fastest path.
    init(name: String, log: Int, _ session: BenchmarkSession) throws(BenchmarkError) {
        try session.selectForInputs()
        let count = 1 << log
        self.name = name
        self.log = log
        var stream = SeededStream(seed: session.plan.seed, "\(Group.name) bases")
        let first = Scalar.random(using: &stream)
        let step = Scalar.random(using: &stream)
        bases = Self.makeBases(count: count, first: first, step: step)
        scalars = .allocate(capacity: count)
        Self.fill(scalars, shape: session.plan.scalars, seed: session.plan.seed)
        expected = Self.expectedSum(UnsafeBufferPointer(scalars), first: first, step: step)
    }

    deinit { scalars.deallocate() }

    /// The workload of summing all terms with `sum`.
    func workload(
        _ sum: @escaping (PointTable<Group>, UnsafeBufferPointer<Scalar.Limbs>) throws -> Affine<Group>
    ) -> Workload {
        Workload(
            work: name, logSize: log, unit: .points(bases.count),
            inputBytes: bases.count * (PointTable<Group>.stride + MemoryLayout<Scalar.Limbs>.stride),
            prepare: { self.result = .identity },
            run: { () throws(BenchmarkError) in
                do { self.result = try sum(self.bases, UnsafeBufferPointer(self.scalars)) } catch {
                    throw BenchmarkError(error)
                }
            },
            isRight: { self.result == self.expected })
    }

    private static func makeBases(count: Int, first: Scalar, step: Scalar) -> PointTable<Group> {
        let difference = Group.generator.multiplied(by: step).affine
        return .making(count: count, chunk: chunk) { range in
            var point = Group.generator.multiplied(by: first + step * Scalar(UInt64(range.lowerBound)))
            var points: [Jacobian<Group>] = []
            points.reserveCapacity(range.count)
            for _ in range {
                points.append(point)
                point += difference
            }
            return points
        }
    }

    private static func fill(
        _ scalars: UnsafeMutableBufferPointer<Scalar.Limbs>, shape: ScalarShape, seed: UInt64
    ) {
        let shared = UncheckedSendable(scalars)
        let chunks = (scalars.count + chunk - 1) / chunk
        Parallel.allCores.forEach(chunks) { index in
            var stream = SeededStream(seed: seed, "\(Group.name) scalars", part: index)
            for i in index * chunk..<min(shared.value.count, (index + 1) * chunk) {
                // Uniform Montgomery limbs are uniform integers below the order as well.
                var limbs = Scalar.random(using: &stream).montgomery
                if shape.drawsBit(using: &stream) {
                    limbs = .zero
                    limbs[0] = stream.next() & 1
                }
                shared.value.initializeElement(at: i, to: limbs)
            }
        }
    }

    private static func expectedSum(
        _ scalars: UnsafeBufferPointer<Scalar.Limbs>, first: Scalar, step: Scalar
    ) -> Affine<Group> {
        var logarithm = first
        var sum = Scalar.zero
        for scalar in scalars {
            // Integers instead of Montgomery forms: the sum lacks a factor R, put back by the next line.
            sum += Scalar(montgomery: scalar) * logarithm
            logarithm += step
        }
        let exponent = Scalar(canonical: sum.montgomery) ?? .zero
        return Group.generator.multiplied(by: exponent).affine
    }
}

extension SumInput where Group: ComputeGroup {
    /// The sum by the CPU's own body for the group.
    ///
    /// Not for the compiler to specialise: where it knows the group, it calls the generic body and not the
    /// one that Compute has specialised (see `ComputeGroup`).
    @inline(never) @_semantics("optimize.sil.specialize.generic.never")
    func workload(onCPU parallel: Parallel) -> Workload {
        workload { Group.cpuMSM($0, $1, parallel) }
    }
}
