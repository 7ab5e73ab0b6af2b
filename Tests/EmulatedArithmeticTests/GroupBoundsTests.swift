// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import EmulatedArithmetic
import FiniteFields
import TestSupport
import Testing

@Suite struct GroupBoundsTests {
    /// What a program of some forty lines in another language, with integers of any size, makes of
    /// docs/recursion.md, "The bounds": the bits of K and C, and the largest coefficient in bits and modulo
    /// 2^61 − 1.
    private static let derived:
        [(
            bitWidth: Int, chunkBits: Int, products: UInt64, linear: UInt64, quotient: Int, digits: Int,
            carries: [Int], count: Int, bits: Int, residue: UInt64
        )] = [
            (254, 17, 1, 1, 467, 6, [128, 130, 131, 131, 130, 129], 7, 217, 1_678_989_587_868_845_002),
            (254, 17, 1024, 1024, 477, 6, [138, 140, 141, 141, 140, 139], 7, 227, 2_006_323_462_158_618_662),
            (
                254, 17, 8_481_792, 1024, 490, 6, [152, 153, 154, 154, 153, 152], 7, 240,
                43_004_917_970_640_002
            ),
            (
                254, 17, 60_000_000_000, 576_460_752_303_423_488, 503, 6, [164, 166, 167, 167, 166, 165], 7,
                253, 951_765_996_350_874_645
            ),
            (254, 1, 1024, 1024, 475, 6, [138, 140, 141, 140, 139, 137], 7, 227, 266_806_809_006_495_783),
            (254, 15, 600, 600, 486, 6, [143, 144, 144, 143, 140, 126], 7, 235, 694_335_726_732_057_201),
            (254, 8, 1, 2, 475, 6, [131, 133, 133, 132, 129, 122], 7, 222, 1_374_217_079_085_603_872),
            (254, 4, 77, 0, 473, 6, [134, 135, 139, 140, 142, 142], 7, 227, 1_939_568_112_022_608_460),
            (255, 17, 300, 300, 474, 6, [137, 138, 139, 139, 138, 137], 7, 225, 1_200_533_930_228_444_014),
            (
                381, 17, 300, 300, 620, 8, [137, 138, 139, 140, 140, 139, 138, 137, 134, 101], 11, 226,
                1_977_721_945_207_309_503
            ),
            (
                381, 8, 5, 9, 606, 7, [134, 135, 136, 137, 137, 136, 136, 134, 131, 77], 10, 226,
                1_135_401_664_659_939_498
            ),
            (
                381, 13, 700, 700, 631, 7, [144, 146, 146, 147, 147, 146, 146, 144, 141, 82], 10, 239,
                1_616_553_862_156_887_030
            ),
            (
                381, 15, 3000, 3000, 631, 8, [145, 147, 147, 148, 148, 148, 147, 145, 142, 90], 11, 239,
                698_606_532_909_226_888
            ),
        ]

    @Test func boundsAsDerivedElsewhere() {
        let primes: [Int: Natural] = [
            254: Natural(BN254.Fp.modulus), 255: Natural(BLS12381.Fr.modulus),
            381: Natural(BLS12381.Fp.modulus),
        ]
        for row in Self.derived {
            let shape = LimbShape(bitWidth: row.bitWidth, chunkBits: row.chunkBits)
            let field = GroupBounds.Field(modulus: primes[row.bitWidth]!, shape: shape)
            let bounds = GroupBounds(field, products: Natural(row.products), linear: Natural(row.linear))
            #expect(bounds.quotientBits == row.quotient && bounds.quotientCount == row.digits)
            #expect(bounds.carryBits == row.carries && bounds.carryCount == row.count)
            #expect(bounds.largestCoefficient.bitLength == row.bits)
            #expect(residue(bounds.largestCoefficient) == row.residue)
            #expect(bounds.cannotWrap)
        }
    }

    /// Modulo 2^61 − 1.
    private func residue(_ integer: Natural) -> UInt64 {
        let prime: UInt128 = 1 << 61 - 1
        return UInt64(integer.words.reversed().reduce(UInt128.zero) { ($0 << 64 | UInt128($1)) % prime })
    }

