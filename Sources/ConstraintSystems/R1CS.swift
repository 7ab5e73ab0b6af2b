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

    /// A commitment inside of a proof, and its challenge.
    public typealias Commitment = WireCommitment

    /// The terms of one linear combination, in the order in which they were given.
    public struct Combination: RandomAccessCollection, Sendable {
        /// All terms of a block, each a wire and the number of a coefficient.
        @usableFromInline let storage: [UInt64]
        @usableFromInline let bounds: Range<Int>
        @usableFromInline let coefficients: [Scalar]

        @inlinable
        init(_ store: ConstraintStore<Scalar>, _ index: Int) {
            (storage, bounds) = store.place(of: index)
            coefficients = store.coefficients.values
        }

        @inlinable public var startIndex: Int { 0 }
        @inlinable public var endIndex: Int { bounds.count }

        @inlinable
        public subscript(position: Int) -> Term {
            precondition(position >= 0 && position < bounds.count)
            let term = storage[bounds.lowerBound + position]
            return Term(
                wire: ConstraintBlock.wire(term),
                coefficient: coefficients[Int(ConstraintBlock.number(term))])
        }

        /// The terms as they are kept: of combinations of one system they are equal where the terms are.
        package var packed: ArraySlice<UInt64> { storage[bounds] }
    }

    @usableFromInline var store: ConstraintStore<Scalar>

    /// The number of wires, the constant one included.
    public let wireCount: Int
    /// How many public outputs there are.
    public let publicOutputCount: Int
    /// How many public inputs there are.
    public let publicInputCount: Int
    /// How many private inputs are declared; there may be fewer wires.
    public let privateInputCount: Int
    /// The commitments, in the order of their challenges; none in a system from a file of circom's.
    public private(set) var commitments: [Commitment] = []

    /// The number of constraints.
    @inlinable public var constraintCount: Int { store.constraintCount }
    /// The number of terms of all constraints.
    public var termCount: Int { store.termCount }
    /// The number of public wires, without the constant one.
    public var publicCount: Int { publicOutputCount + publicInputCount }

    /// A system without constraints; `append(combination:)` adds them.
    ///
    /// - Precondition: there is a wire.
    public init(wireCount: Int, publicOutputCount: Int, publicInputCount: Int, privateInputCount: Int) {
        self.init(
            wireCount: wireCount, publicOutputCount: publicOutputCount, publicInputCount: publicInputCount,
            privateInputCount: privateInputCount, store: ConstraintStore())
    }

    /// The system of a store's constraints, which are not copied.
    ///
    /// - Precondition: there is a wire, and every wire of the constraints is below `wireCount`.
    package init(
        wireCount: Int, publicOutputCount: Int, publicInputCount: Int, privateInputCount: Int,
        store: ConstraintStore<Scalar>
    ) {
        precondition(wireCount > 0)
        self.wireCount = wireCount
        self.publicOutputCount = publicOutputCount
        self.publicInputCount = publicInputCount
        self.privateInputCount = privateInputCount
        self.store = store
    }

    /// Makes room for so many terms and constraints, but for no more than is kept in one piece.
    @inlinable
    public mutating func reserve(terms termCount: Int, constraints: Int) {
        store.reserve(terms: termCount, constraints: constraints)
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
        store.append(wire: term.wire, coefficient: term.coefficient)
    }

    /// Ends the linear combination under way.
    @inlinable
    public mutating func endCombination() { store.endCombination(raw: false) }

    /// Adds a commitment after those that there are.
    ///
    /// - Precondition: it is as `WireCommitment` says, and its challenge is no other commitment's and
    ///   committed to by none.
    public mutating func append(_ commitment: Commitment) {
        precondition(admits(commitment), "a commitment is to wires that cannot be committed to")
        commitments.append(commitment)
    }

    /// Adds commitments that a reader has checked, each as `append` does it: in a time in proportion to their
    /// size.
    package mutating func append(checked others: [Commitment]) { commitments += others }

    /// Whether a commitment may come after those that there are.
    package func admits(_ commitment: Commitment) -> Bool {
        func isAscending(_ wires: [UInt32]) -> Bool { zip(wires, wires.dropFirst()).allSatisfy(<) }
        guard isAscending(commitment.committed) && isAscending(commitment.hashed) else { return false }
        let wires = commitment.committed + [commitment.challenge]
        let own = Set(wires)
        guard own.count == wires.count,
            wires.allSatisfy({ Int($0) > publicCount && Int($0) < wireCount }),
            commitments.allSatisfy({ !own.contains($0.challenge) && own.isDisjoint(with: $0.committed) })
        else { return false }
        return commitment.hashed.allSatisfy { wire in
            wire > 0 && wire <= publicCount || commitments.contains { $0.challenge == wire }
        }
    }

    /// The terms of combination `part` (0 A, 1 B, 2 C) of a constraint.
    ///
    /// - Complexity: O(log of the number of terms).
    @inlinable
    public func combination(_ part: Int, of constraint: Int) -> Combination {
        Combination(store, 3 * constraint + part)
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
        for index in 0..<store.blockCount {
            let block = store.block(index)
            for constraint in 0..<block.constraintCount {
                let left = scaledSum(3 * constraint, of: block, witness)
                let right = scaledSum(3 * constraint + 1, of: block, witness)
                if left * right != scaledSum(3 * constraint + 2, of: block, witness) * inverseR {
                    return store.start(index) + constraint
                }
            }
        }
        return nil
    }

    /// ⟨·, w⟩/R for one combination.
    @inlinable
    func scaledSum(
        _ combination: Int, of block: ConstraintBlock, _ witness: Span<Scalar.Limbs>
    ) -> Scalar {
        var sum = Scalar.zero
        for place in block.bounds(of: combination) {
            let term = block.terms[place]
            let value = witness[Int(ConstraintBlock.wire(term))]
            if value != .zero {
                sum += store.coefficients[ConstraintBlock.number(term)] * Scalar(montgomery: value)
            }
        }
        return sum
    }
}

extension R1CS: Equatable {
    /// True where wires, commitments and constraints are the same, term by term in the same order.
    public static func == (a: R1CS, b: R1CS) -> Bool {
        a.wireCount == b.wireCount && a.publicOutputCount == b.publicOutputCount
            && a.publicInputCount == b.publicInputCount && a.privateInputCount == b.privateInputCount
            && a.commitments == b.commitments && a.hasSameConstraints(as: b)
    }

    /// True where the constraints are the same, term by term in the same order.
    public func hasSameConstraints(as other: R1CS) -> Bool {
        guard constraintCount == other.constraintCount && termCount == other.termCount else { return false }
        return (0..<3 * constraintCount).allSatisfy { index in
            combination(index % 3, of: index / 3).elementsEqual(other.combination(index % 3, of: index / 3))
        }
    }
}
