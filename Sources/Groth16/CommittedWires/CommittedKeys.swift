// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
public import Failures
import FiniteFields

/// What checks the Groth16 proofs of a circuit that is given challenges: it commits to some of its wires, and
/// gets hashes of the commitments as further wires.
///
/// Such a key is no `VerifyingKey`, and none can be made of it: by the equation of plain keys a prover could
/// choose the challenges. What takes a `VerifyingKey` takes plain ones only. All points are affine,
/// Montgomery form.
///
/// Who knows the σ of a commitment can prove anything: a key that shows one is refused (`CommittedKeyFault`).
///
/// - Reference: Belling, Soleimanian and Bégassat 2022, "Recursion over public-coin interactive proof
///   systems; faster hash verification" (BSB22), ePrint 2022/1072; the proofs of knowledge are folded as in
///   gnark.
public struct CommittedVerifyingKey<Suite: CurveSuite>: Hashable, Sendable {
    /// One commitment of the circuit.
    public struct Commitment: Hashable, Sendable {
        /// What is hashed behind the commitment, in this order: index j from 1 to the number of public inputs
        /// n is public input j − 1, and n + 1 + k is challenge k, which has to be of an earlier commitment.
        public var hashed: [Int]
        /// −σ·G, where the proof of knowledge needs multiples by σ of the committed wires' points.
        public var negativeSigma: Affine<Suite.G2>

        /// A commitment of the given parts, which the key's initialiser checks.
        public init(hashed: [Int], negativeSigma: Affine<Suite.G2>) {
            self.hashed = hashed
            self.negativeSigma = negativeSigma
        }
    }

    /// The points that the key shares with plain ones. It stays inside of this module: see above.
    let base: VerifyingKey<Suite>
    /// G, by which all commitments' σ are multiplied.
    public let generator: Affine<Suite.G2>
    /// The commitments, in the order of their challenges. Never empty.
    public let commitments: [Commitment]
    /// What makes challenges of commitments.
    public let hash: CommitmentHash

    /// A key of the given parts; whether the points are on their curves and in their subgroups is for readers
    /// to say.
    ///
    /// - Parameters:
    ///   - alpha1: α·G₁.
    ///   - beta2: β·G₂.
    ///   - gamma2: γ·G₂.
    ///   - delta2: δ·G₂.
    ///   - ic: a point for the constant one, one for each public input, then one for each challenge.
    ///   - generator: G.
    ///   - commitments: in the order of their challenges.
    ///   - hash: what makes the challenges.
    /// - Throws: what makes the key malformed, or lets anybody forge proofs.
    public init(
        alpha1: Affine<Suite.G1>, beta2: Affine<Suite.G2>, gamma2: Affine<Suite.G2>, delta2: Affine<Suite.G2>,
        ic: [Affine<Suite.G1>], generator: Affine<Suite.G2>, commitments: [Commitment], hash: CommitmentHash
    ) throws(CommittedKeyFault) {
        guard !commitments.isEmpty else { throw .noCommitments }
        guard hash.serves(Suite.id) else { throw .hashOfOtherField(hash) }
        guard ic.count > commitments.count else {
            throw .pointCount(expected: commitments.count + 1, found: ic.count)
        }
        let publicCount = ic.count - 1 - commitments.count
        guard !generator.isIdentity else { throw .generatorIsIdentity }
        var seen: [Suite.G2.BaseField: Int] = [:]
        for (k, commitment) in commitments.enumerated() {
            if let index = commitment.hashed.first(where: { !(1..<publicCount + k + 1).contains($0) }) {
                throw .hashedIndex(commitment: k, index: index, limit: publicCount + 1 + k)
            }
            guard !commitment.negativeSigma.isIdentity else { throw .sigmaIsZero(commitment: k) }
            guard commitment.negativeSigma.x != generator.x else { throw .sigmaIsOne(commitment: k) }
            // Of points of the curve, those with one x are each other's negatives.
            if let j = seen.updateValue(k, forKey: commitment.negativeSigma.x) { throw .sameSigma(j, k) }
        }
        base = VerifyingKey(alpha1: alpha1, beta2: beta2, gamma2: gamma2, delta2: delta2, ic: ic)
        self.generator = generator
        self.commitments = commitments
        self.hash = hash
    }

