// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves

/// What a backend needs of a Groth16 key for the sums of a proof.
public struct Groth16Tables<Suite: CurveSuite>: Sendable {
    /// The matrices A and B of the constraints.
    public let coefficients: CoefficientMatrices<Suite.Fr>
    /// The binary logarithm of the domain's size.
    public let logDomainSize: Int
    /// One point for each element of the domain.
    public let h: PointTable<Suite.G1>
    /// The points whose scalars are the witness.
    public let witness: WitnessTables<Suite>

    /// Takes the parts of one key.
    public init(
        coefficients: CoefficientMatrices<Suite.Fr>, logDomainSize: Int, h: PointTable<Suite.G1>,
        witness: WitnessTables<Suite>
    ) {
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
