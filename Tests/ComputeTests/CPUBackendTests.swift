// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import TestSupport
import Testing

/// The conformance suite on the CPU backend, on every set of kernels that this machine can run.
///
/// The choice of kernels is the process's: this suite is the only one that changes it, and runs its tests in
/// turn. Tests beside it see the same bits whatever it chooses.
@Suite(.serialized) struct CPUBackendTests {
    @Test(arguments: CPUPath.allCases.filter(\.isSupported), [1, 2, 7])
    func bn254(path: CPUPath, threads: Int) {
        check(path, CPUBackend<BN254>(parallel: Parallel(threads: threads)))
    }

    @Test(arguments: CPUPath.allCases.filter(\.isSupported), [1, 3])
    func bls12381(path: CPUPath, threads: Int) {
        check(path, CPUBackend<BLS12381>(parallel: Parallel(threads: threads)))
    }

    /// Sums in a group without a pairing, against one product at a time.
    @Test(arguments: CPUPath.allCases.filter(\.isSupported), [1, 3])
    func sumsOnGrumpkin(path: CPUPath, threads: Int) {
        let before = CPUPath.current
        defer { before.select() }
        #expect(path.select())
        sums(Grumpkin.self, Parallel(threads: threads), "\(path.rawValue), \(threads) threads")
    }

    /// Scalars of six limbs, and additions in lanes.
    @Test(arguments: CPUPath.allCases.filter(\.isSupported), [1, 3])
    func sumsOnATwistOfBLS12377(path: CPUPath, threads: Int) {
        let before = CPUPath.current
        defer { before.select() }
        #expect(path.select())
        sums(
            BLS12377Twist.self, Parallel(threads: threads), "\(path.rawValue), \(threads) threads",
            counts: [0, 1, 2, 7, 64, 300])
    }

    private func sums<Group: ComputeGroup>(
        _ group: Group.Type, _ parallel: Parallel, _ name: String,
        counts: [Int] = [0, 1, 2, 7, 64, 300, 5000]
    ) {
        typealias Scalar = Group.Scalar
        var generator = SeededGenerator.fresh("\(Group.name), \(name)")
        let few = (0..<20).map { _ in Affine<Group>.random(using: &generator) }
        for count in counts {
            // Equal and opposite points, identities, and scalars of every class.
            let bases = (0..<count).map { i -> Affine<Group> in
                switch i % 11 {
                case 3: .identity
                case 7: -few[i % few.count]
                default: few[i % few.count]
                }
            }
            let scalars = (0..<count).map { i -> Scalar in
                switch i % 6 {
                case 0: Scalar(UInt64(i % 12 / 6))
                case 1: -.one
                case 2: Scalar(generator.next())
                case 3: -Scalar(UInt64(i))
                default: .random(using: &generator)
                }
            }
            // Few points are different: their scalars are summed first.
            var totals = [Scalar](repeating: .zero, count: few.count)
            for (i, scalar) in scalars.enumerated() where i % 11 != 3 {
                totals[i % few.count] += i % 11 == 7 ? -scalar : scalar
            }
            let expected = zip(few, totals).reduce(Jacobian<Group>.identity) {
                $0 + $1.0.multiplied(by: $1.1)
            }
            let sum = scalars.map(\.canonical).withUnsafeBufferPointer {
                Group.cpuMSM(PointTable(bases), $0, parallel)
            }
            #expect(sum == expected.affine, "\(count) terms")
        }
    }

    @Test(arguments: CPUPath.allCases.filter(\.isSupported), [1, 3])
    func bls12377(path: CPUPath, threads: Int) {
        check(path, CPUBackend<BLS12377>(parallel: Parallel(threads: threads)))
    }

    @Test func thePathInUseIsSupported() {
        #expect(CPUPath.portable.isSupported)
        #expect(CPUPath.current.isSupported)
    }