    /// α·G₁.
    public var alpha1: Affine<Suite.G1> { base.alpha1 }
    /// β·G₂.
    public var beta2: Affine<Suite.G2> { base.beta2 }
    /// γ·G₂.
    public var gamma2: Affine<Suite.G2> { base.gamma2 }
    /// δ·G₂.
    public var delta2: Affine<Suite.G2> { base.delta2 }
    /// A point for the constant one, one for each public input, then one for each challenge.
    public var ic: [Affine<Suite.G1>] { base.ic }
    /// The number of public inputs, without the constant one and the challenges.
    public var publicCount: Int { base.ic.count - 1 - commitments.count }
    /// What the key gives away, as far as it can be seen without work; see that of a plain key.
    public var openSecret: OpenSecret? {
        // A challenge binds what it is a hash of.
        let hashed = Set(commitments.flatMap(\.hashed))
        let secret = base.openSecret(
            boundByPoints: (1..<publicCount + 1).filter { !hashed.contains($0) })
        let others = [("delta", delta2), ("beta", beta2), ("gamma", gamma2)]
        for (k, commitment) in commitments.enumerated() where secret == nil {
            if let other = others.first(where: { $0.1.x == commitment.negativeSigma.x }) {
                return .related("sigma of commitment \(k) is \(other.0)")
            }
            let first = generator.multiplied(by: Self.firstSigma(k)).affine
            if first.x == commitment.negativeSigma.x {
                return .related("sigma of commitment \(k) is \(k + 2): nobody has contributed to it")
            }
            // One factor for two secrets: their ratio is that of the beginning.
            if delta2.multiplied(by: Self.firstSigma(k)).affine.x == commitment.negativeSigma.x {
                return .related("sigma of commitment \(k) is \(k + 2) times delta")
            }
            let own = commitment.negativeSigma
            for j in 0..<k {
                let other = commitments[j].negativeSigma.multiplied(by: Self.firstSigma(k)).affine
                if own.multiplied(by: Self.firstSigma(j)).affine.x == other.x {
                    return .related("sigma of commitments \(j) and \(k) are as \(j + 2) to \(k + 2)")
                }
            }
        }
        guard case .unboundInput(let number) = secret, number > publicCount else { return secret }
        return .related(
            "challenge \(number - publicCount - 1) is bound by nothing (its IC point is the identity)")
    }

    /// The σ of a commitment that keys from powers of tau begin with, before anybody contributed: k + 2 for
    /// commitment k. As δ = 1 it is no secret; it is there for the σ to differ from each other and from ±1 at
    /// any time.
    package static func firstSigma(_ commitment: Int) -> Suite.Fr { Suite.Fr(UInt64(commitment + 2)) }

    /// The challenge of commitment `number`.
    ///
    /// - Parameters:
    ///   - point: the commitment.
    ///   - known: the public inputs, then the challenges of all earlier commitments.
    package func challenge(_ number: Int, of point: Affine<Suite.G1>, known: [Suite.Fr]) -> Suite.Fr {
        challenge(number, of: point, hashed: commitments[number].hashed.map { known[$0 - 1] })
    }

    /// The challenge of commitment `number`, by the values of what it hashes, in the order of `hashed`.
    ///
    /// - Precondition: there are as many values as it hashes.
    package func challenge(_ number: Int, of point: Affine<Suite.G1>, hashed values: [Suite.Fr]) -> Suite.Fr {
        precondition(values.count == commitments[number].hashed.count)
        return hash.challenge(CommitmentHash.bytes(point), values)
    }