    /// The largest weight of products: one more could wrap.
    @Test func limits() {
        let derived: [(Int, Int, Int)] = [
            (254, 17, 107_279_755_509),
            (254, 15, 176_002_411),
            (254, 13, 43_998_024),
            (254, 11, 1_676_246_179),
            (254, 10, 175_895_913),
            (254, 8, 2_809_070_904),
            (254, 5, 107_279_755_509),
            (254, 4, 7_712_023_502),
            (254, 1, 136_537_870_648),
            (381, 17, 76_368_639_514),
            (381, 15, 74_578_749),
            (381, 13, 18_644_687),
            (381, 1, 76_368_639_515),
        ]
        for (bitWidth, chunkBits, limit) in derived {
            let builder = CircuitBuilder(.constraints, publicCount: 0)
            let emulation =
                chunkBits == 1
                ? Emulation(builder, .poseidon)
                : Emulation(builder, .commitment, chunkBits: chunkBits)
            if bitWidth == 254 {
                #expect(EmulatedField<BN254.Fp>(emulation).productLimit == limit)
            } else {
                #expect(EmulatedField<BLS12381.Fp>(emulation).productLimit == limit)
            }
            emulation.finish()
        }
    }

    /// Products are possible with chunks of any width, of any prime: no limb is so wide that none is.
    @Test func everyWidthAllowsProducts() {
        for modulus in [
            Natural(BN254.Fp.modulus), Natural(BLS12381.Fr.modulus), Natural(BLS12381.Fp.modulus),
        ] {
            for chunkBits in 1...18 {
                let shape = LimbShape(bitWidth: modulus.bitLength, chunkBits: chunkBits)
                #expect(shape.bits >= modulus.bitLength && shape.limbBits.allSatisfy { $0 <= 100 })
                let bounds = GroupBounds(
                    .init(modulus: modulus, shape: shape), products: Natural(1 << 11),
                    linear: .powerOfTwo(60))
                #expect(bounds.cannotWrap, "\(modulus.bitLength) bits, chunks of \(chunkBits)")
            }
        }
    }

    /// The largest K and C that a true group has, at all ends: limbs and coefficients as large as they may
    /// be.
    @Test func extremesAreInRange() {
        let largest = Natural.ones(256)
        let factor = (BN254.Fp.powerOfTwo(256) - .one) * BN254.Fp(1000)
        for sign in [1, -1] {
            let value = sign == 1 ? factor.squared() : -factor.squared()
            expectHolds(BN254.Fp.self, source: .commitment, groupSize: 4) { field in
                for _ in 0..<4 {
                    let (a, b) = (field.represented { largest }, field.represented { largest })
                    field.enforceZero(field.product(a * 1000, b * 1000) * sign - EmulatedElement(value))
                }
            }
        }
    }

