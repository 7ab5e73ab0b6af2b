// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Foundation
import TestSupport
import Testing

@Suite struct GadgetTests {
    private func scalar(_ value: Int) -> Scalar { Scalar(signed: value) }

    @Test func bitsAndRanges() {
        var generator = SeededGenerator.fresh()
        for (count, value) in [
            (1, 0), (1, 1), (8, 0), (8, 255), (13, 4711),
            (40, Int.random(in: 0..<(1 << 40), using: &generator)),
        ] {
            expectSound(&generator, inputs: [scalar(value)]) { builder, x in
                builder.bits(of: x[0], count: count).enumerated().map { ($1, scalar(value >> $0 & 1)) }
            }
            #expect(constraintCount(inputs: 1) { $0.enforceRange($1[0], bits: count) } == count)
        }
        for (count, value) in [(8, 256), (1, 2), (8, -1), (252, -1)] {
            expectRefused(inputs: [scalar(value)]) { $0.enforceRange($1[0], bits: count) }
        }
        for (count, value, fits) in [(8, 127, true), (8, -128, true), (8, 128, false), (8, -129, false)] {
            if fits {
                expectSound(&generator, inputs: [scalar(value)]) { builder, x in
                    builder.enforceSignedRange(x[0], bits: count)
                    return []
                }
            } else {
                expectRefused(inputs: [scalar(value)]) { $0.enforceSignedRange($1[0], bits: count) }
            }
        }
    }

    @Test func canonicalBits() {
        var generator = SeededGenerator.fresh()
        for x in [Scalar.zero, .one, scalar(-1), scalar(-2), Scalar.random(using: &generator)] {
            expectSound(&generator, inputs: [x]) { builder, wires in
                let limbs = x.canonical
                return builder.canonicalBits(of: wires[0]).enumerated().map {
                    ($1, Scalar(limbs[$0 / 64] >> UInt64($0 % 64) & 1))
                }
            }
        }
    }

    /// The bits of x + p are those of x too, in the field: only the comparison with the order keeps them out.
    @Test func bitsAboveTheOrderAreRefused() {
        let x: Scalar = 12345
        let built = BuiltGadget { builder in _ = builder.canonicalBits(of: builder.wire(x)) }
        #expect(built.firstViolated == nil)
        var limbs = Scalar.modulus
        limbs[0] += 12345
        var witness = built.witness
        // Wire 1 is x, wires 2 to 255 are the bits; the rest follows from them.
        var equal = true
        let top = scalar(-1).canonical
        var products: [Bool] = []
        for bit in (0..<254).reversed() where top[bit / 64] >> UInt64(bit % 64) & 1 == 1 {
            equal = equal && limbs[bit / 64] >> UInt64(bit % 64) & 1 == 1
            products.append(equal)
        }
        for bit in 0..<254 { witness[2 + bit] = Scalar(limbs[bit / 64] >> UInt64(bit % 64) & 1).canonical }
        for (index, product) in products.enumerated() {
            witness[256 + index] = Scalar(product ? 1 : 0).canonical
        }
        #expect(witness.count == 256 + products.count)
        let violated = built.system.firstViolated(by: witness.span)
        // Bits, and that they sum up to x: those 255 hold.
        #expect(violated.map { $0 >= 255 } == true)
    }

