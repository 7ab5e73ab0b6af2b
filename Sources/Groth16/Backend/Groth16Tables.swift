// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves

/// What a key's H points are multiplied by: one of two forms of the quotient of A·B − C by Xⁿ − 1.
public enum QuotientForm: Sendable, CaseIterable {
    /// A·B − C on the odd coset, as in snarkjs' keys: see `Groth16Backend.quotient`.
    case values
    /// The quotient's coefficients, as in gnark's keys and in those with commitments: see
    /// `Groth16Backend.quotientCoefficients`.
    case coefficients
}

/// What a backend needs of a Groth16 key for the sums of a proof.
public struct Groth16Tables<Suite: CurveSuite>: Sendable {
    /// The matrices A and B of the constraints.
    public let coefficients: CoefficientMatrices<Suite.Fr>
    /// The binary logarithm of the domain's size.
    public let logDomainSize: Int
    /// One point for each element of the domain.
    public let h: PointTable<Suite.G1>
    /// What the H points are multiplied by.
    public let form: QuotientForm
    /// The points whose scalars are the witness.
    public let witness: WitnessTables<Suite>

    /// Takes the parts of one key.
    public init(
        coefficients: CoefficientMatrices<Suite.Fr>, logDomainSize: Int, h: PointTable<Suite.G1>,
        form: QuotientForm = .values, witness: WitnessTables<Suite>
    ) {
        self.form = form
        self.coefficients = coefficients
        self.logDomainSize = logDomainSize
        self.h = h
        self.witness = witness
    }

    /// - Throws: where a table or the matrices do not fit the domain and a witness of so many values.
    package func check(_ witnessCount: Int) throws(ComputeError) {
        try coefficients.check(witnessCount: witnessCount, logDomainSize: logDomainSize)
        guard h.count == 1 << logDomainSize else {
            throw .lengthMismatch(operation: "H MSM", left: h.count, right: 1 << logDomainSize)
        }
        try witness.check(witnessCount)
    }
}

extension Groth16Tables where Suite: ComputeSuite {
    /// The same tables with multiples of their points in memory, and what the multiples take, in bytes; 0
    /// where the budget is too small for any. See `ProvingKey.precomputed`.
    func precomputed(budget: Int, parallel: Parallel) -> (tables: Groth16Tables, bytes: Int) {
        let wires = witness.a.count
        let g1 = PointTable<Suite.G1>.stride
        let perWire = 3 * g1 + PointTable<Suite.G2>.stride
        // In proportion to the tables' sizes, for each saves in proportion to its own.
        let all = wires * perWire + h.count * g1
        let forH = Int(Double(budget) * Double(h.count * g1) / Double(all))
        var (h, witness, bytes) = (h, witness, 0)
        if let plan = MultiplesPlan.best(
            terms: h.count, of: Suite.Fr.self, bytesPerTerm: g1, budget: forH)
        {
            bytes += plan.levels * h.count * g1
            h = Suite.G1.cpuPrecompute(h, terms: h.count, plan, parallel)
        }
        if let plan = MultiplesPlan.best(
            terms: wires, of: Suite.Fr.self, bytesPerTerm: perWire, budget: budget - bytes)
        {
            witness = WitnessTables(
                a: Suite.G1.cpuPrecompute(witness.a, terms: wires, plan, parallel),
                b1: Suite.G1.cpuPrecompute(witness.b1, terms: wires, plan, parallel),
                b2: Suite.G2.cpuPrecompute(witness.b2, terms: wires, plan, parallel),
                c: Suite.G1.cpuPrecompute(witness.c, terms: wires, plan, parallel))
            bytes += plan.levels * wires * perWire
        }
        let tables = Groth16Tables(
            coefficients: coefficients, logDomainSize: logDomainSize, h: h, form: form, witness: witness)
        return (tables, bytes)
    }
}

/// The sums of a Groth16 proof, before blinding.
public struct Groth16Sums<Suite: CurveSuite>: Equatable, Sendable {
    /// The quotient's scalars times the key's H points.
    public var h: Affine<Suite.G1>
    /// The sums whose scalars are the witness.
    public var witness: WitnessSums<Suite>

    /// Takes the sums of one proof.
    public init(h: Affine<Suite.G1>, witness: WitnessSums<Suite>) {
        self.h = h
        self.witness = witness
    }
}

/// The parts of the computation of a proof's sums, in the order in which they run.
public enum Groth16Stage: Sendable, CaseIterable {
    /// The scalars of the H points.
    case quotient
    /// The sum over the H points, whose scalars are the quotient's.
    case msmH
    /// A, B1, B2 and C.
    case msmWitness
}