    /// What could wrap ends the program where it is described, and says where that is.
    @Test func refusals() async {
        let multiply = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe { field in
                let wide = field.hinted { .one } * (1 << 20)
                _ = field.multiply(wide, wide)
            }
        }
        #expect(text(multiply).contains("BN254 Fp: multiply: a coefficient could wrap"))
        let enforceZero = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe { field in
                let a = field.hinted { .one }
                field.enforceZero(field.product(a, a) * (1 << 40))
            }
        }
        #expect(text(enforceZero).contains("BN254 Fp: enforceZero: a coefficient could wrap"))
        let enforceEqual = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe { field in
                var a = field.hinted { .one }
                for _ in 0..<8 { a = a * (1 << 20) }
                field.enforceEqual(a, .zero)
            }
        }
        #expect(text(enforceEqual).contains("BN254 Fp: enforceEqual: a coefficient could wrap"))
        let chain = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe { selections($0, count: 501) }
        }
        #expect(text(chain).contains("a chain of more than 500 selections: use `reduced` in between"))
        describe { selections($0, count: 500) }
        let unbound = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe { field in
                let (a, bit) = (field.hinted { .one }, field.builder.boolean(true))
                field.enforceEqual(field.select(bit, a, .one), a)
            }
        }
        #expect(text(unbound).contains("depend on wires that are not bound: 33"))
        let unhashed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe(.poseidon) { field in
                // A product is what its factors are, and a bit that is bound is well.
                let bits = (field.emulation.boundBit(true), field.builder.boolean(true))
                let limb = field.builder.multiply(bits.0, bits.1)
                field.enforceEqual(field.element(limbs: [limb]) { .one }, .one)
            }
        }
        #expect(text(unhashed).contains("depend on wires that are not bound: 2"))
        let sums = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            // The sum is hashed, the bit is not.
            describe(.poseidon) { field in
                let (a, bit) = (field.hinted { .one }, field.builder.boolean(true))
                field.emulation.bind(bit + field.builder.boolean(false))
                field.enforceEqual(field.select(bit, a, .one), a)
            }
        }
        #expect(text(sums).contains("depend on wires that are not bound: 255"))
        // The hash of a bit is no free wire; nor is a long product, but short ones are no hashes.
        let hash = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe(.poseidon) { field in
                let bit = field.emulation.boundBit(true)
                let limb = field.builder.multiply(field.builder.poseidon(bit, bit), bit)
                field.enforceEqual(field.element(limbs: [limb]) { .one }, .one)
            }
        }
        #expect(text(hash).contains("as hashes are: a challenge computed anew"))
        let long = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe(.poseidon) { selectByProduct($0, factors: 101) }
        }
        #expect(text(long).contains("are 100 products one after another"))
        // Public inputs may be what a commitment's challenge is a hash of.
        let publicHash = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe(publicCount: 1) { limbOfInput($0, isHash: true) }
        }
        #expect(text(publicHash).contains("as hashes are: a challenge computed anew"))
        describe(publicCount: 1) { limbOfInput($0, isHash: false) }
        describe(.poseidon) { selectByProduct($0, factors: 100) }
        describe(.poseidon) { selectByProduct($0, factors: 150, isBoundAt: 60) }
        let unfinished = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            let builder = CircuitBuilder(.constraints, publicCount: 0)
            _ = EmulatedField<BN254.Fp>(Emulation(builder, .poseidon))
        }
        #expect(text(unfinished).contains("finish() was not called"))
    }

    /// What could depend on challenges, or would not be behind them, ends the program.
    @Test func refusalsOfLateOrSeparateThings() async {
        let late = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var kept: EmulatedField<BN254.Fp>?
            var emulation: Emulation?
            describe { field in
                (kept, emulation) = (field, field.emulation)
                field.enforceEqual(field.hinted { .one }, .one)
            }
            _ = kept!.element(limbs: [emulation!.firstChallenge!]) { .one }
        }
        #expect(text(late).contains("element after finish()"))
        let selection = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var kept: EmulatedField<BN254.Fp>?
            var emulation: Emulation?
            describe { field in (kept, emulation) = (field, field.emulation) }
            _ = kept!.select(emulation!.firstChallenge!, .one, .zero)
        }
        #expect(text(selection).contains("select after finish()"))
        // Also where the first one is finished and gone.
        let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let builder = CircuitBuilder(.constraints, publicCount: 0)
            Emulation(builder, .poseidon).finish()
            Emulation(builder, .poseidon).finish()
        }
        #expect(text(second).contains("a second Emulation in one circuit"))
    }

    /// k + 2^(w+1) < 2^23.
    @Test func mostChunks() async {
        #expect(LimbShape.mostChunks(chunkBits: 17) == 8_126_463)
        #expect(LimbShape.mostChunks(chunkBits: 4) == 8_388_575)
        // 32 chunks an element.
        var enough = Tampering()
        enough.mostChunks = 64
        let built = circuit(BN254.Fp.self, tampering: enough) { field in
            field.enforceEqual(field.hinted { .one }, field.hinted { .one })
        }
        #expect(built.holds)
        let refused = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var few = Tampering()
            few.mostChunks = 63
            _ = circuit(BN254.Fp.self, tampering: few) { field in
                field.enforceEqual(field.hinted { .one }, field.hinted { .one })
            }
        }
        #expect(text(refused).contains("more than 63 chunks of 8 bits in one table"))
    }
}

/// A selection by the product of bits, of which one product in between may be bound.
private func selectByProduct(_ field: EmulatedField<BN254.Fp>, factors: Int, isBoundAt place: Int? = nil) {
    let builder = field.builder
    var product = field.emulation.boundBit(true)
    for index in 1..<factors {
        // A sum that is a wire is no product.
        product = builder.materialized(builder.multiply(product, field.emulation.boundBit(true)))
        if index == place { field.emulation.bind(product) }
    }
    field.enforceEqual(field.select(product, .one, .zero), .one)
}

/// Selections, each of which chooses between the one before and a constant.
private func selections(_ field: EmulatedField<BN254.Fp>, count: Int) {
    let bit = field.emulation.boundBit(true)
    let last = (0..<count).reduce(field.hinted { .one }) { last, _ in field.select(bit, last, .zero) }
    field.enforceEqual(last, .one)
}

/// A limb that is made of a public input by products alone: a hash of it, or its square.
private func limbOfInput(_ field: EmulatedField<BN254.Fp>, isHash: Bool) {
    let builder = field.builder
    builder.bindPublic(0, to: builder.wire(.zero))
    let input = builder.publicInput(0)
    let limb = isHash ? builder.poseidon(input, input) : builder.multiply(input, input)
    field.enforceEqual(field.element(limbs: [limb]) { .zero }, .zero)
}

/// Describes a circuit that is never finished.
private func describe(
    _ source: ChallengeSource = .commitment, publicCount: Int = 0, _ body: (EmulatedField<BN254.Fp>) -> Void
) {
    let builder = CircuitBuilder(.constraints, publicCount: publicCount)
    let emulation = Emulation(builder, source, chunkBits: 8)
    body(EmulatedField<BN254.Fp>(emulation))
    emulation.finish()
}

private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}
