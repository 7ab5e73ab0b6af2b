// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import OpenCLCompute
import OpenCLGroth16
import ProofFixtures
import TestSupport
import Testing

/// The backend that provers use, with everything it is made of.
@Suite(.needsDevice, .serialized) struct BackendTests {
    /// A key's tables and a witness, random but for bits and identities among them.
    private func example<Suite: ComputeSuite>(
        _ suite: Suite.Type, wires: Int, publics: Int, logDomainSize: Int,
        _ generator: inout SeededGenerator
    ) throws -> (Groth16Tables<Suite>, [Suite.Fr.Limbs]) {
        let rows = 1 << logDomainSize
        var records: [(matrix: UInt32, row: UInt32, signal: UInt32, value: Suite.Fr)] = []
        for _ in 0..<3 * rows {
            records.append(
                (
                    .random(in: 0...1, using: &generator), .random(in: 0..<UInt32(rows), using: &generator),
                    .random(in: 0..<UInt32(wires), using: &generator), .random(using: &generator)
                ))
        }
        let bytes = RecordBytes(records)
        let matrices = try CoefficientMatrices<Suite.Fr>(
            viewing: UnsafeRawBufferPointer(bytes.buffer), owner: bytes, rowCount: rows, columnCount: wires)
        func points<Group: CurveGroup>(_ some: PointTable<Group>, _ count: Int) -> PointTable<Group> {
            PointTable(
                (0..<count).map {
                    $0 % 5 == 2 ? .identity : some[Int.random(in: 0..<some.count, using: &generator)]
                })
        }
        let g1 = Suite.G1.cpuMultiplesOfGenerator(50)
        let g2 = Suite.G2.cpuMultiplesOfGenerator(50)
        let tables = Groth16Tables<Suite>(
            coefficients: matrices, logDomainSize: logDomainSize, h: points(g1, rows),
            witness: WitnessTables(
                a: points(g1, wires), b1: points(g1, wires), b2: points(g2, wires),
                c: points(g1, wires - publics - 1)))
        let witness = (0..<wires).map { i -> Suite.Fr.Limbs in
            i % 3 == 0 ? Suite.Fr.random(using: &generator).canonical : Suite.Fr(UInt64(i % 2)).canonical
        }
        return (tables, witness)
    }