    @Test func comparisonAndSelection() {
        var generator = SeededGenerator.fresh()
        for (a, b) in [(3, 5), (5, 3), (4, 4), (0, 255), (255, 0), (-7, 9)] {
            expectSound(&generator, inputs: [scalar(a), scalar(b)]) { builder, x in
                [(builder.isLess(x[0], x[1], bits: 9), scalar(a < b ? 1 : 0))]
            }
            expectSound(&generator, inputs: [scalar(a), scalar(b)]) { builder, x in
                [
                    (builder.isEqual(x[0], x[1]), scalar(a == b ? 1 : 0)),
                    (builder.isZero(x[0]), scalar(a == 0 ? 1 : 0)),
                ]
            }
            for bit in [0, 1] {
                expectSound(&generator, inputs: [scalar(bit), scalar(a), scalar(b)]) { builder, x in
                    builder.enforceBoolean(x[0])
                    let (left, right) = builder.exchange(x[0], x[1], x[2])
                    let isNegative = scalar(b < 0 ? 1 : 0)
                    return [
                        (builder.select(x[0], x[1], x[2]), scalar(bit == 1 ? a : b)),
                        (left, scalar(bit == 1 ? b : a)), (right, scalar(bit == 1 ? a : b)),
                        (builder.and(x[0], Linear(isNegative)), scalar(bit) * isNegative),
                        (builder.or(x[0], Linear(isNegative)), scalar(bit == 1 || b < 0 ? 1 : 0)),
                    ]
                }
            }
        }
        expectSound(&generator, inputs: [scalar(9)]) { builder, x in
            [(builder.materialized(x[0] * 3), scalar(27))]
        }
        expectRefused(inputs: [scalar(600), scalar(0)]) { _ = $0.isLess($1[0], $1[1], bits: 9) }
        expectRefused(inputs: [scalar(5), scalar(4)]) { $0.enforceAtMost($1[0], $1[1], bits: 9) }
        expectRefused(inputs: [scalar(2)]) { $0.enforceBoolean($1[0]) }
    }

    /// Another answer than the right one violates a constraint whatever inverse comes with it, and at zero no
    /// inverse but zero is taken.
    @Test func zeroAndEqualityHaveOneAnswer() {
        var generator = SeededGenerator.fresh()
        let random = Scalar.random(using: &generator)
        for x in [Scalar.zero, .one, scalar(-1), scalar(2), scalar(1 << 40), random] {
            let built = BuiltGadget { builder in
                let result = builder.isZero(builder.wire(x))
                #expect(!builder.hasValues || result.value == (x.isZero ? .one : .zero))
            }
            expectOneAnswer(built, difference: x, using: &generator)
            for b in [Scalar.zero, .one, random] {
                let built = BuiltGadget { builder in
                    let result = builder.isEqual(builder.wire(x + b), builder.wire(b))
                    #expect(!builder.hasValues || result.value == (x.isZero ? .one : .zero))
                }
                expectOneAnswer(built, difference: x, using: &generator)
            }
        }
        #expect(constraintCount(inputs: 1) { _ = $0.isZero($1[0]) } == 3)
        #expect(constraintCount(inputs: 2) { _ = $0.isEqual($1[0], $1[1]) } == 3)
    }

    /// - Parameters:
    ///   - built: a gadget and nothing else; its last two wires are the inverse and the answer.
    ///   - difference: of what it says whether it is zero.
    private func expectOneAnswer(
        _ built: BuiltGadget, difference: Scalar, using generator: inout SeededGenerator,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (inverse, answer) = (built.witness.count - 2, built.witness.count - 1)
        let right: Scalar = difference.isZero ? .one : .zero
        #expect(built.witness[answer] == right.canonical, sourceLocation: sourceLocation)
        #expect(built.firstViolated == nil, sourceLocation: sourceLocation)
        var hints = [Scalar.zero, .one, scalar(-1), difference, Scalar.random(using: &generator)]
        if let own = difference.inverse() { hints += [own, -own, own + own] }
        for hint in hints {
            var forged = built
            forged.witness[inverse] = hint.canonical
            let flipped = Scalar.one - right
            let others = [flipped, scalar(2), scalar(-1), Scalar.random(using: &generator), hint]
            for other in others where other != right {
                forged.witness[answer] = other.canonical
                // Where the difference is zero the first constraint says 0 = 1 − answer, whatever the hint
                // is; else it allows one answer for each hint, and the second only zero.
                let violated = forged.firstViolated
                #expect(violated == 0 || violated == 1, sourceLocation: sourceLocation)
                if difference.isZero { #expect(violated == 0, sourceLocation: sourceLocation) }
            }
            forged.witness[answer] = right.canonical
            let isOwn = hint == (difference.inverse() ?? .zero)
            #expect((forged.firstViolated == nil) == isOwn, sourceLocation: sourceLocation)
            // At zero it is the third constraint, and it alone, that asks for one hint.
            if difference.isZero, !isOwn {
                #expect(forged.firstViolated == 2, sourceLocation: sourceLocation)
            }
        }
        if let own = difference.inverse() {
            // The first constraint alone would take this.
            var forged = built
            forged.witness[inverse] = Scalar.zero.canonical
            forged.witness[answer] = Scalar.one.canonical
            #expect(forged.firstViolated == 1, sourceLocation: sourceLocation)
            forged.witness[inverse] = (own - own * scalar(7)).canonical
            forged.witness[answer] = scalar(7).canonical
            #expect(forged.firstViolated == 1, sourceLocation: sourceLocation)
        }
    }

    @Test func fixedPoint() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<20 {
            let x = Int.random(in: -(1 << 20)..<(1 << 20) - 128, using: &generator)
            expectSound(&generator, inputs: [scalar(x)]) { builder, wires in
                [
                    (builder.rescaled(wires[0], by: 8, bits: 21), scalar(FixedPoint.rescaled(x, by: 8))),
                    (builder.relu(wires[0], bits: 21), scalar(FixedPoint.relu(x))),
                ]
            }
        }
        for x in [-(1 << 20), -129, -128, -127, -1, 0, 1, 127, 128, (1 << 20) - 129] {
            let expected = Int((Double(x) / 256 + 0.5).rounded(.down))
            #expect(FixedPoint.rescaled(x, by: 8) == expected)
            expectSound(&generator, inputs: [scalar(x)]) { builder, wires in
                [(builder.rescaled(wires[0], by: 8, bits: 21), scalar(expected))]
            }
        }
        expectSound(&generator, inputs: [scalar(-700), scalar(300)]) { builder, x in
            [(builder.fixedPointProduct(x[0], x[1], fraction: 8, bits: 20), scalar(-820))]
        }
        expectRefused(inputs: [scalar(1 << 20)]) { _ = $0.rescaled($1[0], by: 8, bits: 21) }
        expectRefused(inputs: [scalar(1 << 20)]) { _ = $0.relu($1[0], bits: 21) }
    }

