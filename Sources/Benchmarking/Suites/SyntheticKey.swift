// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16

/// What a trusted setup has to forget, here drawn from a seed: whoever knows it can forge proofs.
///
/// - Reference: Groth 2016, §3.2; rows, tables and the H points as in snarkjs' keys (see `ProvingKey`).
struct SyntheticSetup<Suite: ComputeSuite> {
    typealias Fr = Suite.Fr

    private let tau, alpha, beta, gamma, delta: Fr
    private let g1 = GeneratorMultiples<Suite.G1>()
    private let g2 = GeneratorMultiples<Suite.G2>()

    init(seed: UInt64) {
        var stream = SeededStream(seed: seed, "\(Fr.name) setup")
        tau = .random(using: &stream)
        alpha = .random(using: &stream)
        beta = .random(using: &stream)
        gamma = .random(using: &stream)
        delta = .random(using: &stream)
    }

    /// The proving key of a circuit. The secrets are taken not to be zero or roots of unity.
    func key(for circuit: SyntheticCircuit<Fr>) throws(BenchmarkError) -> ProvingKey<Suite> {
        let (rows, quotient) = lagrangeValues(logSize: circuit.logSize)
        let wires = circuit.witness.count
        let (a, b, c) = (
            columns(circuit.a, rows, count: wires), columns(circuit.b, rows, count: wires),
            columns(circuit.c, rows, count: wires)
        )
        let publics = circuit.publicCount + 1
        let (overGamma, overDelta) = (gamma.inverse() ?? .zero, delta.inverse() ?? .zero)
        let combined = (0..<wires).map {
            (beta * a[$0] + alpha * b[$0] + c[$0]) * ($0 < publics ? overGamma : overDelta)
        }
        let coefficients: CoefficientMatrices<Suite.Fr>
        do { coefficients = try Self.records(circuit) } catch { throw BenchmarkError(error) }
        let verifyingKey = VerifyingKey<Suite>(
            alpha1: g1[alpha].affine, beta2: g2[beta].affine, gamma2: g2[gamma].affine,
            delta2: g2[delta].affine, ic: combined[..<publics].map { g1[$0].affine })
        return ProvingKey(
            verifyingKey: verifyingKey, beta1: g1[beta].affine, delta1: g1[delta].affine,
            variableCount: wires, logDomainSize: circuit.logSize,
            a: g1.table(a), b1: g1.table(b), b2: g2.table(b), c: g1.table(Array(combined[publics...])),
            h: g1.table(quotient.map { $0 * overDelta }), coefficients: coefficients)
    }

    /// The values at τ of the Lagrange polynomials: those of the domain, and the odd ones of the doubled
    /// domain.
    ///
    /// Lⱼ(τ) = (τⁿ − 1)/n · ωʲ/(τ − ωʲ).
    private func lagrangeValues(logSize: Int) -> (rows: [Fr], quotient: [Fr]) {
        let size = 1 << logSize
        let root = EvaluationDomain<Fr>.root(log: logSize + 1)
        var powers: [Fr] = []
        powers.reserveCapacity(2 * size)
        var power = Fr.one
        for _ in 0..<2 * size {
            powers.append(power)
            power *= root
        }
        var inverses = powers.map { tau - $0 }
        Fr.batchInvert(&inverses)
        let tauPower = tau.power(UInt64(size))
        let half = Fr(2).inverse() ?? .zero
        let factor = (tauPower - .one) * (Fr(UInt64(size)).inverse() ?? .zero)
        let doubledFactor = factor * (tauPower + .one) * half
        return (
            (0..<size).map { factor * powers[2 * $0] * inverses[2 * $0] },
            (0..<size).map { doubledFactor * powers[2 * $0 + 1] * inverses[2 * $0 + 1] }
        )
    }

    /// The polynomial of each of a matrix' columns, at τ.
    private func columns(_ matrix: [SyntheticCircuit<Fr>.Entry], _ rows: [Fr], count: Int) -> [Fr] {
        var columns = [Fr](repeating: .zero, count: count)
        for entry in matrix { columns[entry.wire] += entry.coefficient * rows[entry.row] }
        return columns
    }

    private static func records(
        _ circuit: SyntheticCircuit<Fr>
    ) throws(CoefficientMatrices<Fr>.Fault) -> CoefficientMatrices<Fr> {
        let stride = CoefficientMatrices<Fr>.recordSize
        let storage = RecordStorage(byteCount: (circuit.a.count + circuit.b.count) * stride)
        var offset = 0
        for (matrix, entries) in [circuit.a, circuit.b].enumerated() {
            for entry in entries {
                for (i, value) in [matrix, entry.row, entry.wire].enumerated() {
                    storage.bytes.storeBytes(
                        of: UInt32(value).littleEndian, toByteOffset: offset + 4 * i, as: UInt32.self)
                }
                // The Montgomery form of the Montgomery form is the value times R².
                let limbs = Fr(canonical: entry.coefficient.montgomery)?.montgomery ?? .zero
                storage.bytes.storeBytes(of: limbs, toByteOffset: offset + 12, as: Fr.Limbs.self)
                offset += stride
            }
        }
        return try CoefficientMatrices(
            viewing: UnsafeRawBufferPointer(storage.bytes), owner: storage,
            rowCount: 1 << circuit.logSize, columnCount: circuit.witness.count)
    }
}

/// The memory of a key's coefficients.
private final class RecordStorage {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) { bytes = .allocate(byteCount: byteCount, alignment: 8) }

    deinit { bytes.deallocate() }
}

/// Multiples of a group's generator, each the sum of one entry d·2^(8j)·G, d < 256, for every byte of the
/// scalar.
struct GeneratorMultiples<Group: CurveGroup> {
    private let entries: [Affine<Group>]

    init() {
        var points: [Jacobian<Group>] = []
        var base = Jacobian(Group.generator)
        for _ in 0..<Group.Scalar.byteCount {
            var point = Jacobian<Group>.identity
            for _ in 0..<256 {
                points.append(point)
                point += base
            }
            base = point
        }
        entries = Jacobian.batchAffine(points)
    }

    subscript(scalar: Group.Scalar) -> Jacobian<Group> {
        let limbs = scalar.canonical
        var sum = XYZZ<Group>.identity
        for window in 0..<Group.Scalar.byteCount {
            let digit = Int(limbs[window / 8] >> UInt64(window % 8 * 8) & 255)
            if digit != 0 { sum += entries[window << 8 | digit] }
        }
        return sum.jacobian
    }

    /// The multiples by all scalars.
    func table(_ scalars: [Group.Scalar]) -> PointTable<Group> {
        .making(count: scalars.count, chunk: 256) { range in range.map { self[scalars[$0]] } }
    }
}
