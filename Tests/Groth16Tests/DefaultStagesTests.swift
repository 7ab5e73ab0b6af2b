// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import TestSupport
import Testing

/// The stages of a proof on a backend that has sums and transforms and nothing else.
@Suite struct DefaultStagesTests {
    @Test func conformance() {
        check(BN254.self)
        check(BLS12381.self)
        check(BLS12377.self)
    }

    private func check<Suite: ComputeSuite>(_ suite: Suite.Type) {
        var conformance = BackendConformance(
            PlainBackend<Suite>(), seed: SeededGenerator.freshSeed("\(Suite.id)"))
        #expect(conformance.sharedSumFailures(large: 40) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }

    /// A whole proof of one wire and one row, and operands that do not fit each other.
    @Test func aProofsSums() throws {
        let bytes = RecordBytes([
            (matrix: 0, row: 0, signal: 0, value: BN254.Fr(3)),
            (matrix: 1, row: 0, signal: 0, value: BN254.Fr(5)),
        ])
        let matrices = try CoefficientMatrices<BN254.Fr>(
            viewing: UnsafeRawBufferPointer(bytes.buffer), owner: bytes, rowCount: 1, columnCount: 1)
        let one = PointTable([BN254.G1.generator])
        let two = PointTable([BN254.G2.generator])
        func tables(h: PointTable<BN254.G1>) -> Groth16Tables<BN254> {
            Groth16Tables(
                coefficients: matrices, logDomainSize: 0, h: h,
                witness: WitnessTables(a: one, b1: one, b2: two, c: PointTable([])))
        }
        let backend = PlainBackend<BN254>()
        let witness = SecretScalars<BN254.Fr>([BN254.Fr.one.canonical])
        var stages: [Groth16Stage] = []
        let sums = try witness.withElements {
            try backend.groth16Sums(tables(h: one), witness: $0) { stages.append($0) }
        }
        #expect(stages == Groth16Stage.allCases)
        #expect(sums.witness.a == BN254.G1.generator && sums.witness.b1 == BN254.G1.generator)
        #expect(sums.witness.b2 == BN254.G2.generator && sums.witness.c.isIdentity)
        // All polynomials are constant: A·B − C is 0 everywhere.
        #expect(sums.h.isIdentity)
        for (count, h) in [(1, PointTable([BN254.G1.generator, .identity])), (2, one)] {
            let witness = SecretScalars<BN254.Fr>(count: count)
            #expect(throws: ComputeError.self) {
                try witness.withElements {
                    try backend.groth16Sums(tables(h: h), witness: $0) { _ in }
                }
            }
        }
    }
}

/// Sums of one table and transforms, on the CPU.
private struct PlainBackend<Suite: ComputeSuite>: Groth16Backend {
    private let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 1))
    var name: String { "plain" }

    func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        try cpu.msm(bases, scalars)
    }

    func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        try cpu.inverseNTT(values)
    }

    func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) { try cpu.forwardNTT(values, at: points) }
}
