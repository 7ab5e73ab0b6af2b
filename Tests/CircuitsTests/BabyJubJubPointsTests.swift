// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

@Suite struct BabyJubJubPointsTests {
    private func key(_ generator: inout SeededGenerator) -> EdwardsKey {
        EdwardsKey(lowBitsOf: .random(using: &generator))
    }

    private func bits(_ builder: CircuitBuilder, _ key: EdwardsKey) -> [Linear] {
        key.bits.map { bit in builder.boolean(bit) }
    }

    /// Keys are what their bits say, for any bits.
    @Test func keys() {
        var generator = SeededGenerator.fresh()
        let two = BabyJubJub.Scalar(2)
        for key in [
            EdwardsKey(bits: .init(repeating: false, count: 248)),
            EdwardsKey(bits: .init(repeating: true, count: 248)), key(&generator),
        ] {
            var (sum, power) = (BabyJubJub.Scalar.zero, BabyJubJub.Scalar.one)
            for bit in key.bits {
                sum = bit ? sum + power : sum - power
                power = power * two
            }
            #expect(key.scalar == sum + power * BabyJubJub.Scalar(3))
            #expect(key.publicKey == BabyJubJub.generator.multiplied(by: key.scalar).affine)
        }
    }

    @Test func agreement() throws {
        var generator = SeededGenerator.fresh()
        let (one, other) = (key(&generator), key(&generator))
        let agreed = try #require(one.agreed(with: other.publicKey))
        #expect(agreed == other.agreed(with: one.publicKey))
        #expect(agreed != one.agreed(with: one.publicKey))
        let small = EdwardsAffine<BabyJubJub>(x: .zero, y: -.one)
        #expect(one.agreed(with: small) == nil && one.agreed(with: .identity) == nil)
        let mixed = (EdwardsExtended(other.publicKey) + small).affine
        #expect(mixed.isOnCurve && one.agreed(with: mixed) == nil)
    }

    /// The circuit's multiples and public keys are those of the curve's own arithmetic, and no wire is free.
    @Test func multiplesInTheCircuit() {
        var generator = SeededGenerator.fresh()
        for key in [
            key(&generator), EdwardsKey(bits: .init(repeating: false, count: 248)),
            EdwardsKey(bits: .init(repeating: true, count: 248)),
        ] {
            let points = (0..<2).map { _ in EdwardsAffine<BabyJubJub>.random(using: &generator) }
            let built = BuiltGadget(publicCount: 4) { builder in
                let wires = points.map { (builder.wire($0.x), builder.wire($0.y)) }
                let bits = bits(builder, key)
                let multiples = builder.multiples(
                    of: wires.map { builder.subgroupPoint(x: $0.0, y: $0.1) }, by: bits)
                let own = builder.publicKey(of: bits)
                if builder.hasValues {
                    #expect(multiples.map(\.value) == points.map { key.agreed(with: $0)! })
                    #expect(EdwardsAffine(x: own.x.value, y: own.y.value) == key.publicKey)
                }
                for (index, output) in (multiples + [own.x, own.y]).enumerated() {
                    builder.bindPublic(index, to: output)
                }
            }
            #expect(built.firstViolated == nil)
        }
    }

    @Test func noWireIsFree() {
        var generator = SeededGenerator.fresh()
        let point = EdwardsAffine<BabyJubJub>.random(using: &generator)
        expectSound(&generator, inputs: [point.x, point.y]) { builder, x in
            let result = builder.subgroupPoint(x: x[0], y: x[1])
            let u = (Scalar.one + point.y) * (Scalar.one - point.y).inverse()!
            return [(result.u, u), (result.v, u * point.x.inverse()!)]
        }
        let key = key(&generator)
        let own = key.publicKey
        // The bits are pinned by what they add up to.
        let sum = key.bits.reversed().reduce(Scalar.zero) { $0.doubled() + ($1 ? .one : .zero) }
        expectSound(&generator, inputs: [sum], sample: 100) { builder, x in
            let bits = builder.bits(of: x[0], count: 248)
            let (px, py) = builder.publicKey(of: bits)
            let agreed = builder.multiples(
                of: [builder.subgroupPoint(x: Linear(point.x), y: Linear(point.y))], by: bits)
            return [(px, own.x), (py, own.y), (agreed[0], key.agreed(with: point)!)]
        }
    }

    /// What is not in the subgroup, is the identity or on another curve is no point.
    @Test func otherPointsAreRefused() {
        var generator = SeededGenerator.fresh()
        let point = EdwardsAffine<BabyJubJub>.random(using: &generator)
        let small = EdwardsAffine<BabyJubJub>(x: .zero, y: -.one)
        let mixed = (EdwardsExtended(point) + small).affine
        for other in [
            .identity, small, mixed, EdwardsAffine(x: point.x, y: point.y + .one),
            EdwardsAffine(x: .zero, y: .zero), EdwardsAffine(x: point.y, y: point.x),
        ] {
            expectRefused(inputs: [other.x, other.y]) { builder, x in
                _ = builder.subgroupPoint(x: x[0], y: x[1])
            }
        }
    }

    @Test func counts() {
        #expect(constraintCount(inputs: 2) { _ = $0.subgroupPoint(x: $1[0], y: $1[1]) } == 20)
        #expect(
            constraintCount(inputs: 252) { builder, x in
                let points = [
                    MontgomeryPoint(u: x[248], v: x[249]), MontgomeryPoint(u: x[250], v: x[251]),
                ]
                _ = builder.multiples(of: points, by: Array(x[..<248]))
            } == 2 * 1_495)
        #expect(constraintCount(inputs: 248) { _ = $0.publicKey(of: $1) } == 622)
    }
}
