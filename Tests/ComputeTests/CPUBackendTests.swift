import Compute
import Curves
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

    private func check<Suite: CPUKernels>(_ path: CPUPath, _ backend: CPUBackend<Suite>) {
        let before = CPUPath.current
        defer { before.select() }
        #expect(path.select() && CPUPath.current == path && backend.name == "cpu-\(path.rawValue)")
        var conformance = BackendConformance(
            backend,
            generator: .fresh("\(Suite.id), \(path.rawValue), \(backend.parallel.threads) threads"))
        #expect(conformance.msmFailures(large: 20_000) == [])
        #expect(conformance.nttFailures(large: 13) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }
}
