// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import OpenCLCompute
import ProofFixtures
import TestSupport
import Testing

/// Transforms and quotients on a device: the conformance suite, and the CPU's bits.
@Suite(.needsDevice) struct TransformTests {
    @Test(arguments: ProductVariant.allCases.filter { $0 != .ptx }) func bn254(variant: ProductVariant) throws
    {
        try check(BN254.self, variant)
    }

    @Test(arguments: ProductVariant.allCases.filter { $0 != .ptx }) func bls12381(variant: ProductVariant)
        throws
    {
        try check(BLS12381.self, variant)
    }

    /// Elements of 12 words.
    @Test(arguments: ProductVariant.allCases.filter { $0 != .ptx })
    func scalarsOfSixLimbs(variant: ProductVariant) throws {
        try check(Wide.self, variant, large: 11)
        if variant == .limbs64 { try compare(Wide.self, 15) }
    }

    private func check<Suite: ComputeSuite>(
        _ suite: Suite.Type, _ variant: ProductVariant, large: Int = 12
    ) throws {
        let backend = TransformBackend<Suite>(try TestDevice.shared.get(), variant: variant)
        var conformance = BackendConformance(
            backend, seed: SeededGenerator.freshSeed("\(Suite.id) \(variant)"))
        #expect(conformance.nttFailures(large: large) == [])
        #expect(conformance.quotientFailures() == [])
    }

    /// One, two and three passes give the same bits as the CPU.
    @Test(arguments: [1, 9, 11, 15, 18, 19]) func bitsOfTheCPU(log: Int) throws {
        try compare(BN254.self, log)
        if log < 16 { try compare(BLS12381.self, log) }
        if log < 16 { try compare(BLS12377.self, log) }
    }

    private func compare<Suite: ComputeSuite>(_ suite: Suite.Type, _ log: Int) throws {
        var generator = SeededGenerator.fresh("\(Suite.id) 2^\(log)")
        let device = TransformBackend<Suite>(try TestDevice.shared.get(), variant: .limbs64)
        let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 2))
        let values = (0..<1 << log).map { _ in Suite.Fr.random(using: &generator) }
        func run(_ body: (UnsafeMutableBufferPointer<Suite.Fr>) throws -> Void) rethrows -> [Suite.Fr] {
            var copy = values
            try copy.withUnsafeMutableBufferPointer { try body($0) }
            return copy
        }
        #expect(try run { try device.inverseNTT($0) } == run { try cpu.inverseNTT($0) })
        for points in [EvaluationDomain<Suite.Fr>.Points.subgroup, .oddCoset] {
            #expect(
                try run { try device.forwardNTT($0, at: points) }
                    == run { try cpu.forwardNTT($0, at: points) })
        }
    }

    /// Rows of up to some ten thousand terms, empty rows at the end, and a witness of many zeros and ones.
    @Test(arguments: [3, 11, 12]) func quotientsWithLongRows(log: Int) throws {
        try quotients(BN254.self, log)
        try quotients(BLS12381.self, log)
    }

    private func quotients<Suite: ComputeSuite>(_ suite: Suite.Type, _ log: Int) throws {
        var generator = SeededGenerator.fresh("\(Suite.id) 2^\(log)")
        let rows = 1 << log
        let lengths = (0..<2 * rows).map { i in
            if i == 4 { return 20_000 }
            if i % rows > rows - 3 { return 0 }
            return i % 97 == 1 ? 33 + i % 500 : Int.random(in: 0...5, using: &generator)
        }
        let records = SparseRecords<Suite.Fr>(lengths: lengths, columns: rows + 9, using: &generator)
        let matrices = try records.matrices()
        let witness = (0..<records.columns).map { _ -> Suite.Fr.Limbs in
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4: .zero
            case 4..<7: Suite.Fr.one.canonical
            case 7: (-Suite.Fr.one).canonical
            default: Suite.Fr.random(using: &generator).canonical
            }
        }
        let device = TransformBackend<Suite>(try TestDevice.shared.get(), variant: .limbs64)
        let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 2))
        let secret = SecretScalars<Suite.Fr>(witness)
        // Twice: the second time the matrices are there.
        for _ in 0..<2 {
            let found = try secret.withElements {
                try device.quotient(matrices, witness: $0, logDomainSize: log)
            }
            let expected = try secret.withElements {
                try cpu.quotient(matrices, witness: $0, logDomainSize: log)
            }
            #expect((0..<1 << log).allSatisfy { found[$0] == expected[$0] })
        }
        withExtendedLifetime(records) {}
    }

    /// A wrong element between two passes spoils the result, and nothing stays on the device but what is
    /// resident.
    @Test func aWrongButterflyShows() throws {
        let faults = DeviceFaults()
        let queue = try TestDevice.queue(DeviceOptions(faults: faults))
        let device = TransformBackend<BN254>(queue, variant: .limbs64)
        var values = [BN254.Fr](repeating: .one, count: 1 << 12)
        try values.withUnsafeMutableBufferPointer { try device.forwardNTT($0, at: .oddCoset) }
        let right = values
        let resident = queue.allocatedBytes
        values = [BN254.Fr](repeating: .one, count: 1 << 12)
        faults.arm(.wrongButterfly, times: 1)
        try values.withUnsafeMutableBufferPointer { try device.forwardNTT($0, at: .oddCoset) }
        #expect(values != right)
        #expect(queue.allocatedBytes == resident)
        #expect(resident == MemoryLayout<BN254.Fr>.stride << 12)
    }
}
