// SPDX-License-Identifier: Apache-2.0

public import Compute
import ConstraintSystems
import Curves
import FiniteFields

extension CircuitBuilder {
    /// Public input `index`, to be hashed by `commit`.
    ///
    /// - Precondition: it is bound already, so that it has a value.
    public func publicInput(_ index: Int) -> Linear {
        precondition(isBound(index), "public input \(index) is asked for before it is bound")
        return combination(index + 1, value: value(of: index + 1))
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
    ///   - parallel: the threads that convert the values.
    /// - Precondition: each is what it has to be, there is a challenger where values are made, and no part of
    ///   a circuit is.
    public func commit(
        _ wires: [Linear], hashing hashed: [Linear]? = nil, _ parallel: Parallel = .allCores
    ) -> Linear {
        commit(wires, numbers: [], hashing: hashed, parallel)
    }

    /// The same, for some wires that are given by their numbers.
    package func commit(
        _ wires: [Linear], numbers: [UInt32], hashing hashed: [Linear]? = nil, _ parallel: Parallel
    ) -> Linear {
        precondition(!makesParts, "a part of a circuit makes a commitment")
        let index = commitments.count
        precondition(!hasValues || challenger != nil, "a circuit with commitments needs a challenger")
        var hashedWires = hashed.map { $0.map(hashedWire) } ?? commitments.map(\.challenge)
        if hashed == nil { hashedWires += (0..<publicCount).map { hashedWire(publicInput($0)) } }
        var own: [UInt32] = []
        own.reserveCapacity(wires.count + numbers.count + 1)
        func add(_ wire: UInt32) {
            if let owner = commitments.first(where: { Self.contains($0.committed, wire) }) {
                hashedWires.append(owner.challenge)
            } else {
                own.append(wire)
            }
        }
        for combination in wires { add(committedWire(combination)) }
        for wire in numbers { add(committedWire(wire)) }
        let mask = wire(challenger.map { $0.mask(index) } ?? .zero)
        enforce(mask, times: .one, equals: mask)
        own.append(committedWire(mask))
        let (committed, others) = (Self.ascending(own), Self.ascending(hashedWires))
        let challenge = wire(answer(index, committed: committed, hashed: others, parallel))
        append(.init(committed: committed, hashed: others, challenge: committedWire(challenge)))
        return challenge
    }

    /// The wire that is committed to.
    private func committedWire(_ combination: Linear) -> UInt32 {
        guard let wire = combination.wireNumber else {
            preconditionFailure("a sum or a constant is committed to; materialized(_:) makes it a wire")
        }
        return committedWire(wire)
    }

    private func committedWire(_ wire: UInt32) -> UInt32 {
        precondition(
            Int(wire) > publicCount && !isChallenge(wire),
            "wire \(wire) is committed to, which is to be hashed: it is public or a challenge")
        return wire
    }

    /// The wire that is hashed.
    private func hashedWire(_ combination: Linear) -> UInt32 {
        guard let wire = combination.wireNumber else {
            preconditionFailure("a sum or a constant is hashed, which public inputs and challenges can be")
        }
        precondition(
            Int(wire) <= publicCount || isChallenge(wire),
            "wire \(wire) is hashed, which is neither public nor a challenge")
        return wire
    }

    private func isChallenge(_ wire: UInt32) -> Bool { commitments.contains { $0.challenge == wire } }

    /// Each wire once, in order.
    private static func ascending(_ wires: [UInt32]) -> [UInt32] {
        let sorted = wires.sorted()
        return zip(sorted, sorted.dropFirst() + [.max]).compactMap { $0 == $1 ? nil : $0 }
    }

    /// Whether a wire is among others, which are ascending.
    private static func contains(_ wires: [UInt32], _ wire: UInt32) -> Bool {
        var (low, high) = (0, wires.count)
        while low < high {
            let middle = (low + high) / 2
            if wires[middle] < wire { low = middle + 1 } else { high = middle }
        }
        return low < wires.count && wires[low] == wire
    }

    private func answer(
        _ index: Int, committed: [UInt32], hashed: [UInt32], _ parallel: Parallel
    ) -> Scalar {
        guard let challenger else { return .zero }
        let secrets = SecretScalars<Scalar>(count: committed.count)
        secrets.withUnsafeMutableElements { elements in
            parallel.forEachRange(committed.count, minimum: 1 << 14) { range in
                for place in range { elements[place] = value(of: Int(committed[place])).canonical }
            }
        }
        return challenger.challenge(
            .init(index: index, committed: secrets, hashed: hashed.map { value(of: Int($0)) }))
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
        var seen = [Bool](repeating: false, count: wireCount)
        seen[0] = true
        var waiting = [commitments[index]]
        while let commitment = waiting.popLast() {
            for wire in commitment.committed { seen[Int(wire)] = true }
            for wire in commitment.hashed where !seen[Int(wire)] {
                seen[Int(wire)] = true
                waiting += commitments.filter { $0.challenge == wire }
            }
        }
        return free(combinations, &seen)
    }

    /// The wires that nothing binds and on which combinations depend, where a hash in the circuit stands for
    /// a commitment: as `uncommittedDependencies`, with what is hashed as given.
    ///
    /// - Parameters:
    ///   - combinations: what must be fixed before the hash is known.
    ///   - bound: what is hashed; a single wire with the coefficient 1 is bound, a sum binds no wire.
    /// - Returns: wires, ascending, public ones included.
    /// - Precondition: constraints are recorded.
    /// - Complexity: O(the number of constraints).
    package func unboundDependencies(of combinations: [Linear], bound: [Linear]) -> [UInt32] {
        precondition(recordsConstraints)
        var seen = [Bool](repeating: false, count: wireCount)
        seen[0] = true
        for wire in bound.compactMap(\.wireNumber) { seen[Int(wire)] = true }
        return free(combinations, &seen)
    }

    /// The most products, one after another, by which combinations are made of wires that no product defines
    /// or that are bound; a product with a constant, and a sum that is made a wire, are none. As polynomials
    /// in these wires the combinations have no higher degree than two to this power.
    ///
    /// - Parameters:
    ///   - combinations: of what.
    ///   - bound: single wires with the coefficient 1 are not looked through; sums bind no wire.
    /// - Precondition: constraints are recorded.
    /// - Complexity: O(the number of constraints).
    package func productDepth(of combinations: [Linear], bound: [Linear]) -> Int {
        precondition(recordsConstraints)
        var isBound = [Bool](repeating: false, count: wireCount)
        for wire in bound.compactMap(\.wireNumber) { isBound[Int(wire)] = true }
        var depths = [Int32](repeating: 0, count: wireCount)
        // A wire is made after those that it is a product of.
        for (wire, constraint) in definitions().enumerated() {
            guard let constraint, !isBound[wire] else { continue }
            let (a, b) = sides(of: constraint, defining: UInt32(wire))
            let isProduct = a.contains { $0 != 0 } && b.contains { $0 != 0 }
            let most = (a + b).reduce(Int32.zero) { max($0, depths[Int($1)]) }
            depths[wire] = most + (isProduct ? 1 : 0)
        }
        return combinations.reduce(0) { most, combination in
            combination.terms.wires.reduce(most) { max($0, Int(depths[Int($1)])) }
        }
    }

    /// The wires behind combinations that no product defines; those seen already are not looked at.
    private func free(_ combinations: [Linear], _ seen: inout [Bool]) -> [UInt32] {
        let definitions = definitions()
        var free: [UInt32] = []
        var todo = combinations.flatMap(\.terms.wires)
        while let wire = todo.popLast() {
            if seen[Int(wire)] { continue }
            seen[Int(wire)] = true
            if let constraint = definitions[Int(wire)] {
                let (a, b) = sides(of: constraint, defining: wire)
                todo += a + b
            } else {
                free.append(wire)
            }
        }
        return free.sorted()
    }
}
