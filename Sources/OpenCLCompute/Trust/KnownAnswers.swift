// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// Computations of one curve whose answers the CPU knows, small and nasty: what a device must pass before it
/// may serve.
struct KnownAnswers<Suite: ComputeSuite> {
    private typealias Fr = Suite.Fr

    /// Runs them all.
    ///
    /// - Returns: what was wrong, or `nil`.
    func failure(of backend: some ComputeBackend<Suite>) throws(ComputeError) -> String? {
        let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 1))
        let scalars = Self.scalars
        if let failure = try sumFailure(backend, cpu, scalars, in: Suite.G1.self) { return failure }
        if let failure = try sumFailure(backend, cpu, scalars, in: Suite.G2.self) { return failure }
        var generator = SystemRandomNumberGenerator()
        for log in [3, 11] {
            let values = (0..<1 << log).map { _ in Fr.random(using: &generator) }
            let inverse = try transformed(values) { (v) throws(ComputeError) in try backend.inverseNTT(v) }
            let right = try transformed(values) { (v) throws(ComputeError) in try cpu.inverseNTT(v) }
            if inverse != right { return "an inverse transform of 2^\(log) is wrong" }
            for points in [EvaluationDomain<Fr>.Points.subgroup, .oddCoset] {
                let forward = try transformed(values) { (v) throws(ComputeError) in
                    try backend.forwardNTT(v, at: points)
                }
                let right = try transformed(values) { (v) throws(ComputeError) in
                    try cpu.forwardNTT(v, at: points)
                }
                if forward != right { return "a forward transform of 2^\(log) is wrong" }
            }
        }
        return nil
    }

    private func sumFailure<Group: ComputeGroup>(
        _ backend: some ComputeBackend<Suite>, _ cpu: CPUBackend<Suite>, _ scalars: [Fr.Limbs],
        in group: Group.Type
    ) throws(ComputeError) -> String? where Group.Scalar == Fr {
        let table = Group.cpuMultiplesOfGenerator(scalars.count)
        let isRight = try with(scalars) { scalars throws(ComputeError) in
            try backend.msm(table, scalars) == cpu.msm(table, scalars)
        }
        return isRight ? nil : "a sum in \(Group.name) is wrong"
    }

    /// 0, ±1, the ends of the range and its middle, powers of two, equal and random ones.
    private static var scalars: [Fr.Limbs] {
        var generator = SystemRandomNumberGenerator()
        let one = Fr.one.canonical
        let middle = Fr.modulus.shiftedRight(by: 1)
        let minusOne = Fr.modulus.subtractingInteger(one)
        let powers = stride(from: 1, to: Fr.bitWidth - 1, by: 17).map { exponent -> Fr.Limbs in
            var limbs = Fr.Limbs.zero
            limbs[exponent / 64] = 1 << UInt64(exponent % 64)
            return limbs
        }
        let equal = Fr.random(using: &generator).canonical
        return [.zero, one, minusOne, middle, middle.subtractingInteger(one)] + powers
            + [Fr.Limbs](repeating: one, count: 70) + [Fr.Limbs](repeating: equal, count: 70)
            + (0..<100).map { _ in Fr.random(using: &generator).canonical }
    }

    private func with<R>(
        _ scalars: [Fr.Limbs], _ body: (UnsafeBufferPointer<Fr.Limbs>) throws(ComputeError) -> R
    ) throws(ComputeError) -> R {
        try SecretScalars<Fr>(scalars).withElements(body)
    }

    private func transformed(
        _ values: [Fr], _ body: (UnsafeMutableBufferPointer<Fr>) throws(ComputeError) -> Void
    ) throws(ComputeError) -> [Fr] {
        let copy = UnsafeMutableBufferPointer<Fr>.allocate(capacity: values.count)
        defer { copy.deallocate() }
        _ = copy.initialize(from: values)
        try body(copy)
        return Array(copy)
    }
}
