// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
package import Groth16

extension CommittedSetup {
    /// The key that a ceremony's powers of tau determine for the circuit: the second phase's beginning.
    /// **Nobody may use the key before a contribution**: δ is one, and σ of commitment k is k + 2, so
    /// anybody can forge. γ is one, and G is the generator, which is γ as well (docs/setup.md).
    ///
    /// - Precondition: the powers are for this setup's domain.
    /// - Throws: `CommittedKeyFault` for a hash that does not serve the curve.
    package func initialKey(
        _ powers: PowersOfTau<Suite>, hash: CommitmentHash, observe: (String) -> Void = { _ in }
    ) throws(CommittedKeyFault) -> CommittedKey<Suite> {
        precondition(powers.logDomainSize == logDomainSize)
        let tables = powers.tables
        observe("matrices")
        let forms = LinearForms(system, publicRows: false)
        observe("A")
        let a = forms.columnSums([(0, tables.lagrangeTau1)], parallel)
        observe("B1")
        let b1 = forms.columnSums([(1, tables.lagrangeTau1)], parallel)
        observe("B2")
        let b2 = forms.columnSums([(1, tables.lagrangeTau2)], parallel)
        observe("C")
        // β·A + α·B + C
        let combined = forms.columnSums(
            [(0, tables.lagrangeBetaTau1), (1, tables.lagrangeAlphaTau1), (2, tables.lagrangeTau1)], parallel)
        observe("commitments")
        let (publics, one2) = (system.publicCount, Suite.G2.generator)
        let indices = CommittedKey<Suite>.hashedIndices(system.commitments, publicCount: publics)
        let verifyingKey = try CommittedVerifyingKey<Suite>(
            alpha1: powers.alpha1, beta2: tables.beta2, gamma2: one2, delta2: one2,
            ic: (Array(0...publics) + challenges).map { combined[$0] }, generator: one2,
            commitments: indices.enumerated().map { index, hashed in
                .init(
                    hashed: hashed,
                    negativeSigma: one2.multiplied(by: -CommittedVerifyingKey<Suite>.firstSigma(index)).affine
                )
            },
            hash: hash)
        let keys = system.commitments.enumerated().map { index, commitment in
            let wires = commitment.committed.map { Int($0) }
            let basis = PointTable(wires.map { combined[$0] })
            return CommittedProvingKey<Suite>.Commitment(
                wires: wires, challengeWire: Int(commitment.challenge), basis: basis,
                sigmaBasis: PointTable(
                    Suite.G1.cpuMultiplyAll(
                        basis, by: CommittedVerifyingKey<Suite>.firstSigma(index), parallel)))
        }
        let hidden = wiresInBases
        let rest = (publics + 1..<system.wireCount).map { hidden[$0] ? .identity : combined[$0] }
        observe("H")
        let provingKey = CommittedProvingKey<Suite>(
            alpha1: powers.alpha1, beta1: powers.beta1, delta1: Suite.G1.generator, beta2: tables.beta2,
            delta2: one2, publicCount: publics,
            witness: WitnessTables(
                a: PointTable(a), b1: PointTable(b1), b2: PointTable(b2), c: PointTable(rest)),
            h: PointTable(quotientPoints(tables.tau1)), coefficients: coefficients(),
            logDomainSize: logDomainSize, commitments: keys)
        observe("hash")
        var key = CommittedKey(
            provingKey: provingKey, verifyingKey: verifyingKey,
            transcript: CommittedTranscript(circuitHash: [], contributions: []))
        key.transcript.circuitHash = circuitHash(key)
        return key
    }

    /// The records of A and B.
    func coefficients() -> CoefficientMatrices<Scalar> {
        CoefficientRecords.matrices(of: system, logDomainSize: logDomainSize) { $0 }
    }

    /// τ^(n+i) − τ^i in bit-reversed order of i < n − 1; nothing for i = n − 1, of which no quotient has any.
    private func quotientPoints(_ tau1: PointTable<Suite.G1>) -> [Affine<Suite.G1>] {
        let n = 1 << logDomainSize
        let differences = Suite.G1.cpuDifferences(
            tau1.slice(n..<2 * n - 1), tau1.slice(0..<n - 1), parallel)
        var points = [Affine<Suite.G1>](repeating: .identity, count: n)
        for (index, point) in differences.enumerated() { points[reversed(index)] = point }
        return points
    }

    /// BLAKE2b-512 over a key before contributions, all of it but the matrices, and over the lists of wires:
    /// an r1cs of circom's does not hold them, and a key with one committed wire left out is unsound.
    ///
    /// The hash that makes challenges is not in it: two keys of one ceremony may differ in that.
    private func circuitHash(_ key: CommittedKey<Suite>) -> [UInt8] {
        var hash = TranscriptHash<Suite>()
        let (mine, theirs) = (key.provingKey, key.verifyingKey)
        hash.update(bytes: CommittedTranscript<Suite>.label + Array(" circuit".utf8))
        for count in [mine.variableCount, mine.publicCount, mine.logDomainSize, mine.commitments.count] {
            hash.update(count: count)
        }
        for commitment in key.commitments {
            for list in [commitment.committed, commitment.hashed, [commitment.challenge]] {
                hash.update(count: list.count)
                for wire in list { hash.update(count: Int(wire)) }
            }
        }
        hash.update(mine.alpha1)
        hash.update(mine.beta1)
        hash.update(mine.beta2)
        hash.update(theirs.gamma2)
        hash.update(mine.delta1)
        hash.update(mine.delta2)
        hash.update(theirs.generator)
        for commitment in theirs.commitments { hash.update(commitment.negativeSigma) }
        let tables =
            [PointTable(theirs.ic)] + mine.commitments.map(\.basis)
            + [mine.h, mine.witness.c, mine.witness.a, mine.witness.b1]
        for table in tables {
            hash.update(count: table.count)
            hash.update(table, parallel)
        }
        hash.update(count: mine.witness.b2.count)
        hash.update(mine.witness.b2, parallel)
        return hash.finished()
    }
}
