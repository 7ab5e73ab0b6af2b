// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import Compute
import ConstraintSystems
import Curves
import FiniteFields
import TestSupport
import Testing

/// What makes the builder fast does not change what it makes.
@Suite struct BuilderTests {
    /// A part with constraints of all kinds, some of whose coefficients come of merging and are its own.
    private func part(_ builder: CircuitBuilder, _ index: Int, _ x: [Linear]) -> Linear {
        let factor = Scalar(UInt64(index + 2))
        let y = builder.wire(Scalar(UInt64(index * index + 1)))
        let sum = x[0] * factor + y - x[1] + x[0] * 5 - y + Scalar(UInt64(index))
        return builder.scope("part \(index)") {
            let product = builder.multiply(sum, x[1] + x[1] + y - x[1] * 2)
            let bits = builder.bits(of: y, count: 14)
            let isOne = builder.isEqual(y, .one)
            builder.enforce(y, times: builder.deferredInverse(of: y), equals: .one)
            return builder.select(isOne, product, bits[index % 14] * factor) - x[0]
        }
    }

    private func describe(_ builder: CircuitBuilder, _ parts: ([Linear]) -> [Linear]) {
        let x = [builder.wire(77), builder.wire(5)]
        builder.enforceEqual(x[0] + x[1], Linear(82))
        let results = parts(x)
        let product = builder.multiply(results.sum(), x[0])
        builder.bindPublic(0, to: product + results[results.count - 1])
    }

