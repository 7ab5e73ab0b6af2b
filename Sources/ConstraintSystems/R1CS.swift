// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// A rank-1 constraint system: for every i, ⟨Aᵢ, w⟩ · ⟨Bᵢ, w⟩ = ⟨Cᵢ, w⟩ over the wires w, of which w₀ = 1.
///
/// Wires are ordered as circom does: the constant, public outputs, public inputs, private inputs, the rest.
///
/// A system may have commitments: wires that no constraint defines, for their values come from a hash. What
/// does not know them must refuse such a system, for without them these wires are free.
public struct R1CS<Scalar: PrimeField>: Sendable {
    /// A term of a linear combination: coefficient times wire.
    public struct Term: Hashable, Sendable {
        /// The number of the wire.
        public var wire: UInt32
        /// What it is multiplied by.
        public var coefficient: Scalar

        /// `coefficient` times the value of `wire`.
        @inlinable
        public init(wire: UInt32, coefficient: Scalar) {
            self.wire = wire
            self.coefficient = coefficient
        }
    }

    /// A commitment inside of a proof, and its challenge c = H(D, hashed values): a wire that no constraint
    /// defines. D is the commitment to the values of the committed wires.
    ///
    /// - Reference: BSB22, as gnark has it: Botrel, Gutoski and Piellard 2022, "Commit-and-prove in gnark".
    public struct Commitment: Hashable, Sendable {
        /// The wires that are committed to, ascending: private, no challenges, and in no other commitment.
        /// The mask that hides the others is among them.
        public var committed: [UInt32]
        /// The wires whose values are hashed after the commitment, ascending: public ones, and the challenges
        /// of earlier commitments.
        public var hashed: [UInt32]
        /// The wire of the challenge.
        public var challenge: UInt32

        /// What is committed to, what is hashed, and the challenge that comes of it.
        public init(committed: [UInt32], hashed: [UInt32], challenge: UInt32) {
            self.committed = committed
            self.hashed = hashed
            self.challenge = challenge
        }
    }

    @usableFromInline var termStorage: [Term] = []
    @usableFromInline var endStorage: [Int] = []

    /// All terms of all constraints, one after another; the combination with index 3·i + k (k = 0 A, 1 B, 2
    /// C) is `terms[ends[3·i + k − 1] ..< ends[3·i + k]]`.
    @inlinable public var terms: [Term] { termStorage }
    /// Where each combination ends in `terms`.
    @inlinable public var ends: [Int] { endStorage }

    /// The number of wires, the constant one included.
    public let wireCount: Int
    /// How many public outputs there are.
    public let publicOutputCount: Int
    /// How many public inputs there are.
    public let publicInputCount: Int
    /// How many private inputs are declared; there may be fewer wires.
    public let privateInputCount: Int
    /// The commitments, in the order of their challenges; none in a system that was read from a file.
    public private(set) var commitments: [Commitment] = []

    /// The number of constraints.
    @inlinable public var constraintCount: Int { endStorage.count / 3 }
    /// The number of public wires, without the constant one.
    public var publicCount: Int { publicOutputCount + publicInputCount }

    /// A system without constraints; `append(combination:)` adds them.
    ///
    /// - Precondition: there is a wire.
    public init(wireCount: Int, publicOutputCount: Int, publicInputCount: Int, privateInputCount: Int) {
        precondition(wireCount > 0)
        self.wireCount = wireCount
        self.publicOutputCount = publicOutputCount
        self.publicInputCount = publicInputCount
        self.privateInputCount = privateInputCount
    }

    /// Takes the constraints as `terms` and `ends` give them.
    ///
    /// - Precondition: `ends` has three entries a constraint, ascending, the last one the number of terms;
    ///   every wire is below `wireCount`.
    public init(
        wireCount: Int, publicOutputCount: Int, publicInputCount: Int, privateInputCount: Int,
        terms: [Term], ends: [Int]
    ) {
        self.init(
            wireCount: wireCount, publicOutputCount: publicOutputCount, publicInputCount: publicInputCount,
            privateInputCount: privateInputCount)
        precondition(ends.count % 3 == 0 && ends.last ?? 0 == terms.count)
        precondition(terms.allSatisfy { $0.wire < wireCount } && zip(ends, ends.dropFirst()).allSatisfy(<=))
        termStorage = terms
        endStorage = ends
    }