    private func check<Suite: ComputeSuite>(
        _ backend: some Groth16Backend<Suite>, _ tables: Groth16Tables<Suite>, _ witness: [Suite.Fr.Limbs]
    ) throws {
        let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 1))
        var stages: [Groth16Stage] = []
        let (found, right) = try witness.withUnsafeBufferPointer { witness in
            (
                try backend.groth16Sums(tables, witness: witness) { stages.append($0) },
                try cpu.groth16Sums(tables, witness: witness) { _ in }
            )
        }
        #expect(found == right)
        #expect(stages == Groth16Stage.allCases)
    }

    private func proofSums<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh("\(Suite.id)")
        let backend = OpenCLGroth16Backend<Suite>(try TestDevice.shared.get())
        for (wires, log) in [(1, 0), (2, 1), (300, 8), (777, 10)] {
            let (tables, witness) = try example(
                Suite.self, wires: wires, publics: min(wires - 1, 3), logDomainSize: log, &generator)
            try check(backend, tables, witness)
            // Again, with everything resident.
            try check(backend, tables, witness)
        }
        var conformance = BackendConformance(backend, seed: generator.next())
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }

    /// All known-answer tests with scalars of six limbs, and sums and quotients after them.
    @Test func scalarsOfSixLimbs() throws {
        let backend = OpenCLGroth16Backend<Wide>(try TestDevice.shared.get())
        try backend.test()
        var conformance = BackendConformance(backend, seed: SeededGenerator.freshSeed())
        #expect(conformance.msmFailures(large: 300, usual: 100) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }

    /// What the kernels do not have is said, and nothing is built.
    @Test func scalarsOfOneLimbAreRefused() throws {
        let queue = try TestDevice.shared.get()
        let backend = OpenCLGroth16Backend<Narrow>(queue)
        #expect(OpenCLBackend<Wide>.takesCurve && !OpenCLBackend<Narrow>.takesCurve)
        let refusal = ComputeError.unsupportedField(backend: backend.name, field: "Narrow Fp", bits: 62)
        #expect(refusal.message == "\(backend.name): cannot compute in Narrow Fp, which has 62 bits")
        #expect(throws: refusal) { try backend.test() }
        let scalars = SecretScalars<Narrow.Fr>(count: 2)
        let points = Narrow.G1.cpuMultiplesOfGenerator(2)
        #expect(throws: refusal) {
            try scalars.withElements { scalars throws(ComputeError) in try backend.msm(points, scalars) }
        }
        var values = [Narrow.Fr](repeating: .one, count: 4)
        #expect(throws: refusal) {
            try values.withUnsafeMutableBufferPointer { values throws(ComputeError) in
                try backend.inverseNTT(values)
            }
        }
        // Whoever asks for a program without a backend is told by the builder.
        #expect {
            try queue.run { queue throws(OpenCLError) in
                _ = try DeviceTransform<Narrow.Fr>(logSize: 2, variant: .limbs64, on: queue)
            }
        } throws: {
            ($0 as? OpenCLError)?.kind == .build && "\($0)".contains("Narrow Fr has 62 bits")
        }
    }

    @Test func wholeProofsOnBN254() throws { try proofSums(BN254.self) }

    @Test func wholeProofsOnBLS12381() throws { try proofSums(BLS12381.self) }

    @Test func wholeProofsOnBLS12377() throws { try proofSums(BLS12377.self) }

    /// Keys that do not fit together take turns, and one that does not fit at all is streamed.
    @Test func keysShareABudget() throws {
        var generator = SeededGenerator.fresh()
        let queue = try TestDevice.queue(DeviceOptions(memoryBudget: 5 << 20))
        let backend = OpenCLGroth16Backend<BN254>(queue)
        let keys = try (0..<3).map { _ in
            try example(BN254.self, wires: 3000, publics: 2, logDomainSize: 11, &generator)
        }
        for (tables, witness) in keys + keys { try check(backend, tables, witness) }
        #expect(queue.allocatedBytes <= 5 << 20)
        #expect(queue.run { $0.evictions } > 0)
        let (tables, witness) = try example(
            BN254.self, wires: 12_000, publics: 2, logDomainSize: 12, &generator)
        try check(backend, tables, witness)
    }

    @Test func theExplanationNamesTheParts() throws {
        var generator = SeededGenerator.fresh()
        let backend = OpenCLGroth16Backend<BN254>(try TestDevice.shared.get())
        let (tables, _) = try example(BN254.self, wires: 300, publics: 2, logDomainSize: 8, &generator)
        let text = try backend.explanation(of: tables)
        for part in ["2^8", "windows", "buckets", "sum of H", "A, B1, B2 and C", backend.queue.device.name] {
            #expect(text.contains(part), "\(part): \(text)")
        }
    }

    /// Two parts of one device share sums by ranges of points.
    @Test func splitSums() throws {
        let device = try #require(TestDevice.all.first { $0.isCPU && $0.computeUnits >= 2 })
        let parts = try device.subDevices(2).map { OpenCLGroth16Backend<BN254>(try DeviceQueue($0)) }
        let backend = SplitBackend(parts)
        var conformance = BackendConformance(backend, seed: SeededGenerator.freshSeed())
        #expect(conformance.msmFailures(large: 1000) == [])
        #expect(conformance.sharedSumFailures(large: 600) == [])
        #expect(conformance.nttFailures(large: 4) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
        var generator = SeededGenerator.fresh()
        let (tables, witness) = try example(BN254.self, wires: 300, publics: 2, logDomainSize: 8, &generator)
        try check(backend, tables, witness)
    }

    @Test func aFaultyDeviceFailsItsTests() throws {
        let faults = DeviceFaults()
        let backend = OpenCLGroth16Backend<BN254>(try TestDevice.queue(DeviceOptions(faults: faults)))
        try backend.test()
        for fault in [DeviceFaults.Fault.wrongBucket, .wrongButterfly, .failedAllocation] {
            faults.arm(fault)
            #expect(throws: ComputeError.self, "\(fault)") { try backend.test() }
            faults.disarm()
            try backend.test()
        }
        faults.arm(.lostDevice)
        #expect(throws: ComputeError.self) { try backend.test() }
        faults.disarm()
        // A lost device does not come back.
        #expect(throws: ComputeError.self) { try backend.test() }
    }
}
