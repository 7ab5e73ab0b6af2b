import Compute
import Curves
import TestSupport
import Testing

/// The conformance suite on the CPU backend, on the path that the machine and MARTLET_CPU choose.
@Suite struct CPUBackendTests {
    @Test(arguments: [1, 2, 7]) func bn254(threads: Int) {
        check(CPUBackend<BN254>(parallel: Parallel(threads: threads)))
    }

    @Test(arguments: [1, 3]) func bls12381(threads: Int) {
        check(CPUBackend<BLS12381>(parallel: Parallel(threads: threads)))
    }

    private func check<Suite: CPUKernels>(_ backend: CPUBackend<Suite>) {
        var conformance = BackendConformance(
            backend, generator: .fresh("\(Suite.id), \(backend.parallel.threads) threads"))
        #expect(conformance.msmFailures(large: 20_000) == [])
        #expect(conformance.nttFailures(large: 15) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }
}
