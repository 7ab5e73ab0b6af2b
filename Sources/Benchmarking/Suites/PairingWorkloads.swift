// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures

/// The pairing and its parts, and the verification of Groth16 proofs by batches; one thread.
final class PairingWorkloads<Suite: ComputeSuite> {
    private typealias Value = Fp12<Suite.Tower>

    private let seed: UInt64
    private let p: Affine<Suite.G1>
    private let q: Affine<Suite.G2>
    private let lines: Suite.PreparedG2
    /// (a·P, Q) and (−P, a·Q), whose pairings multiply to one.
    private let relation: [(Affine<Suite.G1>, Suite.PreparedG2)]
    private let loop: Value
    private let expected: Value
    private var value = Value.zero
    private var prepared: Suite.PreparedG2?
    private var isMember = false

    init(_ session: BenchmarkSession) {
        CPUPath.portable.select()
        seed = session.plan.seed
        var stream = SeededStream(seed: session.plan.seed, "\(Suite.id.rawValue) pairing")
        p = Affine.random(using: &stream)
        q = Affine.random(using: &stream)
        lines = Suite.prepare(q)
        let a = Suite.Fr.random(using: &stream)
        relation = [
            (p.multiplied(by: a).affine, lines), (-p, Suite.prepare(q.multiplied(by: a).affine)),
        ]
        loop = Suite.millerLoop([(p, lines)])
        expected = Suite.finalExponentiation(loop)
    }

    /// Each is compared with the portable path's result, which itself has to be bilinear.
    var all: [Workload] {
        [
            workload("pairing", 8) {
                self.value = Suite.pairing(self.p, self.q)
            } isRight: {
                self.value == self.expected && self.value != .one && Suite.isPairingProductOne(self.relation)
            },
            workload("prepare-g2", 32) {
                self.prepared = Suite.prepare(self.q)
            } isRight: {
                self.prepared.map { Suite.millerLoop([(self.p, $0)]) == self.loop } ?? false
            },
            workload("miller-loop", 16) {
                self.value = Suite.millerLoop([(self.p, self.lines)])
            } isRight: {
                self.value == self.loop
            },
            workload("final-exponentiation", 16) {
                self.value = Suite.finalExponentiation(self.loop)
            } isRight: {
                self.value == self.expected
            },
            workload("pairing-check-2", 8) {
                self.value = Suite.finalExponentiation(Suite.millerLoop(self.relation))
            } isRight: {
                self.value == .one
            },
            workload("g2-membership", 32) {
                self.isMember = Suite.G2.isInSubgroup(self.q)
            } isRight: {
                self.isMember && Suite.G2.hasOrderDividingR(self.q)
            },
        ] + [1, 64, 1000].map { BatchWorkload<Suite>(count: $0, seed: seed).workload }
    }

    private func workload(
        _ work: String, _ count: Int, run: @escaping () -> Void, isRight: @escaping () -> Bool
    ) -> Workload {
        Workload(
            work: work, operations: count,
            prepare: {
                self.value = .zero
                self.prepared = nil
                self.isMember = false
            },
            run: { () throws(BenchmarkError) in for _ in 0..<count { run() } },
            isRight: { () throws(BenchmarkError) in isRight() })
    }
}

/// The verification of many proofs of one key with one public input at once; a proof is an operation.
private final class BatchWorkload<Suite: ComputeSuite> {
    private let verifier: Verifier<Suite>
    private let items: [(proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])]
    private var verdicts: [Verdict] = []

    init(count: Int, seed: UInt64) {
        var stream = SeededStream(seed: seed, "\(Suite.id.rawValue) batch of \(count)")
        let key = SimulatedKey<Suite>(publicCount: 1, using: &stream)
        verifier = Verifier(key.verifyingKey)
        let inputs = (0..<count).map { _ in [Suite.Fr.random(using: &stream)] }
        let proofs = key.proofs(inputs, using: &stream)
        items = zip(proofs, inputs).map { ($0, $1.map(\.canonical)) }
    }

    var workload: Workload {
        Workload(
            work: "verify-batch-\(items.count)", operations: items.count,
            prepare: { self.verdicts = [] },
            run: { () throws(BenchmarkError) in
                var generator = SystemRandomNumberGenerator()
                self.verdicts = self.verifier.verifyBatch(
                    self.items, parallel: Parallel(threads: 1), using: &generator)
            },
            isRight: { () throws(BenchmarkError) in self.verdicts == self.items.map { _ in .valid } })
    }
}
