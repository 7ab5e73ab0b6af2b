import Compute
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// The conformance suite on the CPU backend, on every set of kernels that this machine can run.
///
/// The choice of kernels is the process's: this suite is the only one that changes it, and runs its tests in turn. Tests
/// beside it see the same bits whatever it chooses.
@Suite(.serialized) struct CPUBackendTests {
    @Test(arguments: CPUPath.allCases.filter(\.isSupported), [1, 2, 7])
    func bn254(path: CPUPath, threads: Int) {
        check(path, CPUBackend<BN254>(parallel: Parallel(threads: threads)))
    }

    @Test(arguments: CPUPath.allCases.filter(\.isSupported), [1, 3])
    func bls12381(path: CPUPath, threads: Int) {
        check(path, CPUBackend<BLS12381>(parallel: Parallel(threads: threads)))
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

    private func check<Suite: CPUKernels>(_ path: CPUPath, _ backend: CPUBackend<Suite>) {
        let before = CPUPath.current
        defer { before.select() }
        #expect(path.select() && CPUPath.current == path && backend.name == "cpu-\(path.rawValue)")
        var conformance = BackendConformance(
            backend,
            generator: .fresh("\(Suite.id), \(path.rawValue), \(backend.parallel.threads) threads"))
        #expect(conformance.msmFailures(large: 20_000) == [])
        #expect(conformance.witnessFailures(large: 5000) == [])
        #expect(conformance.nttFailures(large: 13) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }
}