    /// Makes room for so many terms and constraints.
    @inlinable
    public mutating func reserve(terms termCount: Int, constraints: Int) {
        termStorage.reserveCapacity(termCount)
        endStorage.reserveCapacity(3 * constraints)
    }

    /// Ends the linear combination under way (A, B, C in turn) with the given terms; three calls make a
    /// constraint.
    ///
    /// - Precondition: every wire is below `wireCount`.
    @inlinable
    public mutating func append(combination: some Sequence<Term>) {
        for term in combination { append(term) }
        endCombination()
    }

    /// Adds one term to the linear combination under way.
    ///
    /// - Precondition: the wire is below `wireCount`.
    @inlinable
    public mutating func append(_ term: Term) {
        precondition(term.wire < wireCount)
        termStorage.append(term)
    }

    /// Ends the linear combination under way.
    @inlinable
    public mutating func endCombination() { endStorage.append(termStorage.count) }

    /// Adds a commitment after those that there are.
    ///
    /// - Precondition: it is as `Commitment` says, and its challenge is no other commitment's and committed
    ///   to by none.
    public mutating func append(_ commitment: Commitment) {
        func isAscending(_ wires: [UInt32]) -> Bool { zip(wires, wires.dropFirst()).allSatisfy(<) }
        precondition(isAscending(commitment.committed) && isAscending(commitment.hashed))
        let all = commitments + [commitment]
        let challenges = Set(all.map(\.challenge))
        let committed = all.flatMap(\.committed)
        precondition(challenges.count == all.count && Set(committed).count == committed.count)
        precondition((committed + challenges).allSatisfy { Int($0) > publicCount && Int($0) < wireCount })
        precondition(challenges.isDisjoint(with: committed))
        let earlier = Set(commitments.map(\.challenge))
        precondition(
            commitment.hashed.allSatisfy { (1...UInt32(publicCount)).contains($0) || earlier.contains($0) })
        commitments = all
    }

    /// The terms of combination `part` (0 A, 1 B, 2 C) of a constraint.
    @inlinable
    public func combination(_ part: Int, of constraint: Int) -> ArraySlice<Term> {
        let index = 3 * constraint + part
        return termStorage[(index == 0 ? 0 : endStorage[index - 1])..<endStorage[index]]
    }

    /// The index of the first constraint that canonical `witness` violates; `nil` when all hold. Challenges
    /// of commitments are taken as they are.
    ///
    /// - Precondition: `witness` has `wireCount` values below the field's order.
    /// - Complexity: one product a term with a wire that is not zero, and two a constraint.
    @inlinable
    public func firstViolated(by witness: Span<Scalar.Limbs>) -> Int? {
        precondition(witness.count == wireCount)
        // Canonical limbs w taken as Montgomery limbs are the element w/R. Sums s over such terms are ⟨·,
        // w⟩/R, so the constraint reads s_A·s_B = s_C/R, and 1/R is the element whose Montgomery limbs are
        // the integer 1.
        var one = Scalar.Limbs.zero
        one[0] = 1
        let inverseR = Scalar(montgomery: one)
        return (0..<constraintCount).first { constraint in
            let left = scaledSum(0, of: constraint, witness)
            let right = scaledSum(1, of: constraint, witness)
            return left * right != scaledSum(2, of: constraint, witness) * inverseR
        }
    }

    /// ⟨·, w⟩/R for one combination.
    @inlinable
    func scaledSum(
        _ part: Int, of constraint: Int, _ witness: Span<Scalar.Limbs>
    ) -> Scalar {
        combination(part, of: constraint).reduce(Scalar.zero) { sum, term in
            let value = witness[Int(term.wire)]
            return value == .zero ? sum : sum + term.coefficient * Scalar(montgomery: value)
        }
    }
}
