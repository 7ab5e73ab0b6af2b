// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import FiniteFields

extension CircuitBuilder {
    /// Public input `index`, to be hashed by `commit`.
    ///
    /// - Precondition: it is bound already, so that it has a value.
    public func publicInput(_ index: Int) -> Linear {
        precondition(isBound(index), "public input \(index) is asked for before it is bound")
        return wireCombination(UInt32(index + 1), value: hasValues ? values[index + 1] : .zero)
    }

    /// Commits to the values of wires, and gives a challenge that nobody knew when they were chosen: c = H(D,
    /// hashed values), D the commitment. One constraint, for the mask that hides the values.
    ///
    /// The challenge is a wire that no constraint defines: only proof systems that know commitments can prove
    /// such a circuit, and all others refuse it. What is made of the challenge is as sound as the list of
    /// committed wires is complete: see `uncommittedDependencies`. While values are made the builder's
    /// challenger is asked at once.
    ///
    /// - Parameters:
    ///   - wires: wires that `wire`, `multiply` and their like made, as they are, in any order; one that an
    ///     earlier commitment has stands for that one's challenge, which is hashed.
    ///   - hashed: what is hashed beside the commitment: public inputs as `publicInput` gives them, and
    ///     challenges; where it is not given, all public inputs and all earlier challenges.
    /// - Precondition: each is what it has to be, and there is a challenger where values are made.
    public func commit(_ wires: [Linear], hashing hashed: [Linear]? = nil) -> Linear {
        let earlier = commitments
        let challenges = Set(earlier.map(\.challenge))
        var owners: [UInt32: UInt32] = [:]
        for commitment in earlier { for wire in commitment.committed { owners[wire] = commitment.challenge } }
        var hashedWires = Set<UInt32>()
        if let hashed {
            for combination in hashed {
                guard let wire = combination.wireNumber else { preconditionFailure("a sum is hashed") }
                precondition(
                    Int(wire) <= publicCount || challenges.contains(wire),
                    "wire \(wire) is hashed, which is neither public nor a challenge")
                hashedWires.insert(wire)
            }
        } else {
            hashedWires = challenges.union((0..<publicCount).compactMap { publicInput($0).wireNumber })
        }
        var own = Set<UInt32>()
        for combination in wires {
            guard let wire = combination.wireNumber else {
                preconditionFailure("a sum or a constant is committed to; materialized(_:) makes it a wire")
            }
            precondition(
                Int(wire) > publicCount && !challenges.contains(wire),
                "wire \(wire) is committed to, which is to be hashed: it is public or a challenge")
            if let owner = owners[wire] { hashedWires.insert(owner) } else { own.insert(wire) }
        }
        let index = earlier.count
        precondition(!hasValues || challenger != nil, "a circuit with commitments needs a challenger")
        let mask = wire(challenger.map { $0.mask(index) } ?? .zero)
        enforce(mask, times: .one, equals: mask)
        guard let maskWire = mask.wireNumber else { preconditionFailure() }
        own.insert(maskWire)
        let (committed, others) = (own.sorted(), hashedWires.sorted())
        let challenge = wire(answer(index, committed: committed, hashed: others))
        guard let challengeWire = challenge.wireNumber else { preconditionFailure() }
        append(.init(committed: committed, hashed: others, challenge: challengeWire))
        return challenge
    }

    private func answer(_ index: Int, committed: [UInt32], hashed: [UInt32]) -> Scalar {
        guard let challenger else { return .zero }
        let secrets = SecretScalars<Scalar>(count: committed.count)
        secrets.withMutableSpan { elements in
            for (place, wire) in committed.enumerated() { elements[place] = values[Int(wire)].canonical }
        }
        return challenger.challenge(
            .init(index: index, committed: secrets, hashed: hashed.map { values[Int($0)] }))
    }

    /// The wires that a challenge does not bind and on which combinations depend: whoever proves may choose
    /// them when the challenge is known. Empty where all is well.
    ///
    /// A wire that a product or `materialized` made is a function of the wires in it, and looked through;
    /// every other one is free, whatever constraints there are on it, and must be committed to or hashed.
    /// What an earlier challenge binds is bound where that challenge is hashed.
    ///
    /// - Parameters:
    ///   - combinations: what must be fixed before the challenge is known.
    ///   - index: the number of the commitment; the last one where it is not given.
    /// - Returns: wires, ascending.
    /// - Precondition: constraints are recorded, and there is such a commitment.
    /// - Complexity: O(the number of constraints).
    public func uncommittedDependencies(of combinations: [Linear], on index: Int? = nil) -> [UInt32] {
        precondition(recordsConstraints)
        let index = index ?? commitments.count - 1
        precondition(commitments.indices.contains(index), "there is no commitment \(index)")
        var bound: Set<UInt32> = []
        var waiting = [commitments[index]]
        while let commitment = waiting.popLast() {
            bound.formUnion(commitment.committed)
            for wire in commitment.hashed where bound.insert(wire).inserted {
                waiting += commitments.filter { $0.challenge == wire }
            }
        }
        let definitions = definitions()
        var seen: Set<UInt32> = [0]
        var free: Set<UInt32> = []
        var todo = combinations.flatMap(\.wires)
        while let wire = todo.popLast() {
            guard seen.insert(wire).inserted, !bound.contains(wire) else { continue }
            if let constraint = definitions[wire] {
                todo += factors(of: constraint)
            } else {
                free.insert(wire)
            }
        }
        return free.sorted()
    }
}
