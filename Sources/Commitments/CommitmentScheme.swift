// SPDX-License-Identifier: Apache-2.0

public import FiniteFields
public import Polynomials

/// A polynomial commitment scheme: who has committed to a polynomial can show its value at any point, and no
/// other value.
///
/// A scheme names its values; `PolynomialCommitter` is the prover's side of it and `OpeningVerifier` the
/// verifier's, each with its own part of the setup. `KZG` is the one there is.
///
/// - Reference: Kate, Zaverucha and Goldberg 2010, "Constant-size commitments to polynomials and their
///   applications", §3.1.
public protocol CommitmentScheme: Sendable {
    /// The field of the polynomials.
    associatedtype Scalar: PrimeField
    /// What stands for a polynomial. It binds, but hides nothing: equal polynomials have equal commitments.
    associatedtype Commitment: Hashable, Sendable
    /// What shows that a value is right.
    associatedtype Proof: Hashable, Sendable
}

/// The claim that a polynomial under a commitment has a value at a point, with its proof.
public struct Opening<Scheme: CommitmentScheme>: Hashable, Sendable {
    /// Where the polynomial is evaluated.
    public var point: Scheme.Scalar
    /// The polynomial's value at the point.
    public var value: Scheme.Scalar
    /// What shows that the value is right.
    public var proof: Scheme.Proof

    /// A claim as it is given: nothing is checked.
    public init(point: Scheme.Scalar, value: Scheme.Scalar, proof: Scheme.Proof) {
        self.point = point
        self.value = value
        self.proof = proof
    }
}

/// The prover's side of a scheme, with the setup's part for it.
public protocol PolynomialCommitter<Scheme>: Sendable {
    /// The scheme whose side this is.
    associatedtype Scheme: CommitmentScheme

    /// The most coefficients that a polynomial may have.
    var capacity: Int { get }

    /// The commitment to a polynomial.
    ///
    /// - Throws: `.tooManyCoefficients` above `capacity`, `.compute` where a backend fails.
    func commit(_ polynomial: Polynomial<Scheme.Scalar>) throws(CommitmentError) -> Scheme.Commitment

    /// The polynomial's value at `point`, with its proof. The point may be any.
    ///
    /// - Throws: as `commit`.
    func open(
        _ polynomial: Polynomial<Scheme.Scalar>, at point: Scheme.Scalar
    ) throws(CommitmentError) -> Opening<Scheme>
}

extension PolynomialCommitter {
    /// An opening for each point, in the order of the points, one after another.
    ///
    /// - Throws: as `commit`.
    public func open(
        _ polynomial: Polynomial<Scheme.Scalar>, at points: [Scheme.Scalar]
    ) throws(CommitmentError) -> [Opening<Scheme>] {
        var openings: [Opening<Scheme>] = []
        for point in points { openings.append(try open(polynomial, at: point)) }
        return openings
    }
}

/// The verifier's side of a scheme, with the setup's part for it.
public protocol OpeningVerifier<Scheme>: Sendable {
    /// The scheme whose side this is.
    associatedtype Scheme: CommitmentScheme

    /// Checks a claim about the polynomial under a commitment. Commitment and opening may come from anybody.
    func verify(_ commitment: Scheme.Commitment, _ opening: Opening<Scheme>) -> OpeningVerdict
}

extension OpeningVerifier {
    /// Checks one claim a commitment, one after another: `.valid`, or the first other verdict.
    public func verify(_ commitments: [Scheme.Commitment], _ openings: [Opening<Scheme>]) -> OpeningVerdict {
        guard commitments.count == openings.count else {
            return .count(commitments: commitments.count, openings: openings.count)
        }
        for (commitment, opening) in zip(commitments, openings) {
            let verdict = verify(commitment, opening)
            guard verdict == .valid else { return verdict }
        }
        return .valid
    }
}

/// What a check of an opening found.
public enum OpeningVerdict: Equatable, Sendable, CustomStringConvertible {
    /// The claim holds.
    case valid
    /// There are more or fewer openings than commitments.
    case count(commitments: Int, openings: Int)
    /// The commitment is no element of its group.
    case invalidCommitment
    /// The proof is no element of its group.
    case invalidProof
    /// The polynomial has not this value at this point, or the proof is another's.
    case equationFails

    public var description: String {
        switch self {
        case .valid: "valid"
        case .count(let commitments, let openings): "\(openings) openings of \(commitments) commitments"
        case .invalidCommitment:
            "the commitment is not a valid point: not on the curve, or not in the subgroup"
        case .invalidProof: "the proof is not a valid point: not on the curve, or not in the subgroup"
        case .equationFails: "the pairing equation does not hold"
        }
    }
}
