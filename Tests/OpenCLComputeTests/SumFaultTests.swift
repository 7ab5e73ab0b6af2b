// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import OpenCLCompute
import TestSupport
import Testing

@Suite(.needsDevice, .serialized) struct SumFaultTests {
    private let table = BN254.G1.cpuMultiplesOfGenerator(900)
    private let scalars: SecretScalars<BN254.Fr>
    private let faults = DeviceFaults()
    private let backend: SumBackend<BN254>

    init() throws {
        var generator = SeededGenerator.fresh("SumFaultTests")
        // Enough ones that the first bucket is not empty.
        scalars = SecretScalars(
            (0..<900).map { ($0 % 3 == 0 ? .one : BN254.Fr.random(using: &generator)).canonical })
        backend = SumBackend(try TestDevice.queue(DeviceOptions(faults: faults)))
    }

    private var expected: BN254.G1Affine {
        scalars.withElements { BN254.G1.cpuMSM(table, $0, Parallel(threads: 1)) }
    }

    private func sum() throws(ComputeError) -> BN254.G1Affine {
        try scalars.withElements { scalars throws(ComputeError) in try backend.msm(table, scalars) }
    }

    @Test func wrongBucketGivesWrongSum() throws {
        faults.arm(.wrongBucket, times: 1)
        #expect(try sum() != expected)
        #expect(try sum() == expected)
    }

    @Test func wrongBucketGivesWrongSumWhereItIsEmpty() throws {
        // The only digit is 3, so that the first bucket, that of ±1, stays empty.
        let few = BN254.G1.cpuMultiplesOfGenerator(3)
        let scalar = (BN254.Fr.one + .one + .one).canonical
        let scalars = SecretScalars<BN254.Fr>([scalar, scalar, scalar])
        let expected = scalars.withElements { BN254.G1.cpuMSM(few, $0, Parallel(threads: 1)) }
        faults.arm(.wrongBucket, times: 1)
        for isRight in [false, true] {
            let sum = try scalars.withElements { scalars throws(ComputeError) in try backend.msm(few, scalars)
            }
            #expect((sum == expected) == isRight)
        }
    }

    @Test func failedAllocationsAreOutlived() throws {
        for skipped in 0..<8 {
            faults.arm(.failedAllocation, after: skipped, times: 1)
            #expect(try sum() == expected)
        }
        faults.arm(.failedAllocation)
        #expect(throws: ComputeError.self) { try sum() }
        faults.disarm()
        #expect(try sum() == expected)
    }

    @Test func lostDeviceIsReported() throws {
        faults.arm(.lostDevice, after: 3, times: 1)
        #expect(throws: ComputeError.self) { try sum() }
    }
}