    @Test func clamping() {
        var generator = SeededGenerator.fresh()
        for x in [-640, -300, -129, -128, -127, -1, 0, 5, 127, 128, 300, 383] {
            expectSound(&generator, inputs: [scalar(x)]) { builder, wires in
                [(builder.clamped(wires[0], bits: 8, excess: 1), scalar(FixedPoint.clamped(x, bits: 8)))]
            }
        }
        for x in [-641, 384, 1000] {
            expectRefused(inputs: [scalar(x)]) { _ = $0.clamped($1[0], bits: 8, excess: 1) }
        }
        #expect(constraintCount(inputs: 1) { _ = $0.clamped($1[0], bits: 8, excess: 3) } == 16)
    }

    @Test func sigmoidIsCloseAndAgrees() {
        var generator = SeededGenerator.fresh()
        for (f, p, step) in [(16, 16, 7), (12, 20, 10), (6, 12, 7)] {
            let sigmoid = Sigmoid(inputFraction: f, outputFraction: p, stepBits: step)
            let one = 1 << f
            var edges = [40 * one, -40 * one]
            for knot in -9...9 { edges += [knot * one - 1, knot * one, knot * one + 1] }
            let random = (0..<10).map { _ in Int.random(in: (-10 * one)..<(10 * one), using: &generator) }
            for z in edges + random {
                let exact = 1 / (1 + exp(-Double(z) / Double(one)))
                #expect(abs(Double(sigmoid(z)) / Double(1 << p) - exact) < 0.05)
                expectSound(&generator, inputs: [scalar(z)]) { builder, x in
                    [
                        (
                            builder.sigmoid(x[0], sigmoid, argumentBits: sigmoid.argumentBits(f + 8)),
                            scalar(sigmoid(z))
                        )
                    ]
                }
            }
            let count = sigmoid.argumentBits(f + 8)
            #expect(
                constraintCount(inputs: 1) {
                    _ = $0.sigmoid($1[0], sigmoid, argumentBits: sigmoid.argumentBits(f + 8))
                } == count + 9)
        }
    }

    @Test func freivaldsAcceptsProductsAndNothingElse() {
        var generator = SeededGenerator.fresh()
        for (n, k, m) in [(1, 1, 1), (2, 3, 4), (4, 1, 2), (3, 5, 1)] {
            func random(_ rows: Int, _ columns: Int) -> Matrix<Int> {
                Matrix(rows: rows, columns: columns) { _, _ in Int.random(in: -1000...1000, using: &generator)
                }
            }
            let (a, b) = (random(n, k), random(k, m))
            let c = a * b
            let challenge = Scalar.random(using: &generator)
            let all = (a.elements + b.elements + c.elements).map(scalar)
            func enforce(_ builder: CircuitBuilder, _ x: [Linear]) {
                builder.enforceProduct(
                    Matrix(rows: n, columns: k, elements: Array(x[..<(n * k)])),
                    Matrix(rows: k, columns: m, elements: Array(x[(n * k)..<(n * k + k * m)])),
                    equals: Matrix(rows: n, columns: m, elements: Array(x[(n * k + k * m)..<all.count])),
                    challenge: x[all.count])
            }
            expectSound(&generator, inputs: all + [challenge]) { builder, x in
                enforce(builder, x)
                return []
            }
            for index in n * k + k * m..<all.count {
                var wrong = all
                wrong[index] += .one
                expectRefused(inputs: wrong + [challenge]) { enforce($0, $1) }
            }
            let count = constraintCount(inputs: all.count + 1) { enforce($0, $1) }
            #expect(count == k * (m - 1) + n * (m - 1) + n * k + max(m - 2, 0))
        }
    }

    @Test func norm() {
        var generator = SeededGenerator.fresh()
        let x = [3, -4, 12]
        for bound in [169, 170, 1000] {
            expectSound(&generator, inputs: x.map(scalar) + [scalar(bound)]) { builder, wires in
                builder.enforceSquaredNorm(Array(wires[..<3]), atMost: wires[3], bits: 20)
                return [(builder.squaredNorm(Array(wires[..<3])), scalar(169))]
            }
        }
        expectRefused(inputs: x.map(scalar) + [scalar(168)]) {
            $0.enforceSquaredNorm(Array($1[..<3]), atMost: $1[3], bits: 20)
        }
    }

    @Test func packing() {
        var generator = SeededGenerator.fresh()
        for packing in [
            Packing(bits: 5), Packing(bits: 24), Packing(bits: 26, slotBits: 31), Packing(bits: 62),
            Packing(bits: 63 - 1, slotBits: 62),
        ] {
            let limit = packing.offset
            let numbers = (0..<(2 * packing.slots + 1)).map { _ in
                Int.random(in: -limit..<limit, using: &generator)
            }
            let elements = packing.pack(numbers)
            #expect(elements.count == packing.elementCount(numbers.count))
            for (index, element) in elements.enumerated() {
                // The sum as field elements, an independent way.
                var expected = Scalar.zero
                for number in numbers[(index * packing.slots)...].prefix(packing.slots).reversed() {
                    expected = expected * Scalar.powerOfTwo(packing.slotBits) + scalar(number + limit)
                }
                #expect(element == expected)
            }
            expectSound(&generator, inputs: numbers.map(scalar)) { builder, x in
                zip(builder.pack(x, packing), elements).map { ($0, $1) }
            }
        }
    }

    @Test func constraintsAreFoundByTheirScope() {
        let builder = CircuitBuilder(.both, publicCount: 0, names: true)
        builder.scope("first") { builder.enforceEqual(.one, .one) }
        builder.scope("second") {
            builder.scope("inner") { builder.enforceEqual(.one, .one) }
            builder.enforceEqual(.one, Linear(2))
        }
        let violated = builder.witness().withSpan { builder.constraintSystem().firstViolated(by: $0) }
        #expect(violated == 2 && builder.scope(of: 0) == "first" && builder.scope(of: 1) == "second/inner")
        #expect(builder.scope(of: 2) == "second")
        #expect(builder.constraintsByScope().map(\.scope) == ["first", "second"])
        #expect(builder.constraintsByScope().map(\.constraints) == [1, 2])
    }

    @Test func signedIntegersSurviveTheField() {
        for value in [0, 1, -1, 1 << 61, -(1 << 61), (1 << 62) - 1] { #expect(scalar(value).signed == value) }
        #expect(Scalar.powerOfTwo(62).signed == nil && Scalar.powerOfTwo(200).signed == nil)
    }
}
