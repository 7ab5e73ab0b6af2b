// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Compute
import Curves
import EllipticCurves
import FiniteFields
import OpenCLCompute
import ProofFixtures
import TestSupport
import Testing

@Suite(.needsDevice, .serialized) struct SumTests {
    private func failures<Suite: ComputeSuite>(
        _ backend: SumBackend<Suite>, large: Int, test: String = #function
    ) -> [String] {
        var conformance = BackendConformance(backend, seed: SeededGenerator.freshSeed(test))
        return conformance.msmFailures(large: large) + conformance.sharedSumFailures(large: large)
    }

    @Test func residentTablesOnBN254() throws {
        let queue = try TestDevice.shared.get()
        #expect(failures(SumBackend<BN254>(queue), large: 5000) == [])
    }

    @Test func residentTablesOnBLS12381() throws {
        let queue = try TestDevice.shared.get()
        #expect(failures(SumBackend<BLS12381>(queue), large: 3000) == [])
    }

    @Test func residentTablesOnBLS12377() throws {
        let queue = try TestDevice.shared.get()
        #expect(failures(SumBackend<BLS12377>(queue), large: 3000) == [])
    }

    /// Known sums, and tables with multiples of their points.
    @Test func scalarsOfSixLimbs() throws {
        var generator = SeededGenerator.fresh()
        let queue = try TestDevice.shared.get()
        let backend = SumBackend<Wide>(queue)
        for known in try VectorFile.section("wide", of: "sums", as: [KnownSum<Wide.G1>].self) {
            let sum = try known.scalars.withUnsafeBufferPointer {
                try backend.msm(PointTable(known.points), $0)
            }
            #expect(sum == known.sum, "\(known.name)")
        }
        let plan = DeviceSums<Wide>.plan(terms: 90, pointBytes: [96], .keepMultiples, on: queue)
        #expect(plan.levels > 1 && plan.windows * plan.windowBits >= Wide.Fr.bitWidth)
        let points = Wide.G1.cpuMultiplesOfGenerator(90)
        let scalars = (0..<90).map { _ in Wide.Fr.random(using: &generator).canonical }
        let (sum, expected) = try scalars.withUnsafeBufferPointer {
            (
                try SumBackend<Wide>(queue, residency: .keepMultiples).msm(points, $0),
                Wide.G1.cpuMSM(points, $0, Parallel(threads: 1))
            )
        }
        #expect(sum == expected)
    }

    @Test func multiplesOfPoints() throws {
        var generator = SeededGenerator.fresh()
        let queue = try TestDevice.shared.get()
        let points = BN254.G1.cpuMultiplesOfGenerator(400)
        let points2 = BLS12381.G2.cpuMultiplesOfGenerator(50)
        let plan = DeviceSums<BN254>.plan(terms: 450, pointBytes: [64], .keepMultiples, on: queue)
        #expect(plan.levels > 1)
        let one = SumBackend<BN254>(queue, residency: .keepMultiples)
        let two = SumBackend<BLS12381>(queue, residency: .keepMultiples)
        for _ in 0..<3 {
            let scalars = (0..<400).map { _ in BN254.Fr.random(using: &generator).canonical }
            let scalars2 = (0..<50).map { _ in BLS12381.Fr.random(using: &generator).canonical }
            let (sum, expected) = try scalars.withUnsafeBufferPointer {
                (try one.msm(points, $0), BN254.G1.cpuMSM(points, $0, Parallel(threads: 1)))
            }
            let (sum2, expected2) = try scalars2.withUnsafeBufferPointer {
                (try two.msm(points2, $0), BLS12381.G2.cpuMSM(points2, $0, Parallel(threads: 1)))
            }
            #expect(sum == expected && sum2 == expected2)
        }
        var conformance = BackendConformance(one, seed: generator.next())
        #expect(conformance.sharedSumFailures(large: 600) == [])
    }

    @Test func streamedTables() throws {
        let queue = try TestDevice.shared.get()
        #expect(failures(SumBackend<BN254>(queue, residency: .stream), large: 3000) == [])
    }

    @Test func streamedTablesInPieces() throws {
        let queue = try TestDevice.shared.get()
        let memory = 1 << 20
        let plan = DeviceSums<BN254>.plan(
            terms: 3000, pointBytes: [64, 64, 128, 64], .keep, memory: memory, on: queue)
        #expect(plan.chunks > 2 && plan.byteCount <= memory)
        #expect(failures(SumBackend<BN254>(queue, memory: memory), large: 3000) == [])
    }

    @Test func productsOf32BitLimbs() throws {
        let queue = try TestDevice.shared.get()
        #expect(failures(SumBackend<BN254>(queue, variant: .limbs32), large: 1000) == [])
        #expect(failures(SumBackend<BLS12381>(queue, variant: .limbs32), large: 300) == [])
    }

    @Test func scalarsOnTheDevice() throws {
        var generator = SeededGenerator.fresh()
        let points = BN254.G1.cpuMultiplesOfGenerator(1500)
        let scalars = (0..<2000).map { _ in BN254.Fr.random(using: &generator).canonical }
        let sum = try TestDevice.shared.get().run { queue throws(OpenCLError) in
            let buffer = try queue.allocate(32 * scalars.count, "scalars")
            try scalars.withUnsafeBufferPointer { scalars throws(OpenCLError) in
                try queue.write(UnsafeRawBufferPointer(scalars), to: buffer)
            }
            let source = ScalarSource<BN254.Fr>.device(ScalarBuffer(buffer, count: scalars.count))
            return try DeviceSums<BN254>(variant: .limbs64, on: queue).sum(points, source, on: queue)
        }
        let expected = scalars.suffix(1500).withContiguousStorageIfAvailable {
            BN254.G1.cpuMSM(points, $0, Parallel(threads: 1))
        }
        #expect(sum == expected)
    }

    @Test func tablesStayAndGoAgain() throws {
        let queue = try TestDevice.queue()
        let backend = SumBackend<BN254>(queue)
        var generator = SeededGenerator.fresh()
        let scalars = SecretScalars<BN254.Fr>(
            (0..<600).map { _ in BN254.Fr.random(using: &generator).canonical })
        func sum(_ table: PointTable<BN254.G1>) throws {
            _ = try scalars.withElements { scalars throws(ComputeError) in try backend.msm(table, scalars) }
        }
        let start = queue.allocatedBytes
        do {
            let table = BN254.G1.cpuMultiplesOfGenerator(600)
            try sum(table)
            let resident = queue.allocatedBytes
            #expect(resident >= start + 600 * 64)
            for _ in 0..<5 { try sum(table) }
            #expect(queue.allocatedBytes == resident)
            try withExtendedLifetime(table) { try queue.run { queue in try queue.finish() } }
        }
        // The table is gone; its memory on the device goes when the next is looked up.
        let other = BN254.G1.cpuMultiplesOfGenerator(600)
        let before = queue.allocatedBytes
        try sum(other)
        #expect(queue.allocatedBytes == before)
    }
}
