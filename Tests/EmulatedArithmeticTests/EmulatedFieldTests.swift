// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EmulatedArithmetic
import FiniteFields
import TestSupport
import Testing

@Suite struct EmulatedFieldTests {
    @Test(arguments: Source.allCases)
    func randomArithmetic(source: Source) {
        var generator = SeededGenerator.fresh()
        arithmetic(BN254.Fp.self, source, &generator)
        arithmetic(BLS12381.Fr.self, source, &generator)
        arithmetic(BLS12381.Fp.self, source, &generator)
    }

    private func arithmetic<Field: PrimeField>(
        _ type: Field.Type, _ source: Source, _ generator: inout SeededGenerator
    ) {
        let (a, b, c) = (
            Field.random(using: &generator), Field.random(using: &generator), Field.random(using: &generator)
        )
        let bit = Bool.random(using: &generator)
        expectHolds(type, source: source) { field in
            let (x, y) = (field.hinted { a }, field.hinted { b })
            let z = EmulatedElement(c)
            func expect(_ element: EmulatedElement<Field>, _ value: Field) {
                if field.hasValues { #expect(element.value == value) }
                field.enforceEqual(element, EmulatedElement(value))
            }
            expect(field.multiply(x, y), a * b)
            expect(field.multiply(x + y * 3 - z, z - x * 2), (a + b + b + b - c) * (c - a - a))
            expect(field.inverse(x), a.inverse()!)
            expect(field.quotient(x - y, by: z + y), (a - b) * (c + b).inverse()!)
            let selector = field.emulation.boundBit(bit)
            expect(field.select(selector, x, y + z), bit ? a : b + c)
            expect(
                field.multiply(field.select(selector, x, y), field.select(selector, y, z)),
                bit ? a * b : b * c)
            // Karatsuba's: three products for the two parts of a product with u² = −1.
            let (low, high) = (field.product(x, y), field.product(z, x + y))
            let cross = field.product(x + z, x + y * 2)
            expect(field.reduced(low - high), a * b - c * (a + b))
            expect(
                field.reduced(cross - low - high), (a + c) * (a + b + b) - a * b - c * (a + b))
            // A product by a small constant is none.
            expect(field.reduced(field.product(x, EmulatedElement(5))), a * Field(5))
            // Products of an element with many constants are made by its multiples by τ.
            for number in 1...7 {
                let factor = c + Field(UInt64(number))
                expect(field.reduced(field.product(EmulatedElement(factor), y)), factor * b)
            }
            let isZero = field.isZero(x - EmulatedElement(a))
            let isNot = field.isZero(x - EmulatedElement(a) + .one)
            if field.hasValues { #expect(isZero.value == .one && isNot.value == .zero) }
            field.builder.enforceEqual(isZero, .one)
            field.builder.enforceEqual(isNot, .zero)
            field.enforceNonZero(x)
        }
    }

    @Test(arguments: [4, 5, 8, 10, 11, 13])
    func widths(chunkBits: Int) {
        var generator = SeededGenerator.fresh()
        let (a, b) = (BN254.Fp.random(using: &generator), BN254.Fp.random(using: &generator))
        let shape = LimbShape(bitWidth: 254, chunkBits: chunkBits)
        #expect(shape.count == 3 && shape.bits >= 254 && shape.limbBits.allSatisfy { (78...96).contains($0) })
        expectHolds(BN254.Fp.self, source: .commitment, chunkBits: chunkBits) { field in
            #expect(field.productLimit > 1 << 24)
            let product = field.multiply(field.hinted { a }, field.hinted { b })
            field.enforceEqual(product, EmulatedElement(a * b))
        }
    }

    /// The widths for which 381 bits have a short fifth limb.
    @Test(arguments: [13, 15])
    func widthsOf381Bits(chunkBits: Int) {
        var generator = SeededGenerator.fresh()
        let (a, b) = (BLS12381.Fp.random(using: &generator), BLS12381.Fp.random(using: &generator))
        for wrong in [BLS12381.Fp.zero, .one] {
            let built = circuit(BLS12381.Fp.self, chunkBits: chunkBits) { field in
                let product = field.multiply(field.hinted { a }, field.hinted { b } - field.hinted { a })
                field.enforceEqual(product, EmulatedElement(a * (b - a) + wrong))
            }
            #expect(built.holds == wrong.isZero)
        }
    }

    /// Random sums, multiples, products, quotients and selections of each other's results; one that is
    /// changed is found.
    @Test(arguments: Source.allCases)
    func randomCircuits(source: Source) {
        var generator = SeededGenerator.fresh()
        for _ in 0..<4 {
            let seed = generator.next()
            func describe(_ field: EmulatedField<BLS12381.Fr>, wrongAt: Int?) {
                var generator = SeededGenerator(seed: seed)
                var all = (0..<4).map { index -> (EmulatedElement<BLS12381.Fr>, BLS12381.Fr) in
                    let value = BLS12381.Fr.random(using: &generator)
                    return (index == 3 ? EmulatedElement(value) : field.hinted { value }, value)
                }
                for step in 0..<25 {
                    let (a, x) = all.randomElement(using: &generator)!
                    let (b, y) = all.randomElement(using: &generator)!
                    let factor = Int.random(in: -1000...1000, using: &generator)
                    let bit = Bool.random(using: &generator)
                    let multiple = BLS12381.Fr(UInt64(factor.magnitude))
                    let next: (EmulatedElement<BLS12381.Fr>, BLS12381.Fr)
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0: next = (field.multiply(a, b), x * y)
                    case 1:
                        next = (field.reduced(a + b * factor), x + y * (factor < 0 ? -multiple : multiple))
                    case 2: next = (a - b, x - y)
                    case 3:
                        let divisor = y * y + .one
                        next = (
                            field.quotient(a, by: field.reduced(field.product(b, b) + .one)),
                            x * divisor.inverse()!
                        )
                    case 4: next = (field.select(field.emulation.boundBit(bit), a, b), bit ? x : y)
                    default:
                        next = (
                            field.reduced(field.product(a, b) * factor - field.product(b, b) - a),
                            x * y * (factor < 0 ? -multiple : multiple) - y * y - x
                        )
                    }
                    if field.hasValues { #expect(next.0.value == next.1) }
                    field.enforceEqual(next.0, EmulatedElement(step == wrongAt ? next.1 + .one : next.1))
                    all.append(next)
                }
            }
            expectHolds(BLS12381.Fr.self, source: source) { describe($0, wrongAt: nil) }
            let wrong = Int.random(in: 0..<25, using: &generator)
            expectRefused(BLS12381.Fr.self, source: source) { describe($0, wrongAt: wrong) }
        }
    }

    /// The tables of large circuits.
    @Test(arguments: [15, 17])
    func wideChunks(chunkBits: Int) {
        var generator = SeededGenerator.fresh()
        let (a, b) = (BN254.Fp.random(using: &generator), BN254.Fp.random(using: &generator))
        for wrong in [BN254.Fp.zero, .one] {
            let built = circuit(BN254.Fp.self, chunkBits: chunkBits) { field in
                let product = field.multiply(field.hinted { a }, field.hinted { b })
                field.enforceEqual(product, EmulatedElement(a * b + wrong))
            }
            #expect(built.holds == wrong.isZero)
        }
    }

    @Test func groupsOfManySizes() {
        var generator = SeededGenerator.fresh()
        let values = (0..<20).map { _ in BN254.Fp.random(using: &generator) }
        for size in [1, 2, 7, 20, 100] {
            expectHolds(BN254.Fp.self, source: .commitment, groupSize: size) { field in
                var product = EmulatedElement<BN254.Fp>.one
                var expected = BN254.Fp.one
                for value in values {
                    product = field.multiply(product, field.hinted { value })
                    expected *= value
                }
                field.enforceEqual(product, EmulatedElement(expected))
            }
        }
    }

    @Test(arguments: Source.allCases)
    func edges(source: Source) {
        edges(BN254.Fp.self, source)
        edges(BLS12381.Fr.self, source)
        edges(BLS12381.Fp.self, source)
    }

    /// 0, 1, p − 1, and representations of them that are not below p.
    private func edges<Field: PrimeField>(_ type: Field.Type, _ source: Source) {
        let p = Natural(Field.modulus)
        let bits = LimbShape(bitWidth: Field.bitWidth, chunkBits: source == .commitment ? 8 : 1).bits
        let all = [
            (Natural.zero, Field.zero), (.one, .one), (p.subtracting(.one), -Field.one), (p, .zero),
            (p + .one, .one), (Natural.ones(bits), Field.powerOfTwo(bits) - .one),
        ].filter { $0.0.bitLength <= bits }
        for (index, (integer, value)) in all.enumerated() {
            for (otherInteger, other) in [all[index], all[(index + 2) % all.count]] {
                expectHolds(type, source: source) { field in
                    let (a, b) = (field.represented { integer }, field.represented { otherInteger })
                    if field.hasValues { #expect(a.value == value && b.value == other) }
                    field.enforceEqual(field.multiply(a, b), EmulatedElement(value * other))
                    field.enforceEqual(a - b * 3, EmulatedElement(value - other - other - other))
                    if !value.isZero {
                        field.enforceEqual(field.inverse(a), EmulatedElement(value.inverse()!))
                    }
                    let bit = field.isZero(a)
                    if field.hasValues { #expect(bit.value == (value.isZero ? .one : .zero)) }
                }
            }
            if value.isZero {
                expectRefused(type, source: source) { field in
                    field.enforceNonZero(field.represented { integer })
                }
            }
        }
    }

    @Test(arguments: Source.allCases)
    func canonicalForm(source: Source) {
        var generator = SeededGenerator.fresh()
        let p = Natural(BN254.Fp.modulus)
        for value in [BN254.Fp.zero, .one, -.one, .random(using: &generator)] {
            expectHolds(BN254.Fp.self, source: source) { field in
                let a = field.hinted { value }
                let (limbs, element) = field.canonical(a)
                if field.hasValues { #expect(integer(limbs, field.shape) == Natural(value.canonical)) }
                field.enforceEqual(element, a)
                // Sums get chunks of their own, below the prime.
                let sum = field.canonical(a + a + .one)
                if field.hasValues {
                    #expect(integer(sum.limbs, field.shape) == Natural((value + value + .one).canonical))
                }
            }
            let other = Natural(value.canonical) + p
            guard other.bitLength <= 254 else { continue }
            expectRefused(BN254.Fp.self, source: source) { field in
                _ = field.canonical(field.represented { other })
            }
            expectRefused(BN254.Fp.self, source: source) { field in
                _ = field.words(field.represented { other }, low: 136)
            }
        }
    }

    @Test(arguments: Source.allCases)
    func canonicalWords(source: Source) {
        var generator = SeededGenerator.fresh()
        for value in [BN254.Fp.zero, -.one, .random(using: &generator)] {
            expectHolds(BN254.Fp.self, source: source) { field in
                let words = field.words(field.hinted { value } + .one, low: 136)
                field.enforceEqual(words.element, EmulatedElement(value + .one))
                guard field.hasValues else { return }
                let (low, high) = (Natural(words.low.value.canonical), Natural(words.high.value.canonical))
                #expect(low.bitLength <= 136 && high.bitLength <= 118)
                #expect(low + high << 136 == Natural((value + .one).canonical))
            }
        }
    }

    private func integer(_ limbs: [Linear], _ shape: LimbShape) -> Natural {
        limbs.enumerated().reduce(Natural.zero) {
            $0 + Natural($1.element.value.canonical) << (shape.base * $1.offset)
        }
    }

    @Test(arguments: Source.allCases)
    func falseStatements(source: Source) {
        var generator = SeededGenerator.fresh()
        let (a, b) = (BN254.Fp.random(using: &generator), BN254.Fp.random(using: &generator))
        typealias Field = EmulatedField<BN254.Fp>
        let statements: [(Field) -> Void] = [
            { $0.enforceEqual($0.hinted { a }, EmulatedElement(b)) },
            { $0.enforceEqual($0.multiply($0.hinted { a }, $0.hinted { b }), EmulatedElement(a * b + .one)) },
            { $0.enforceZero($0.product($0.hinted { a }, $0.hinted { b })) },
            { $0.enforceNonZero($0.hinted { a } - EmulatedElement(a)) },
            { field in
                let bit = field.emulation.boundBit(true)
                field.enforceEqual(
                    field.select(bit, EmulatedElement(a), EmulatedElement(b)), EmulatedElement(b))
            },
            { field in
                // One product with a constant among many.
                let x = field.hinted { a }
                for index in 0..<6 {
                    let factor = b + BN254.Fp(UInt64(index))
                    field.enforceZero(
                        field.product(x, EmulatedElement(factor))
                            - EmulatedElement(index == 4 ? factor * a + .one : factor * a))
                }
            },
            { field in
                // One false check among many.
                for index in 0..<30 {
                    let x = field.hinted { a }
                    field.enforceEqual(x, EmulatedElement(index == 17 ? a + .one : a))
                }
            },
        ]
        for statement in statements { expectRefused(BN254.Fp.self, source: source, statement) }
    }

    /// Whatever wire is changed, alone, some constraint is violated; but for the mask of a commitment, which
    /// may be anything.
    @Test(arguments: Source.allCases)
    func changedWires(source: Source) {
        var generator = SeededGenerator.fresh()
        let (a, b) = (BN254.Fp.random(using: &generator), BN254.Fp.random(using: &generator))
        let built = circuit(BN254.Fp.self, source: source, chunkBits: 4) { field in
            let (x, y) = (field.hinted { a }, field.hinted { b })
            let bit = field.emulation.boundBit(true)
            let product = field.multiply(x, field.select(bit, y, x))
            _ = field.canonical(field.inverse(product))
            _ = field.isZero(product - x)
        }
        #expect(built.holds)
        var changed = built.witness
        // The mask is made last of what is committed to.
        let masks = built.system.commitments.map { Int($0.committed.last ?? 0) }
        #expect(masks.count == (source == .commitment ? 1 : 0))
        for mask in masks {
            changed[mask] = Scalar.random(using: &generator).canonical
            #expect(built.system.firstViolated(by: changed.span) == nil, "mask \(mask)")
            changed[mask] = built.witness[mask]
        }
        let wires = (1..<changed.count).filter { !masks.contains($0) }
        for wire in wires.shuffled(using: &generator).prefix(600) {
            let own = Scalar(canonical: built.witness[wire])!
            let others: [Scalar] = [.random(using: &generator), own + .one, own - .one, .one - own]
            for other in others where other != own {
                changed[wire] = other.canonical
                #expect(built.system.firstViolated(by: changed.span) != nil, "wire \(wire)")
            }
            changed[wire] = built.witness[wire]
        }
    }

    /// The three hashes, made outside of the circuit: each with its own domain, and its length.
    @Test func domainsOfHashes() {
        let built = circuit(BN254.Fp.self, .poseidon) { field in
            field.emulation.bind(field.builder.wire(Scalar(7)))
            field.enforceZero(EmulatedQuadratic(.zero))
        }
        #expect(built.holds)
        let first = Poseidon.hash([Scalar(7)], domain: 0x456d_0001)
        #expect(built.emulation.firstChallenge!.value == first)
        let hash = Natural(Poseidon.stream(seed: first, domain: 0x456d_0002, count: 1)[0].canonical)
        let challenge = [(0, 43), (43, 43), (86, 40)].map { offset, width in
            Scalar(UInt64(hash.digit(at: offset, width: width)))
        }
        #expect(built.emulation.challenges.map { $0.map(\.value) } == [challenge])
        // K = 0 and C = 0: a one at the top of each of their signed coefficients.
        let shape = LimbShape(bitWidth: 254, chunkBits: 1)
        let bounds = GroupBounds(
            .init(modulus: Natural(BN254.Fp.modulus), shape: shape), products: .zero, linear: .zero)
        let signed = [bounds.quotientBits] + bounds.carryBits
        #expect(bounds.quotientCount == 1)
        let bits = signed.flatMap { [Bool](repeating: false, count: $0) + [true] }
        let packs = stride(from: 0, to: bits.count, by: 253).map { start in
            bits[start...].prefix(253).reversed().reduce(Scalar.zero) { $0 + $0 + ($1 ? .one : .zero) }
        }
        #expect(built.emulation.point!.value == Poseidon.hash([first] + packs, domain: 0x456d_0003))
    }

    @Test func twoFieldsInOneCircuit() {
        var generator = SeededGenerator.fresh()
        let (a, b) = (BN254.Fp.random(using: &generator), BLS12381.Fp.random(using: &generator))
        for wrong in [false, true] {
            let builder = CircuitBuilder(.both, publicCount: 0, challenger: .standIn)
            let emulation = Emulation(builder, .commitment, chunkBits: 8)
            let first = EmulatedField<BN254.Fp>(emulation)
            let second = EmulatedField<BLS12381.Fp>(emulation)
            let x = first.hinted { a }
            first.enforceEqual(first.multiply(x, x), EmulatedElement(a.squared()))
            let y = second.hinted { b }
            for _ in 0..<5 {
                second.enforceEqual(
                    second.multiply(y, y), EmulatedElement(wrong ? b.squared() + .one : b.squared()))
            }
            emulation.finish()
            let witness = builder.witness()
            let violated = witness.withSpan { builder.constraintSystem().firstViolated(by: $0) }
            #expect((violated == nil) == !wrong)
        }
    }
}

extension PrimeField {
    static func powerOfTwo(_ exponent: Int) -> Self { Self(2).power(UInt64(exponent)) }
}