    /// The same systems, witnesses and names, whoever makes the parts and on however many threads.
    @Test func partsInParallelAreTheSameAsOneAfterAnother() {
        func one(_ mode: CircuitBuilder.Mode) -> CircuitBuilder {
            let builder = CircuitBuilder(mode, publicCount: 1, names: true)
            describe(builder) { x in (0..<23).map { part(builder, $0, x) } }
            return builder
        }
        let both = one(.both)
        let system = both.constraintSystem()
        let expected = both.witness()
        #expect(expected.withSpan { system.firstViolated(by: $0) } == nil)
        let size = 1 + 1 + 13 + 2 + 1 + 1
        for (threads, form) in [1, 2, 4].flatMap({ threads in (0..<3).map { (threads, $0) } }) {
            func many(_ mode: CircuitBuilder.Mode) -> CircuitBuilder {
                let builder = CircuitBuilder(mode, publicCount: 1, names: true)
                let parallel = Parallel(threads: threads)
                describe(builder) { x in
                    switch form {
                    case 0: return builder.inParallel(23, parallel) { part($0, $1, x) }
                    case 1:
                        // Three parts of parts, of different sizes.
                        let counts = [5, 1, 17]
                        let firsts = [0, 5, 6]
                        return builder.inParallel(wires: counts.map { $0 * size }, parallel) { outer, group in
                            outer.inParallel(counts[group], parallel) { part($0, firsts[group] + $1, x) }
                        }.flatMap { $0 }
                    default:
                        let some = builder.inParallel(22, parallel) { part($0, $1, x) }
                        return some + [part(builder, 22, x)]
                    }
                }
                return builder
            }
            #expect(many(.constraints).constraintSystem() == system)
            #expect(many(.both).constraintSystem() == system)
            let witness = many(.witness).witness()
            #expect((0..<witness.count).map { witness[$0] } == (0..<expected.count).map { expected[$0] })
            let names = many(.constraints)
            #expect(
                (0..<system.constraintCount).allSatisfy { names.scope(of: $0) == both.scope(of: $0) },
                "\(form)")
            #expect(names.constraintCount == system.constraintCount && names.wireCount == system.wireCount)
        }
        let names = one(.constraints)
        #expect(names.constraintsByScope().count == 24 && names.scope(of: 1) == "part 0")
    }

    private struct PartError: Error, Equatable {
        let part: Int
    }

    /// Of the errors of several parts the first one in their order is thrown, whichever thread was first;
    /// then the builder makes nothing any more.
    @Test func theFirstErrorOfPartsInOrderIsThrown() async {
        for (threads, isOfOneShape) in [1, 2, 3].flatMap({ threads in [(threads, false), (threads, true)] }) {
            let builder = CircuitBuilder(.both, publicCount: 0)
            let x = builder.wire(3)
            let parallel = Parallel(threads: threads)
            func part(_ builder: CircuitBuilder, _ index: Int) throws(PartError) -> Linear {
                let square = builder.multiply(x, x)
                // The first one that fails is the slowest.
                if index == 2 { for _ in 0..<1000 { _ = Scalar(7).inverse() } }
                if index == 2 || index == 5 || index == 6 { throw PartError(part: index) }
                return square
            }
            #expect(throws: PartError(part: 2)) {
                _ =
                    isOfOneShape
                    ? try builder.inParallel(7, parallel, part)
                    : try builder.inParallel(
                        wires: [Int](repeating: 1, count: 7), parallel, part)
            }
        }
        // An error of a part's part is one of the part.
        #expect(throws: PartError(part: 1)) {
            _ = try CircuitBuilder(.witness, publicCount: 0).inParallel(wires: [4, 4]) {
                (builder, outer) throws(PartError) in
                try builder.inParallel(wires: [2, 2]) { (builder, inner) throws(PartError) in
                    if inner == 1 { throw PartError(part: outer + 1) }
                    return builder.multiply(builder.wire(1), .one)
                }
            }
        }
        await #expect(processExitsWith: .failure) { _ = Self.broken().wire(1) }
        await #expect(processExitsWith: .failure) { _ = Self.broken().witness() }
        await #expect(processExitsWith: .failure) { _ = Self.broken().constraintSystem() }
        // None of these makes a wire of the builder itself.
        await #expect(processExitsWith: .failure) { _ = Self.broken().inParallel(wires: []) { _, _ in } }
        await #expect(processExitsWith: .failure) { Self.broken().enforceEqual(.one, .one) }
        await #expect(processExitsWith: .failure) {
            let builder = Self.broken()
            builder.wipe()
            _ = builder.constraintSystem()
        }
    }

    /// A builder of which a part has failed.
    private static func broken() -> CircuitBuilder {
        let builder = CircuitBuilder(.both, publicCount: 0)
        _ = try? builder.inParallel(wires: [1]) { (builder, index) throws(PartError) in
            throw PartError(part: index)
        }
        return builder
    }

    /// What parts have made is looked through, too.
    @Test func dependenciesReachIntoParts() {
        let builder = CircuitBuilder(.constraints, publicCount: 0)
        let (x, y) = (builder.wire(0), builder.wire(0))
        // Each part: a product, a free wire, the product of both.
        let products = builder.inParallel(3, Parallel(threads: 2)) { part, index in
            part.multiply(part.multiply(x, index == 1 ? y * 3 : x), part.wire(0))
        }
        _ = builder.commit([x])
        #expect(builder.uncommittedDependencies(of: [products[0]]) == [4])
        #expect(builder.uncommittedDependencies(of: [products[1]]) == [2, 7])
        #expect(builder.uncommittedDependencies(of: [products[2] * 2 - x]) == [10])
        _ = builder.constraintSystem()
        #expect(builder.uncommittedDependencies(of: products) == [2, 4, 7, 10])
    }

    /// What a part must not do.
    @Test func partsKeepToThemselves() async {
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            _ = builder.inParallel(wires: [1]) { part, _ in (part.wire(1), part.wire(2)) }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            _ = builder.inParallel(wires: [2]) { part, _ in part.wire(1) }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            _ = builder.inParallel(3) { part, index in (0...index).map { _ in part.wire(1) } }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.constraints, publicCount: 1)
            _ = builder.inParallel(1) { part, _ in part.bindPublic(0, to: .one) }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.constraints, publicCount: 0)
            _ = builder.inParallel(wires: [2]) { part, _ in part.commit([]) }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            _ = builder.inParallel(wires: [1]) { _, _ in builder.wire(1) }
        }
        await #expect(processExitsWith: .success) {
            let builder = CircuitBuilder(.witness, publicCount: 1)
            builder.bindPublic(0, to: builder.inParallel(wires: [1]) { part, _ in part.wire(1) }[0])
        }
    }

    /// A part must not give orders to the builder around it, nor anybody to a part that has ended.
    @Test func nobodyGivesOrdersBesideParts() async {
        await #expect(processExitsWith: .failure) {
            Self.part { builder, _ in builder.enforceEqual(.one, .one) }
        }
        await #expect(processExitsWith: .failure) {
            Self.part { builder, _ in builder.bindPublic(0, to: .one) }
        }
        await #expect(processExitsWith: .failure) {
            Self.part { builder, _ in _ = builder.inParallel(wires: []) { _, _ in } }
        }
        await #expect(processExitsWith: .failure) { Self.part { builder, _ in builder.wipe() } }
        await #expect(processExitsWith: .failure) { Self.part { builder, _ in _ = builder.commit([]) } }
        await #expect(processExitsWith: .failure) {
            Self.part { builder, _ in builder.scope("part") {} }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.both, publicCount: 0)
            _ = builder.inParallel(wires: [0]) { _, _ in builder.witness().count }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.both, publicCount: 0)
            _ = builder.inParallel(wires: [0]) { _, _ in builder.constraintSystem().wireCount }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.both, publicCount: 0)
            builder.inParallel(wires: [0]) { part, _ in part }[0].enforceEqual(.one, .one)
        }
        // What a circuit has once only.
        await #expect(processExitsWith: .failure) { Self.part { _, part in _ = part.claim("name") } }
        await #expect(processExitsWith: .failure) {
            _ = CircuitBuilder(.both, publicCount: 0).inParallel(1) { part, _ in part.claim("name") }
        }
        await #expect(processExitsWith: .success) { Self.part { _, part in part.enforceEqual(.one, .one) } }
    }

    /// Makes a part of a circuit with a public input.
    private static func part(_ body: (CircuitBuilder, _ part: CircuitBuilder) -> Void) {
        let builder = CircuitBuilder(.both, publicCount: 1, names: true, challenger: .standIn)
        _ = builder.inParallel(wires: [0]) { part, _ in body(builder, part) }
    }

    /// Wires that are defined by each other, each in a part of its own, are no functions of others.
    @Test func wiresAreDefinedByThoseBefore() async {
        await #expect(processExitsWith: .failure) {
            _ = Self.circle { $0.uncommittedDependencies(of: $1) }
        }
        await #expect(processExitsWith: .failure) { _ = Self.circle { $0.productDepth(of: $1, bound: []) } }
        await #expect(processExitsWith: .success) { Self.circle { _, _ in } }
    }

    private static func circle<Result>(_ body: (CircuitBuilder, [Linear]) -> Result) -> Result {
        let builder = CircuitBuilder(.constraints, publicCount: 0)
        let first = builder.wireCount
        let wires = builder.inParallel(wires: [1, 1]) { part, index in
            part.materialized(part.combination(first + 1 - index, value: .zero))
        }
        _ = builder.commit([])
        return body(builder, wires)
    }

    /// Inverses that are still to come are computed before parts that may use them.
    @Test(arguments: [1, 2]) func partsHaveTheInversesAroundThem(threads: Int) {
        let builder = CircuitBuilder(.both, publicCount: 0)
        let expected = Scalar(3).inverse()!
        let pending = builder.deferredInverse(of: builder.wire(Scalar(3)))
        let parallel = Parallel(threads: threads)
        let direct = builder.inParallel(wires: [0, 0], parallel) { part, _ in part.settled(pending).value }
        #expect(direct == [expected, expected])
        // That of a part, for its parts.
        let nested = builder.inParallel(wires: [2], parallel) { part, _ in
            let pending = part.deferredInverse(of: part.wire(Scalar(3)))
            return part.inParallel(wires: [0], parallel) { part, _ in part.settled(pending).value }
        }
        #expect(nested == [[expected]])
        // That of the first part, for the others.
        var first: PendingInverse?
        let later = builder.inParallel(2, parallel) { part, index in
            let x = part.wire(Scalar(UInt64(index + 3)))
            let own = part.deferredInverse(of: x)
            if index == 0 { first = own }
            return part.settled(index == 0 ? own : first!).value
        }
        #expect(later == [expected, expected])
    }

    /// Systems of several blocks are found, checked and compared as small ones are.
    @Test func manyBlocks() {
        let count = 70_000
        func system(last: Scalar) -> R1CS<Scalar> {
            let builder = CircuitBuilder(.constraints, publicCount: 0)
            let wires = (0..<19).map { _ in builder.wire(.zero) }
            for index in 0..<count {
                var sum = Linear.zero
                for (place, wire) in wires.enumerated().reversed() {
                    sum.add(wire, times: Scalar(UInt64(index * (place + 1) + 1)))
                }
                builder.enforce(sum, times: .one, equals: index == count - 1 ? Linear(last) : .zero)
            }
            return builder.constraintSystem()
        }
        let made = system(last: 1)
        #expect(made.termCount == 20 * count + 1 && made.constraintCount == count)
        // A block has 2^20 terms, and ends with a constraint.
        for index in [0, 1, 2, 40_000, count - 1] + Array(52_400...52_460) {
            let expected = (1..<20).map { wire in
                R1CS.Term(wire: UInt32(wire), coefficient: Scalar(UInt64(index * wire + 1)))
            }
            #expect(Array(made.combination(0, of: index)) == expected)
            #expect(Array(made.combination(1, of: index)) == [R1CS.Term(wire: 0, coefficient: .one)])
            #expect(made.combination(2, of: index).count == (index == count - 1 ? 1 : 0))
        }
        #expect(made == system(last: 1) && made != system(last: 2))
        var witness = [Scalar.Limbs](repeating: .zero, count: 20)
        witness[0] = Scalar.one.canonical
        #expect(made.firstViolated(by: witness.span) == count - 1)
        witness[7] = Scalar.one.canonical
        #expect(made.firstViolated(by: witness.span) == 0)
    }

    /// What was handed out stays as it is when the builder goes on.
    @Test func aSystemIsASnapshot() {
        let builder = CircuitBuilder(.both, publicCount: 0)
        let x = builder.wire(3)
        builder.enforceEqual(x + x - x * 5, Linear(Scalar(signed: -9)))
        let first = builder.constraintSystem()
        let copy = Array(first.combination(0, of: 0))
        let y = builder.multiply(x + x, x - x + x)
        builder.enforceEqual(y * 7 + x, Linear(129))
        let second = builder.constraintSystem()
        #expect(first.constraintCount == 1 && second.constraintCount == 3)
        #expect(Array(first.combination(0, of: 0)) == copy && copy.map(\.coefficient) == [Scalar(signed: -3)])
        #expect(Array(second.combination(0, of: 0)) == copy)
        #expect(Array(second.combination(1, of: 1)) == [R1CS.Term(wire: 1, coefficient: .one)])
        #expect(builder.witness().withSpan { second.firstViolated(by: $0) } == nil)
    }

    @Test(arguments: [1, 255, 256, 257, 1000]) func inversesComeTogether(count: Int) {
        var generator = SeededGenerator.fresh()
        let values = (0..<count).map { $0 % 7 == 3 ? Scalar.zero : .random(using: &generator) }
        let expected = values.map { $0.inverse() ?? .zero }
        for mode in [CircuitBuilder.Mode.witness, .both] {
            let builder = CircuitBuilder(mode, publicCount: 0)
            let wires = values.map { builder.wire($0) }
            #expect(builder.inverses(of: wires).map(\.value) == expected)
            let pending = wires.map { builder.deferredInverse(of: $0) }
            let witness = builder.witness()
            #expect((0..<count).map { witness[1 + 2 * count + $0] } == expected.map(\.canonical))
            let settled = builder.settled(pending[count - 1])
            #expect(settled.value == expected[count - 1])
            #expect(builder.multiply(settled, .one).value == expected[count - 1])
            let late = builder.deferredInverse(of: wires[0])
            #expect(builder.settled(late).value == expected[0])
        }
    }

    /// Sums of the same wires, inside and outside of what needs no memory, are the same.
    @Test func sumsOfFewWires() {
        var generator = SeededGenerator.fresh()
        let values = (0..<4).map { _ in Scalar.random(using: &generator) }
        for _ in 0..<200 {
            let factors = (0..<4).map { _ in Scalar(signed: Int.random(in: -2...2, using: &generator)) }
            let order = (0..<4).shuffled(using: &generator)
            let asOne = BuiltGadget { builder in
                let wires = values.map { builder.wire($0) }
                var (units, multiples) = (Linear(3), Linear.zero)
                for index in order {
                    for _ in 0..<2 where factors[index].signed! > 0 { units += wires[index] }
                    for _ in 0..<2 where factors[index].signed! < 0 { units -= wires[index] }
                    if factors[index] == 1 { units -= wires[index] }
                    if (factors[index] + 1).isZero { units = units - -wires[index] }
                    multiples = wires[index] * factors[index] + multiples
                }
                builder.enforceEqual(units, multiples + 3)
                builder.enforceEqual(multiples + 3, units)
            }
            #expect(asOne.firstViolated == nil)
            #expect(
                Array(asOne.system.combination(0, of: 0)) == Array(asOne.system.combination(0, of: 1)))
        }
    }

    /// Nothing can be asked of secrets that are gone.
    @Test func wipedValuesAreGone() async {
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            builder.wipe()
            _ = builder.witness()
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            builder.wipe()
            _ = builder.wire(1)
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            builder.wipe()
            _ = builder.inParallel(wires: [1]) { part, _ in part.wire(1) }
        }
        await #expect(processExitsWith: .failure) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            builder.wipe()
            builder.enforceEqual(.one, .one)
        }
        await #expect(processExitsWith: .success) {
            let builder = CircuitBuilder(.witness, publicCount: 0)
            _ = builder.witness()
            builder.wipe()
            builder.wipe()
        }
    }
}
