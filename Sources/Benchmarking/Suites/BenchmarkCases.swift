// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import TrustedSetup

extension BenchmarkSession {
    /// Measures all cases of the plan; blocks until they are done.
    package func run() throws(BenchmarkError) -> [BenchmarkResult] {
        let results = try collect { () throws(BenchmarkError) in
            for kind in BenchmarkKind.allCases where plan.kinds.contains(kind) {
                if kind == .prove {
                    try ProofBenchmark.run(self)
                    continue
                }
                for curve in plan.curves {
                    switch curve {
                    case .suite(let id):
                        try withSuite(id) { (suite) throws(BenchmarkError) in try measure(kind, on: suite) }
                    case .grumpkin: try PlainCurves.benchmarkGrumpkin(kind, self)
                    case .babyJubJub: try PlainCurves.benchmarkBabyJubJub(kind, self)
                    }
                }
            }
        }
        guard !results.isEmpty else {
            let kinds = BenchmarkKind.allCases.filter(plan.kinds.contains).map(\.rawValue)
            throw .option(
                """
                nothing to measure: \(plan.curves.map(\.rawValue).joined(separator: ", ")) has no \
                \(kinds.joined(separator: ", ")) on \(backends.map(\.name).joined(separator: ", "))
                """)
        }
        return results
    }

    private func measure<Suite: ComputeSuite>(
        _ kind: BenchmarkKind, on suite: Suite.Type
    ) throws(BenchmarkError) {
        try SuiteBenchmark<Suite>.run(kind, self)
    }
}

/// The measurements of one curve.
///
/// All that is called here is of this module, and `withSuite` in the caller makes the compiler specialise it
/// for each curve, so that inputs are made, and loops over products run, at full speed.
enum SuiteBenchmark<Suite: ComputeSuite> {
    typealias Fp = Suite.Fp
    typealias Fr = Suite.Fr

    /// Measures every case of the session's plan that is of the given kind.
    static func run(_ kind: BenchmarkKind, _ session: BenchmarkSession) throws(BenchmarkError) {
        switch kind {
        case .field:
            for backend in session.backends where backend.computesFields {
                for workload in FieldWorkloads<Fp>(name: "fp", session).all
                    + FieldWorkloads<Fr>(name: "fr", session).all
                {
                    try session.measure(workload, kind, .suite(Suite.id), backend)
                }
            }
        case .group:
            let workloads =
                lawWorkloads(Suite.G1.self, name: "g1", session)
                + lawWorkloads(Suite.G2.self, name: "g2", session)
            for backend in session.backends where backend.computesFields {
                for workload in workloads { try session.measure(workload, kind, .suite(Suite.id), backend) }
            }
        case .msm: try benchmarkSums(session)
        case .ntt: try benchmarkTransforms(session)
        case .pairing:
            let workloads = PairingWorkloads<Suite>(session)
            for backend in session.backends where backend.computesFields {
                for workload in workloads.all {
                    try session.measure(workload, kind, .suite(Suite.id), backend)
                }
            }
        case .groth16: try benchmarkSyntheticProofs(session)
        case .prove: break
        }
    }

    private static func benchmarkSums(_ session: BenchmarkSession) throws(BenchmarkError) {
        for group in session.plan.groups {
            for log in session.plan.sizes(for: .msm) {
                switch group {
                case .g1: try benchmark(Suite.G1.self, "msm-g1", log, session)
                case .g2: try benchmark(Suite.G2.self, "msm-g2", log, session)
                }
            }
        }
    }

    private static func benchmark<Group: ComputeGroup>(
        _: Group.Type, _ name: String, _ log: Int, _ session: BenchmarkSession
    ) throws(BenchmarkError) where Group.Scalar == Fr {
        let input = try SumInput<Group>(name: name, log: log, session)
        for backend in session.backends {
            let computing = try backend.make(for: Suite.self, parallel: session.parallel)
            let chain = ProductChain<Fp>(session)
            let workload = input.workload { bases, scalars in try computing.msm(bases, scalars) }
            try session.measure(workload, .msm, .suite(Suite.id), backend) { () throws(BenchmarkError) in
                try chain.nanoseconds(on: backend.scalarPath)
            }
        }
    }

    private static func benchmarkTransforms(_ session: BenchmarkSession) throws(BenchmarkError) {
        for log in session.plan.sizes(for: .ntt) {
            let input = try TransformInput<Fr>(log: log, session)
            for backend in session.backends {
                let computing = try backend.make(for: Suite.self, parallel: session.parallel)
                let workloads = [
                    input.workload(.forward) { try computing.forwardNTT($0, at: .subgroup) },
                    input.workload(.inverse) { try computing.inverseNTT($0) },
                ]
                for workload in workloads { try session.measure(workload, .ntt, .suite(Suite.id), backend) }
            }
        }
    }
    private static func benchmarkSyntheticProofs(_ session: BenchmarkSession) throws(BenchmarkError) {
        for log in session.plan.sizes(for: .groth16) {
            try session.selectForInputs()
            let proof: SyntheticProof<Suite>
            do throws(SetupError) {
                proof = try SyntheticProof(
                    logSize: log, shape: session.plan.scalars, seed: session.plan.seed)
            } catch {
                throw .option(error.message)
            }
            for backend in session.backends {
                let computing = try backend.make(for: Suite.self, parallel: session.parallel)
                let workload = proof.workload { (witness) throws(ProvingError) in
                    try proof.prove(witness, on: computing, parallel: session.parallel)
                }
                try session.measure(workload, .groth16, .suite(Suite.id), backend)
            }
        }
    }
}
