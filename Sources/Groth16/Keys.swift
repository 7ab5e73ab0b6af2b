// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves
import FiniteFields

/// What checks a Groth16 proof. All points are affine, Montgomery form.
///
/// - Reference: Groth 2016, "On the size of pairing-based non-interactive arguments", §3.2.
public struct VerifyingKey<Suite: CurveSuite>: Hashable, Sendable {
    /// α·G₁.
    public var alpha1: Affine<Suite.G1>
    /// β·G₂.
    public var beta2: Affine<Suite.G2>
    /// γ·G₂.
    public var gamma2: Affine<Suite.G2>
    /// δ·G₂.
    public var delta2: Affine<Suite.G2>
    /// The public-input points: `ic[0]` stands for the constant one, `ic[i + 1]` for input i. Never empty.
    public var ic: [Affine<Suite.G1>]

    /// A key of the given points, which are not checked.
    ///
    /// - Precondition: `ic` is not empty.
    public init(
        alpha1: Affine<Suite.G1>, beta2: Affine<Suite.G2>, gamma2: Affine<Suite.G2>, delta2: Affine<Suite.G2>,
        ic: [Affine<Suite.G1>]
    ) {
        precondition(!ic.isEmpty)
        self.alpha1 = alpha1
        self.beta2 = beta2
        self.gamma2 = gamma2
        self.delta2 = delta2
        self.ic = ic
    }

    /// The number of public inputs, without the constant one.
    public var publicCount: Int { ic.count - 1 }
}

/// What makes Groth16 proofs of one circuit: snarkjs' form of the key, with its H points in the odd Lagrange
/// basis.
///
/// Wire 0 is the constant one; wires 1…publicCount are public. The tables may lie in a mapped file.
public struct ProvingKey<Suite: CurveSuite>: Sendable {
    /// What checks the proofs.
    public var verifyingKey: VerifyingKey<Suite>
    /// β·G₁.
    public var beta1: Affine<Suite.G1>
    /// δ·G₁.
    public var delta1: Affine<Suite.G1>
    /// The number of wires, the constant one included.
    public var variableCount: Int
    /// log₂ of the number of rows of the matrices.
    public var logDomainSize: Int
    /// A's points in G1, one a wire.
    public var a: PointTable<Suite.G1>
    /// B's points in G1, one a wire.
    public var b1: PointTable<Suite.G1>
    /// B's points in G2, one a wire.
    public var b2: PointTable<Suite.G2>
    /// One point a private wire: entry i belongs to wire i + publicCount + 1.
    public var c: PointTable<Suite.G1>
    /// `domainSize` points, L₂ᵢ₊₁(τ)/δ of the doubled domain.
    public var h: PointTable<Suite.G1>
    /// The matrices A and B of the constraints.
    public var coefficients: CoefficientMatrices<Suite.Fr>

    /// The number of public inputs, without the constant one.
    public var publicCount: Int { verifyingKey.publicCount }
    /// The number of rows of the matrices, a power of two.
    public var domainSize: Int { 1 << logDomainSize }
    /// What a backend needs for a proof's sums.
    public var tables: Groth16Tables<Suite> {
        Groth16Tables(
            coefficients: coefficients, logDomainSize: logDomainSize, h: h,
            witness: WitnessTables(a: a, b1: b1, b2: b2, c: c))
    }

    /// A key of the given parts, whose points are not checked.
    ///
    /// - Precondition: the tables have the lengths that the counts imply.
    public init(
        verifyingKey: VerifyingKey<Suite>, beta1: Affine<Suite.G1>, delta1: Affine<Suite.G1>,
        variableCount: Int, logDomainSize: Int,
        a: PointTable<Suite.G1>, b1: PointTable<Suite.G1>, b2: PointTable<Suite.G2>,
        c: PointTable<Suite.G1>, h: PointTable<Suite.G1>, coefficients: CoefficientMatrices<Suite.Fr>
    ) {
        precondition(a.count == variableCount && b1.count == variableCount && b2.count == variableCount)
        precondition(c.count == variableCount - verifyingKey.publicCount - 1 && h.count == 1 << logDomainSize)
        self.verifyingKey = verifyingKey
        self.beta1 = beta1
        self.delta1 = delta1
        self.variableCount = variableCount
        self.logDomainSize = logDomainSize
        self.a = a
        self.b1 = b1
        self.b2 = b2
        self.c = c
        self.h = h
        self.coefficients = coefficients
    }
}

/// A proving key on a curve that is known at run time only: to be handed, as `any ProvingKeyOnCurve`, to a
/// function that is generic over it.
public protocol ProvingKeyOnCurve<Suite>: Sendable {
    /// The curve that the key is for.
    associatedtype Suite: ComputeSuite

    /// The key itself.
    var key: ProvingKey<Suite> { get }
}

extension ProvingKey: ProvingKeyOnCurve where Suite: ComputeSuite {
    /// The value itself, as `ProvingKeyOnCurve` asks for it.
    public var key: ProvingKey { self }
}

extension ProvingKey where Suite: ComputeSuite {
    /// The same key with multiples of its points in memory, which make sums on the CPU shorter. Worth its
    /// time (some 20 µs a point of G1) only for a key that makes many proofs.
    ///
    /// - Parameters:
    ///   - budget: how many bytes the multiples may take.
    ///   - parallel: threads for the work.
    /// - Returns: the key, and what the multiples take; 0 where the budget is too small for any.
    public func precomputed(budget: Int, parallel: Parallel) -> (key: ProvingKey, bytes: Int) {
        let (tables, bytes) = self.tables.precomputed(budget: budget, parallel: parallel)
        var key = self
        key.h = tables.h
        (key.a, key.b1, key.b2, key.c) = (
            tables.witness.a, tables.witness.b1, tables.witness.b2, tables.witness.c
        )
        return (key, bytes)
    }
}

/// A Groth16 proof. (−A, −B, C) verifies as well: never use a proof's bytes as an identifier.
public struct Proof<Suite: CurveSuite>: Hashable, Sendable {
    /// A of the equation, a point of G1: affine, Montgomery form.
    public var a: Affine<Suite.G1>
    /// B of the equation, a point of G2: affine, Montgomery form.
    public var b: Affine<Suite.G2>
    /// C of the equation, a point of G1: affine, Montgomery form.
    public var c: Affine<Suite.G1>

    /// A proof of the given points, which are not checked: a verifier does that.
    public init(a: Affine<Suite.G1>, b: Affine<Suite.G2>, c: Affine<Suite.G1>) {
        self.a = a
        self.b = b
        self.c = c
    }
}
