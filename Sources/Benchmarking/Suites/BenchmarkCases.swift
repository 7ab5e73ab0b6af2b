// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16

extension BenchmarkSession {
    /// Measures all cases of the plan; blocks until they are done.
    package func run() throws(BenchmarkError) -> [BenchmarkResult] {
        try collect { () throws(BenchmarkError) in
            for kind in BenchmarkKind.allCases where plan.kinds.contains(kind) {
                if kind == .prove {
                    try ProofBenchmark.run(self)
                    continue
                }
                for curve in plan.curves {
                    switch curve {
                    case .bn254: try BN254.benchmark(kind, self)
                    case .bls12381: try BLS12381.benchmark(kind, self)
                    }
                }
            }
        }
    }
}

extension BenchmarkSuite {
    package static func benchmark(
        _ kind: BenchmarkKind, _ session: BenchmarkSession
    ) throws(BenchmarkError) {
        switch kind {
        case .field:
            for backend in session.backends where backend.computesFields {
                for workload in FieldWorkloads<Fp>(name: "fp", session).all
                    + FieldWorkloads<Fr>(name: "fr", session).all
                {
                    try session.measure(workload, kind, id, backend)
                }
            }
        case .msm: try benchmarkSums(session)
        case .ntt: try benchmarkTransforms(session)
        case .pairing:
            let workloads = PairingWorkloads<Self>(session)
            for backend in session.backends where backend.computesFields {
                for workload in workloads.all { try session.measure(workload, kind, id, backend) }
            }
        case .groth16: try benchmarkSyntheticProofs(session)
        case .prove: break
        }
    }

    private static func benchmarkSums(_ session: BenchmarkSession) throws(BenchmarkError) {
        for group in session.plan.groups {
            for log in session.plan.sizes(for: .msm) {
                switch group {
                case .g1:
                    let input = try SumInput<G1>(name: "msm-g1", log: log, session)
                    try benchmark(input, session) { (backend: any ComputeBackend<Self>, bases, scalars) in
                        try backend.msm(bases, scalars)
                    }
                case .g2:
                    let input = try SumInput<G2>(name: "msm-g2", log: log, session)
                    try benchmark(input, session) { (backend: any ComputeBackend<Self>, bases, scalars) in
                        try backend.msm(bases, scalars)
                    }
                }
            }
        }
    }

    private static func benchmark<Group: CurveGroup>(
        _ input: SumInput<Group>, _ session: BenchmarkSession,
        _ sum:
            @escaping (
                any ComputeBackend<Self>, PointTable<Group>, UnsafeBufferPointer<Group.Scalar.Limbs>
            ) throws -> Affine<Group>
    ) throws(BenchmarkError) where Group.Scalar == Fr {
        for backend in session.backends {
            let computing = try backend.make(for: Self.self, parallel: session.parallel)
            let chain = ProductChain<Fp>(session)
            let workload = input.workload { bases, scalars in try sum(computing, bases, scalars) }
            try session.measure(workload, .msm, id, backend) { () throws(BenchmarkError) in
                try chain.nanoseconds(on: backend.scalarPath)
            }
        }
    }

    private static func benchmarkTransforms(_ session: BenchmarkSession) throws(BenchmarkError) {
        for log in session.plan.sizes(for: .ntt) {
            let input = try TransformInput<Fr>(log: log, session)
            for backend in session.backends {
                let computing = try backend.make(for: Self.self, parallel: session.parallel)
                let workloads = [
                    input.workload(.forward) { try computing.forwardNTT($0, at: .subgroup) },
                    input.workload(.inverse) { try computing.inverseNTT($0) },
                ]
                for workload in workloads { try session.measure(workload, .ntt, id, backend) }
            }
        }
    }
    private static func benchmarkSyntheticProofs(_ session: BenchmarkSession) throws(BenchmarkError) {
        for log in session.plan.sizes(for: .groth16) {
            try session.selectForInputs()
            let proof = try SyntheticProof<Self>(
                logSize: log, shape: session.plan.scalars, seed: session.plan.seed)
            for backend in session.backends {
                let computing = try backend.make(for: Self.self, parallel: session.parallel)
                let workload = proof.workload { (witness) throws(ProvingError) in
                    try proof.prove(witness, on: computing, parallel: session.parallel)
                }
                try session.measure(workload, .groth16, id, backend)
            }
        }
    }
}
