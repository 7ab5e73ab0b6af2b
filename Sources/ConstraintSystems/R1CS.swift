public import FiniteFields

/// A rank-1 constraint system: for every i, ⟨Aᵢ, w⟩ · ⟨Bᵢ, w⟩ = ⟨Cᵢ, w⟩ over the wires w, of which w₀ = 1.
///
/// Wires are ordered as circom does: the constant, public outputs, public inputs, private inputs, the rest.
public struct R1CS<Scalar: PrimeField>: Sendable {
    /// A term of a linear combination: coefficient times wire.
    public struct Term: Hashable, Sendable {
        public var wire: UInt32
        public var coefficient: Scalar

        public init(wire: UInt32, coefficient: Scalar) {
            self.wire = wire
            self.coefficient = coefficient
        }
    }

    /// All terms of all constraints, one after another; the combination with index 3·i + k (k = 0 A, 1 B, 2 C)
    /// is `terms[ends[3·i + k − 1] ..< ends[3·i + k]]`.
    public private(set) var terms: [Term] = []
    public private(set) var ends: [Int] = []

    public let wireCount: Int
    public let publicOutputCount: Int
    public let publicInputCount: Int
    public let privateInputCount: Int

    /// The number of constraints.
    public var constraintCount: Int { ends.count / 3 }
    public var publicCount: Int { publicOutputCount + publicInputCount }

    public init(wireCount: Int, publicOutputCount: Int, publicInputCount: Int, privateInputCount: Int) {
        precondition(wireCount > 0)
        self.wireCount = wireCount
        self.publicOutputCount = publicOutputCount
        self.publicInputCount = publicInputCount
        self.privateInputCount = privateInputCount
    }

    public mutating func reserve(terms termCount: Int, constraints: Int) {
        terms.reserveCapacity(termCount)
        ends.reserveCapacity(3 * constraints)
    }

    /// Ends the linear combination under way (A, B, C in turn) with the given terms; three calls make a constraint.
    ///
    /// - Precondition: every wire is below `wireCount`.
    @inlinable
    public mutating func append(combination: some Sequence<Term>) {
        for term in combination { append(term) }
        endCombination()
    }

    /// Adds one term to the linear combination under way.
    public mutating func append(_ term: Term) {
        precondition(term.wire < wireCount)
        terms.append(term)
    }

    /// Ends the linear combination under way.
    public mutating func endCombination() { ends.append(terms.count) }

    /// The terms of combination `part` (0 A, 1 B, 2 C) of a constraint.
    public func combination(_ part: Int, of constraint: Int) -> ArraySlice<Term> {
        let index = 3 * constraint + part
        return terms[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The index of the first constraint that canonical `witness` violates; `nil` when all hold.
    ///
    /// - Precondition: `witness` has `wireCount` values below the field's order.
    public func firstViolated(by witness: UnsafeBufferPointer<Scalar.Limbs>) -> Int? {
        precondition(witness.count == wireCount)
        return (0..<constraintCount).first { constraint in
            let values = (0..<3).map { part in
                combination(part, of: constraint).reduce(Scalar.zero) { sum, term in
                    guard let value = Scalar(canonical: witness[Int(term.wire)]) else { return sum }
                    return sum + term.coefficient * value
                }
            }
            return values[0] * values[1] != values[2]
        }
    }
}