    /// The challenges of all commitments.
    ///
    /// - Precondition: there are as many points as commitments, and as many public inputs as the key wants.
    package func challenges(of points: [Affine<Suite.G1>], publicInputs: [Suite.Fr]) -> [Suite.Fr] {
        var known = publicInputs
        for (number, point) in points.enumerated() {
            known.append(challenge(number, of: point, known: known))
        }
        return Array(known[publicInputs.count...])
    }
}

/// Why something is no key of a circuit with commitments, or none that proves anything.
public enum CommittedKeyFault: CodedError, Equatable {
    /// There is no commitment: it is a plain key.
    case noCommitments
    /// The hash makes no challenges for the key's curve.
    case hashOfOtherField(CommitmentHash)
    /// There are fewer points than challenges need.
    case pointCount(expected: Int, found: Int)
    /// A commitment hashes the constant one, its own challenge or a later one, or nothing that there is.
    case hashedIndex(commitment: Int, index: Int, limit: Int)
    /// Commitments are to different generators G.
    case differentGenerators(commitment: Int)
    /// G is the identity: any proof of knowledge holds.
    case generatorIsIdentity
    /// A σ is 0: nothing has to be known of the commitment.
    case sigmaIsZero(commitment: Int)
    /// A σ is 1 or −1, which everybody knows.
    case sigmaIsOne(commitment: Int)
    /// Two commitments have one σ, but for the sign: points of the one can be used in the other.
    case sameSigma(Int, Int)

    /// The kind of failure.
    public var code: FailureCode { .badInput }
    /// A sentence for people.
    public var message: String {
        switch self {
        case .noCommitments: "the key has no commitments"
        case .hashOfOtherField(let hash):
            "\(hash.rawValue) makes challenges on BN254 only, and the key is on another curve"
        case .pointCount(let expected, let found):
            "the key needs \(Count.text(expected, "point")) for the constant one and its challenges, and has \(found)"
        case .hashedIndex(let commitment, let index, let limit):
            limit > 1
                ? "commitment \(commitment) hashes index \(index), where only 1 to \(limit - 1) are known before its challenge"
                : "commitment \(commitment) hashes index \(index), where nothing is known before its challenge"
        case .differentGenerators(let commitment):
            "commitment \(commitment) is to another generator G than commitment 0"
        case .generatorIsIdentity:
            "the commitments' generator G is the point at infinity: anybody can forge proofs"
        case .sigmaIsZero(let commitment):
            "sigma of commitment \(commitment) is 0: anybody can forge proofs"
        case .sigmaIsOne(let commitment):
            "sigma of commitment \(commitment) is 1 or -1: anybody can forge proofs"
        case .sameSigma(let first, let second):
            "commitments \(first) and \(second) have one sigma, but for the sign: each can be opened with the other's points"
        }
    }
}

/// A Groth16 proof of a circuit that commits to some of its wires. As a plain one it can be changed into
/// another one of the same statement: never use its bytes as an identifier.
public struct CommittedProof<Suite: CurveSuite>: Hashable, Sendable {
    /// A of the equation: affine, Montgomery form, as all points here.
    public var a: Affine<Suite.G1>
    /// B of the equation.
    public var b: Affine<Suite.G2>
    /// C of the equation.
    public var c: Affine<Suite.G1>
    /// D, one commitment to wires for each of the key.
    public var commitments: [Affine<Suite.G1>]
    /// The proof that the prover knows what the commitments are made of.
    public var knowledge: Affine<Suite.G1>

    /// A proof of the given points, which are not checked: a verifier does that.
    public init(
        a: Affine<Suite.G1>, b: Affine<Suite.G2>, c: Affine<Suite.G1>, commitments: [Affine<Suite.G1>],
        knowledge: Affine<Suite.G1>
    ) {
        self.a = a
        self.b = b
        self.c = c
        self.commitments = commitments
        self.knowledge = knowledge
    }
}
