// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Synchronization
import TestSupport
import Testing

@Suite struct CommitmentTests {
    /// What a challenger was asked, and what it said.
    private final class Log: Sendable {
        struct Entry {
            var index: Int
            var committed: [Scalar.Limbs]
            var hashed: [Scalar]
        }
        let entries = Mutex<[Entry]>([])

        func challenger(mask: Scalar) -> Challenger {
            Challenger(
                mask: { mask + Scalar(UInt64($0)) },
                challenge: { question in
                    let committed = (0..<question.committed.count).map { question.committed[$0] }
                    self.entries.withLock {
                        $0.append(Entry(index: question.index, committed: committed, hashed: question.hashed))
                    }
                    return Scalar(UInt64(1000 + question.index))
                })
        }
    }

    /// Two commitments over wires of all kinds; the second has a wire of the first.
    private func describe(_ builder: CircuitBuilder) -> [Linear] {
        let x = builder.wire(3)
        builder.bindPublic(1, to: x)
        let y = builder.wire(5)
        let product = builder.multiply(x, y)
        builder.bindPublic(0, to: product + y)
        let first = builder.commit([product, y, product])
        let z = builder.wire(7)
        let second = builder.commit([z, y, builder.multiply(z, first)], hashing: [builder.publicInput(1)])
        return [x, y, product, first, z, second]
    }

    @Test func whatIsCommittedAndWhatIsHashed() {
        let log = Log()
        let builder = CircuitBuilder(.both, publicCount: 2, challenger: log.challenger(mask: 90))
        let wires = describe(builder)
        let system = builder.constraintSystem()
        // Wires: one, 2 public, x, y, product, mask, challenge, z, z·challenge, mask, challenge.
        #expect(
            system.commitments == [
                .init(committed: [4, 5, 6], hashed: [1, 2], challenge: 7),
                .init(committed: [8, 9, 10], hashed: [2, 7], challenge: 11),
            ])
        let entries = log.entries.withLock { $0 }
        #expect(entries.map(\.index) == [0, 1])
        #expect(entries.map(\.hashed) == [[20, 3], [3, 1000]])
        #expect(
            entries.map(\.committed)
                == [[5, 15, 90], [7, 7000, 91]].map { (values: [Scalar]) in values.map(\.canonical) })
        #expect(wires[3].value == 1000 && wires[5].value == 1001)
        let witness = builder.witness()
        #expect(witness.withSpan { system.firstViolated(by: $0) } == nil)
        #expect(witness[7] == Scalar(1000).canonical && witness[6] == Scalar(90).canonical)
    }

    /// The three runs agree; without a challenger the constraints are recorded all the same; no wire is free
    /// but the masks and the challenge that nothing uses.
    @Test func modesAgreeAndNoConstraintDefinesAChallenge() {
        var generator = SeededGenerator.fresh()
        let built = BuiltGadget(publicCount: 2, challenger: .standIn) { _ = describe($0) }
        #expect(built.firstViolated == nil)
        #expect(built.freeWires(using: &generator) == [6, 10, 11])
        let blind = CircuitBuilder(.constraints, publicCount: 2)
        _ = describe(blind)
        #expect(blind.constraintSystem().commitments == built.system.commitments)
        #expect(blind.constraintSystem().commitments.count == 2)
    }

    @Test func masksAreRandomAndChallengesDependOnAllThatIsHashed() {
        func run(
            secret: Scalar, input: Scalar, _ challenger: Challenger
        ) -> (mask: Scalar.Limbs, challenge: Scalar.Limbs) {
            let builder = CircuitBuilder(.witness, publicCount: 1, challenger: challenger)
            builder.bindPublic(0, to: builder.wire(input))
            let challenge = builder.commit([builder.wire(secret)])
            let witness = builder.witness()
            return (witness[4], challenge.value.canonical)
        }
        let plain = Challenger { _ in 1 }
        #expect(run(secret: 1, input: 2, plain).mask != run(secret: 1, input: 2, plain).mask)
        let same = run(secret: 1, input: 2, .standIn)
        #expect(run(secret: 1, input: 2, .standIn) == same)
        #expect(run(secret: 3, input: 2, .standIn).challenge != same.challenge)
        #expect(run(secret: 1, input: 3, .standIn).challenge != same.challenge)
    }

    /// A selector that is hinted after the fact is what the walk is for.
    @Test func dependenciesThatNobodyCommittedTo() {
        let builder = CircuitBuilder(.constraints, publicCount: 1)
        func free(_ combinations: Linear..., on index: Int? = nil) -> [UInt32] {
            builder.uncommittedDependencies(of: combinations, on: index)
        }
        builder.bindPublic(0, to: builder.wire(0))  // wire 2, public 1
        let x = builder.wire(0)  // 3
        let selector = builder.boolean(false)  // 4
        let chosen = builder.select(selector, x, builder.publicInput(0))  // 5
        let limb = builder.materialized(chosen * 4 + x)  // 6
        let first = builder.commit([x])  // 7, 8
        // All constraints on a hinted wire do not make it a function of others.
        #expect(free(limb) == [4])
        #expect(free(x, x * 3, .one) == [])
        #expect(free(builder.publicInput(0)) == [])
        // What comes of a challenge is not bound before it.
        let later = builder.multiply(first, x)  // 9
        #expect(free(later) == [8] && free(first + 1) == [8])
        let second = builder.commit([selector])  // 10, 11
        #expect(free(later, limb, first) == [] && free(limb, on: 0) == [4])
        #expect(free(second) == [11])
        // A commitment that does not hash the others knows nothing of them.
        _ = builder.commit([builder.wire(0)], hashing: [])
        #expect(free(later, limb) == [1, 3, 4, 8])
        _ = builder.commit([], hashing: [second])
        #expect(free(later, limb) == [])
    }

    /// Sums, constants and public wires are not committed to, and private ones are not hashed.
    @Test func whatCannotBeCommittedTo() async {
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.constraints, publicCount: 0)
            _ = builder.commit([builder.wire(0) + .one])
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.constraints, publicCount: 1)
            builder.bindPublic(0, to: builder.wire(0))
            _ = builder.commit([builder.publicInput(0)])
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.constraints, publicCount: 0)
            _ = builder.commit([], hashing: [builder.wire(0)])
        }
        await #expect(processExitsWith: .failure) {
            _ = CircuitBuilder(.constraints, publicCount: 1).commit([])
        }
        await #expect(processExitsWith: .failure) {
            _ = CircuitBuilder(.witness, publicCount: 0).commit([])
        }
        // And what can.
        await #expect(processExitsWith: .success) {
            let builder = CircuitBuilder(.witness, publicCount: 1, challenger: .standIn)
            builder.bindPublic(0, to: builder.wire(0))
            _ = builder.commit([builder.wire(1)], hashing: [builder.commit([])])
        }
    }
}
