// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Compute
import Curves
import FiniteFields
import Groth16
import ProofFixtures
import SystemTestSupport
import TestSupport
import Testing

/// Proofs of synthetic circuits: the suite by name, and that its proofs depend on the whole witness.
@Suite struct SyntheticProofTests {
    @Test(arguments: ScalarShape.allCases)
    func suite(_ shape: ScalarShape) throws {
        let outcome = try MartletCommand.run([
            "bench", "--suite", "groth16", "--size", "1,6-8", "--runs", "1", "--threads", "2", "--scalars",
            shape.rawValue, "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let results = try BenchCommandTests.report(outcome.output).results
        BenchCommandTests.check(results)
        let work = shape == .witness ? "groth16-synthetic-bits" : "groth16-synthetic"
        let expected = CurveID.allCases.flatMap { curve in
            [1, 6, 7, 8].flatMap { log in
                BenchmarkBackends.supported.map { "\(work) \(curve.rawValue) 2^\(log) \($0.name)" }
            }
        }
        #expect(results.map { "\($0.title) \($0.backend)" } == expected)
        #expect(results.allSatisfy { $0.kind == .groth16 && ($0.unitNanoseconds ?? 0) > 0 })
    }

    @Test(arguments: ScalarShape.allCases)
    func everyWrongWireIsRefused(_ shape: ScalarShape) throws {
        try everyWrongWireIsRefused(BN254.self, shape)
        try everyWrongWireIsRefused(BLS12381.self, shape)
    }

    private func everyWrongWireIsRefused<Suite: ComputeSuite>(
        _ suite: Suite.Type, _ shape: ScalarShape
    ) throws {
        let proof = try SyntheticProof<Suite>(logSize: 6, shape: shape, seed: .random(in: 0 ... .max))
        let parallel = Parallel(threads: 2)
        let backend = CPUBackend<Suite>(parallel: parallel)
        func prove(_ witness: [Suite.Fr]) throws {
            _ = try proof.prove(SecretScalars(witness.map(\.canonical)), on: backend, parallel: parallel)
        }
        try prove(proof.witness)
        for wire in 1..<proof.witness.count {
            var witness = proof.witness
            // By two: a bit is no longer one.
            witness[wire] += Suite.Fr(2)
            #expect(throws: ProvingError.doesNotVerify, "wire \(wire)") { try prove(witness) }
        }
    }

    @Test func bitsAndProducts() throws {
        let (dense, bits) = (
            try SyntheticProof<BN254>(logSize: 8, shape: .uniform, seed: 5).witness,
            try SyntheticProof<BN254>(logSize: 8, shape: .witness, seed: 5).witness
        )
        #expect(dense.count == 256 && bits.count == 256)
        #expect(dense.filter { $0 == .zero || $0 == .one } == [.one])
        // 254 draws with probability 0.7: eight standard deviations to either side.
        #expect((120...236).contains(bits.count { $0 == .zero || $0 == .one }))
    }
}