    /// So many terms that their windows are summed in several batches.
    @Test(arguments: [1, 2])
    func sumsOfSeveralBatches(threads: Int) throws {
        var generator = SeededGenerator.fresh()
        let count = 1 << 17
        var multiples = [Jacobian(BN254.G1.generator)]
        while multiples.count < 1000 { multiples.append(multiples[multiples.count - 1] + BN254.G1.generator) }
        let table = Jacobian.batchAffine(multiples)
        let factors = (0..<count).map { _ in Int.random(in: 1...table.count, using: &generator) }
        let scalars = (0..<count).map { _ in BN254.Fr.random(using: &generator) }
        let exponent = zip(factors, scalars).reduce(BN254.Fr.zero) { $0 + BN254.Fr(UInt64($1.0)) * $1.1 }
        let backend = CPUBackend<BN254>(parallel: Parallel(threads: threads))
        let sum = try scalars.map(\.canonical).withUnsafeBufferPointer {
            try backend.msm(PointTable(factors.map { table[$0 - 1] }), $0)
        }
        #expect(sum == BN254.G1.generator.multiplied(by: exponent).affine)
    }

    /// Precomputed multiples change no sum, whatever the number of levels.
    @Test func sumsWithPrecomputedMultiples() throws {
        try checkMultiples(CPUBackend<BN254>(parallel: Parallel(threads: 2)))
        try checkMultiples(CPUBackend<BLS12381>(parallel: Parallel(threads: 1)))
        try checkMultiples(CPUBackend<BLS12377>(parallel: Parallel(threads: 1)))
        try checkMultiples(CPUBackend<Wide>(parallel: Parallel(threads: 2)), count: 70)
        try checkMultiples(CPUBackend<Narrow>(parallel: Parallel(threads: 1)), count: 150)
    }

    private func checkMultiples<Suite: ComputeSuite>(
        _ backend: CPUBackend<Suite>, count: Int = 700
    ) throws {
        var generator = SeededGenerator.fresh("\(Suite.id)")
        let publics = 3
        let g1 = (0..<50).map { _ in Affine<Suite.G1>.random(using: &generator) }
        let g2 = (0..<50).map { _ in Affine<Suite.G2>.random(using: &generator) }
        func points<Group>(_ some: [Affine<Group>], _ count: Int) -> PointTable<Group> {
            PointTable((0..<count).map { $0 % 7 == 3 ? .identity : some[$0 % some.count] })
        }
        let witness = (0..<count).map { i -> Suite.Fr.Limbs in
            switch i % 4 {
            case 0: Suite.Fr(UInt64(i % 8 / 4)).canonical
            case 1: Suite.Fr(UInt64(i)).canonical
            case 2: (-Suite.Fr(UInt64(i))).canonical
            default: Suite.Fr.random(using: &generator).canonical
            }
        }
        let (a, b1, b2) = (points(g1, count), points(g1.reversed(), count), points(g2, count))
        let c = points(g1, count - publics)
        let parallel = backend.parallel
        try witness.withUnsafeBufferPointer { witness in
            let expected = try backend.msm(PointTables<Suite>(g1: [a, b1, c], g2: [b2]), witness)
            let sum = try backend.msm(a, witness)
            #expect(sum == expected.g1[0])
            for levels in [2, 3, 8, 64] {
                let plan = try #require(
                    MultiplesPlan.best(
                        terms: count, of: Suite.Fr.self, bytesPerTerm: 1, budget: levels * count))
                #expect(plan.levels > 1 && plan.levels <= levels)
                let tables = PointTables<Suite>(
                    g1: [a, b1, c].map { Suite.G1.cpuPrecompute($0, terms: count, plan, parallel) },
                    g2: [Suite.G2.cpuPrecompute(b2, terms: count, plan, parallel)])
                #expect(try backend.msm(tables, witness) == expected, "\(plan)")
                #expect(try backend.msm(tables.g1[0], witness) == sum, "\(plan)")
            }
        }
        #expect(
            MultiplesPlan.best(terms: count, of: Suite.Fr.self, bytesPerTerm: 64, budget: count * 64) == nil)
    }

    private func check<Suite: ComputeSuite>(_ path: CPUPath, _ backend: CPUBackend<Suite>) {
        let before = CPUPath.current
        defer { before.select() }
        #expect(path.select() && CPUPath.current == path && backend.name == "cpu-\(path.rawValue)")
        var conformance = BackendConformance(
            backend,
            seed: SeededGenerator.freshSeed(
                "\(Suite.id), \(path.rawValue), \(backend.parallel.threads) threads"))
        #expect(conformance.msmFailures(large: 20_000) == [])
        #expect(conformance.sharedSumFailures(large: 5000) == [])
        #expect(conformance.nttFailures(large: 13) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }
}
