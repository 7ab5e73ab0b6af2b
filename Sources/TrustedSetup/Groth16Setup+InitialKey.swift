// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
public import Groth16

extension Groth16Setup {
    /// The key that a ceremony's powers of tau determine for the circuit: the second phase's beginning. δ is
    /// one still: **nobody may use the key before a contribution** (see `SetupContribution`), for with δ = γ
    /// proofs can be forged.
    ///
    /// - Precondition: the powers are for this setup's domain.
    public func initialKey(
        _ powers: PowersOfTau<Suite>, observe: (String) -> Void = { _ in }
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        precondition(powers.logDomainSize == logDomainSize)
        let tables = powers.tables
        observe("matrices")
        let forms = LinearForms(system)
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
        let publics = system.publicCount
        let key = ProvingKey<Suite>(
            verifyingKey: VerifyingKey(
                alpha1: powers.alpha1, beta2: tables.beta2, gamma2: Suite.G2.generator,
                delta2: Suite.G2.generator,
                ic: Array(combined[...publics])),
            beta1: powers.beta1, delta1: Suite.G1.generator, variableCount: system.wireCount,
            logDomainSize: logDomainSize,
            a: PointTable(a), b1: PointTable(b1), b2: PointTable(b2),
            c: PointTable(Array(combined[(publics + 1)...])),
            h: PointTable((0..<domainSize).map { tables.doubledLagrangeTau1[2 * $0 + 1] }),
            coefficients: coefficients())
        observe("hash")
        return (key, SetupTranscript(circuitHash: circuitHash(key, powers), contributions: []))
    }

    /// snarkjs' hash of a key before contributions: its points, and τ^(n+i) − τ^i in place of H.
    private func circuitHash(_ key: ProvingKey<Suite>, _ powers: PowersOfTau<Suite>) -> [UInt8] {
        var hash = TranscriptHash<Suite>()
        let vk = key.verifyingKey
        hash.update(vk.alpha1)
        hash.update(key.beta1)
        hash.update(vk.beta2)
        hash.update(vk.gamma2)
        hash.update(key.delta1)
        hash.update(vk.delta2)
        func update(_ table: PointTable<Suite.G1>) {
            hash.update(count: table.count)
            hash.update(table, parallel)
        }
        update(PointTable(vk.ic))
        // snarkjs hashes in chunks of 2^14, and where there are several one point more than it counts.
        let n = domainSize
        let count = min(n <= 1 << 14 ? n - 1 : n, powers.tables.tau1.count - n)
        hash.update(count: n - 1)
        let differences = Suite.G1.cpuDifferences(
            powers.tables.tau1.slice(n..<n + count), powers.tables.tau1.slice(0..<count), parallel)
        hash.update(PointTable(differences), parallel)
        update(key.c)
        update(key.a)
        update(key.b1)
        hash.update(count: key.b2.count)
        hash.update(key.b2, parallel)
        return hash.finished()
    }
}

/// BLAKE2b over points in snarkjs' uncompressed form: big-endian canonical coordinates, the second of Fp2
/// first, all zero for the identity.
struct TranscriptHash<Suite: ComputeSuite> {
    private var hash = Blake2b()

    mutating func update(bytes: [UInt8]) { hash.update(bytes) }

    mutating func update(count: Int) {
        hash.update((0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * $0)) })
    }

    mutating func update<Group: CurveGroup>(_ point: Affine<Group>) where Group.Scalar == Suite.Fr {
        hash.update(Self.bytes(of: PointTable([point])))
    }

    mutating func update<Group: CurveGroup>(
        _ points: PointTable<Group>, _ parallel: Parallel
    ) where Group.Scalar == Suite.Fr {
        update(points.count, parallel) { Self.bytes(of: points.slice($0)) }
    }

    private static func bytes<Group: CurveGroup>(of points: PointTable<Group>) -> [UInt8] {
        Suite.cpuBigEndianBytes(
            of: points.bytes,
            degree: MemoryLayout<Group.BaseField>.stride / MemoryLayout<Suite.Fp>.stride)
    }

    /// Takes in the bytes of ranges of points, which are made on several threads.
    private mutating func update(_ count: Int, _ parallel: Parallel, _ bytes: (Range<Int>) -> [UInt8]) {
        let (chunk, chunks) = (4096, 4 * parallel.threads)
        for start in stride(from: 0, to: count, by: chunk * chunks) {
            let part = start..<min(start + chunk * chunks, count)
            let parts = perChunk(part.count, parallel, chunk: chunk) { range in
                [bytes(part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound)]
            }
            for part in parts { hash.update(part) }
        }
    }

    func finished() -> [UInt8] { hash.finished() }
}
