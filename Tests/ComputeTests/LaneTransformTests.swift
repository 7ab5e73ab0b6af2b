// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Compute
import Curves
import FiniteFields
import Groth16
import TestSupport
import Testing

/// The transforms in lanes, on every path that this machine has kernels for, against the scalar ones.
///
/// The kernels are named to the domain, so that the path in use stays as it is.
@Suite struct LaneTransformTests {
    static let paths = [CPUPath.ifmaEmulated, .avx2, .ifma].filter(\.isSupported)

    @Test(arguments: paths, [1, 2])
    func bn254(path: CPUPath, threads: Int) throws {
        try check(BN254.Fr.self, path, Parallel(threads: threads))
    }

    @Test(arguments: paths, [1, 2])
    func bls12381(path: CPUPath, threads: Int) throws {
        try check(BLS12381.Fr.self, path, Parallel(threads: threads))
    }

    @Test(arguments: paths, [1, 2])
    func bls12377(path: CPUPath, threads: Int) throws {
        try check(BLS12377.Fr.self, path, Parallel(threads: threads))
    }

    /// Three passes and more, as domains above 2^22 have.
    @Test(arguments: paths, [4, 5])
    func morePasses(path: CPUPath, layers: Int) throws {
        var generator = SeededGenerator.fresh()
        let lanes = try #require(LaneKernels<BLS12381.Fr>(path: path))
        for log in 12...15 {
            let domain = EvaluationDomain<BLS12381.Fr>(logSize: log, parallel: Parallel(threads: 2))
            let transform = try #require(LaneTransform(domain: domain, lanes: lanes, mostLayers: layers))
            let input: [BLS12381.Fr] = random(1 << log, &generator)
            #expect(agree(input) { $1 ? transform.inverse($0) : domain.inverseUnscaled($0, lanes: nil) })
            #expect(
                agree(input) {
                    $1 ? transform.forward($0, at: .oddCoset) : domain.forward($0, at: .oddCoset, lanes: nil)
                })
        }
    }

    @Test(arguments: paths)
    func theQuotientsPasses(path: CPUPath) throws {
        var generator = SeededGenerator.fresh()
        try checkCombination(BN254.Fr.self, path, using: &generator)
        try checkCombination(BLS12381.Fr.self, path, using: &generator)
        try checkCombination(BLS12377.Fr.self, path, using: &generator)
    }

    @Test(arguments: paths)
    func products(path: CPUPath) throws {
        var generator = SeededGenerator.fresh()
        try checkProducts(BN254.Fr.self, path, using: &generator)
        try checkProducts(BLS12381.Fr.self, path, using: &generator)
        try checkProducts(BLS12377.Fr.self, path, using: &generator)
    }

    @Test func otherPathsAndSmallDomainsHaveNone() throws {
        #expect(LaneKernels<BN254.Fr>(path: .portable) == nil && LaneKernels<BN254.Fr>(path: .adx) == nil)
        #expect(LaneKernels<BN254.Fp>(path: .ifmaEmulated) == nil)
        let lanes = try #require(LaneKernels<BN254.Fr>(path: .ifmaEmulated))
        for log in 0..<4 {
            let domain = EvaluationDomain<BN254.Fr>(logSize: log, parallel: Parallel(threads: 1))
            #expect(LaneTransform(domain: domain, lanes: lanes) == nil)
        }
    }

    private func check<F: PrimeField>(_ field: F.Type, _ path: CPUPath, _ parallel: Parallel) throws {
        var generator = SeededGenerator.fresh("\(F.name), \(path.rawValue), \(parallel.threads) threads")
        let control = martlet_floating_point_control()
        for log in 0...14 {
            let size = 1 << log
            let top = -F.one
            var inputs = [random(size, &generator) as [F]]
            if log < 12 {
                // p − 1 in memory is what bounds see, −1 what is the field's; zeros make every reduction an
                // edge case.
                let largest = F(montgomery: F.modulus.subtractingInteger(integerOne()))
                inputs += [F.zero, top, largest].map { [F](repeating: $0, count: size) }
                let extremes = [F.zero, top, largest]
                inputs.append((0..<size).map { _ in extremes[Int.random(in: 0..<3, using: &generator)] })
                inputs.append((0..<size).map { $0 == size - 1 ? largest : .zero })
            }
            try check(field, path, EvaluationDomain(logSize: log, parallel: parallel), inputs)
        }
        #expect(martlet_floating_point_control() == control)
    }

    private func check<F: PrimeField>(
        _ field: F.Type, _ path: CPUPath, _ domain: EvaluationDomain<F>, _ inputs: [[F]]
    ) throws {
        let lanes = try #require(LaneKernels<F>(path: path))
        for (i, input) in inputs.enumerated() {
            let same =
                agree(input) { domain.inverseUnscaled($0, lanes: $1 ? lanes : nil) }
                && agree(input) { domain.forward($0, at: .subgroup, lanes: $1 ? lanes : nil) }
                && agree(input) { domain.forward($0, at: .oddCoset, lanes: $1 ? lanes : nil) }
            #expect(same, "\(F.name) 2^\(domain.logSize), input \(i)")
        }
    }

    private func checkCombination<F: PrimeField>(
        _ field: F.Type, _ path: CPUPath, using generator: inout SeededGenerator
    ) throws {
        let lanes = try #require(LaneKernels<F>(path: path))
        let sixteen = F(16)
        for log in 2 * lanes.laneLog...13 {
            let domain = EvaluationDomain<F>(logSize: log, parallel: Parallel(threads: 1 + log % 2))
            let transform = try #require(LaneTransform(domain: domain, lanes: lanes))
            var values = (0..<3).map { _ in random(domain.size, &generator) as [F] }
            let factor = F.random(using: &generator)
            let n = try #require(F(UInt64(domain.size)).inverse())
            let transformed = values.map {
                var result = $0
                result.withUnsafeMutableBufferPointer {
                    domain.inverseUnscaled($0, lanes: nil)
                    domain.forward($0, at: .oddCoset, lanes: nil)
                }
                return result.map { $0 * n }
            }
            let expected = (0..<domain.size).map { i -> F in
                let product = transformed[0][i] * transformed[1][i]
                return (product - sixteen * transformed[2][i]) * factor
            }
            var (a, b, c) = (values.removeFirst(), values.removeFirst(), values.removeFirst())
            a.withUnsafeMutableBufferPointer { a in
                b.withUnsafeMutableBufferPointer { b in
                    c.withUnsafeMutableBufferPointer { c in
                        transform.combineOnOddCoset(a, b, c, factor: factor)
                    }
                }
            }
            #expect(a == expected, "\(F.name) 2^\(log)")
        }
    }

    private func checkProducts<F: PrimeField>(
        _ field: F.Type, _ path: CPUPath, using generator: inout SeededGenerator
    ) throws {
        let lanes = try #require(LaneKernels<F>(path: path))
        for count in Array(0...40) + [257] {
            let (a, b) = (random(count, &generator) as [F], random(count, &generator) as [F])
            let factor = F.random(using: &generator)
            var (scaled, small) = (a, a)
            let control = martlet_floating_point_control()
            scaled.withUnsafeMutableBufferPointer {
                lanes.multiply(UnsafeBufferPointer($0), by: factor, into: $0)
            }
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    small.withUnsafeMutableBufferPointer { lanes.multiplySmall(a, b, into: $0) }
                }
            }
            #expect(martlet_floating_point_control() == control)
            #expect(scaled == a.map { $0 * factor })
            #expect(small.map { $0 * F(16) } == zip(a, b).map { $0 * $1 })
        }
    }

    /// Whether the scalar kernels and those in lanes make the same of the input.
    private func agree<F: PrimeField>(
        _ input: [F], _ body: (UnsafeMutableBufferPointer<F>, Bool) -> Void
    ) -> Bool {
        var (scalar, lanes) = (input, input)
        scalar.withUnsafeMutableBufferPointer { body($0, false) }
        lanes.withUnsafeMutableBufferPointer { body($0, true) }
        return scalar == lanes
    }

    private func random<F: PrimeField>(_ count: Int, _ generator: inout SeededGenerator) -> [F] {
        (0..<count).map { _ in F.random(using: &generator) }
    }

    private func integerOne<Limbs: FixedLimbs>() -> Limbs {
        var one = Limbs.zero
        one[0] = 1
        return one
    }
}
