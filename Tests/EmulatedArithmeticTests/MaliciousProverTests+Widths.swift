// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EmulatedArithmetic
import FiniteFields
import TestSupport
import Testing

extension MaliciousProverTests {
    // MARK: K and C

    /// K with any coefficients of the native field: C₀ and Cₖ for which L − (X₀ − X)·C is a multiple of p(X)
    /// there. C₆ follows from K, so that it has no range, and one relation between C₀ and Cₖ is left.
    @Test func quotientOutOfRange() {
        let values = randoms(2)
        let shape = LimbShape(bitWidth: Fp.bitWidth, chunkBits: 8)
        let modulus = limbs(Natural(Fp.modulus), shape)
        let factor = [Scalar.powerOfTwo(shape.base), -Scalar.one]
        expectStopped(by: .quotientWidth) { tampering in
            var tampering = tampering
            tampering.quotient = { sums in
                // (X₀ − X)·Xⁱ modulo p(X)
                let powers = (0...6).map { index in
                    divided([Scalar](repeating: .zero, count: index) + factor, by: modulus).rest
                }
                // Zero for the one of C₆, so that it may be anything.
                func free(_ rest: [Scalar]) -> Scalar { rest[0] * powers[6][1] - rest[1] * powers[6][0] }
                let target = divided(sums, by: modulus).rest
                let inverse = free(powers[0]).inverse()!
                var carries = [Scalar](repeating: .zero, count: 7)
                for power in 1...4 {
                    let (x, y) = Self.split(free(target) * inverse, by: free(powers[power]) * inverse)
                    carries = [Scalar](repeating: .zero, count: 7)
                    (carries[0], carries[power]) = (x, y)
                    if min(y.canonical.bitLength, (-y).canonical.bitLength) <= 129 { break }
                }
                carries[6] =
                    (target[0] - carries.indices.reduce(.zero) { $0 + carries[$1] * powers[$1][0] })
                    * powers[6][0].inverse()!
                var rest = sums + [.zero]
                for (place, carry) in carries.enumerated() {
                    rest[place] -= carry * factor[0]
                    rest[place + 1] -= carry * factor[1]
                }
                let (quotient, zero) = divided(rest, by: modulus)
                #expect(zero.allSatisfy { $0 == .zero } && quotient.count == 6)
                return (quotient, Array(carries.prefix(6)))
            }
            return wrongProduct(tampering, values)
        }
    }

    /// Five limbs, and a C whose leading coefficient is not what follows from K.
    @Test func leadingCarriesAfterThePoint() {
        var generator = SeededGenerator.fresh()
        let values = (0..<2).map { _ in BLS12381.Fp.random(using: &generator) }
        let shape = LimbShape(bitWidth: BLS12381.Fp.bitWidth, chunkBits: 5)
        let bounds = GroupBounds(
            .init(modulus: Natural(BLS12381.Fp.modulus), shape: shape), products: .one, linear: .one)
        #expect(shape.count == 5 && bounds.carryBits.count == 10 && bounds.carryCount == 11)
        expectStopped(by: .followingCarries) { tampering in
            var tampering = tampering
            tampering.quotient = { _ in ([], []) }
            tampering.late = { value, _, count in [value] + [Scalar](repeating: .zero, count: count - 1) }
            return circuit(BLS12381.Fp.self, chunkBits: 5, tampering: tampering) { field in
                field.enforceZero(
                    field.product(field.hinted { values[0] }, field.hinted { values[1] })
                        - field.hinted { values[0] * values[1] + .one })
            }
        }
    }

    /// τ = X₀: then C counts nothing, and some K in range has K(X₀)·p = L(X₀) in the native field.
    @Test func pointThatIsTheBase() {
        let values = randoms(2)
        let shape = LimbShape(bitWidth: Fp.bitWidth, chunkBits: 8)
        expectStopped(by: .pointHash) { tampering in
            var tampering = tampering
            let base = Scalar.powerOfTwo(shape.base)
            tampering.point = base
            tampering.quotient = { sums in
                func value(_ limbs: [Scalar]) -> Scalar { limbs.reversed().reduce(.zero) { $0 * base + $1 } }
                let modulus = value(limbs(Natural(Fp.modulus), shape))
                return (limbs(Natural((value(sums) * modulus.inverse()!).canonical), shape), [])
            }
            return wrongProduct(tampering, values)
        }
    }

    // MARK: ρ

    /// ρ of six bits: values are drawn anew until both are the same.
    @Test func shortChallenges() {
        let values = randoms(2)
        expectStopped(by: .challengeWidth) { tampering in
            func describe(_ attempt: Int) -> (Field) -> Void {
                { field in
                    // Something that may be anything, and two errors that cancel under equal ρ.
                    _ = field.hinted { Fp(UInt64(attempt)) }
                    for (value, error) in zip(values, [Fp.one, -Fp.one]) {
                        field.enforceEqual(field.hinted { value + error }, EmulatedElement(value))
                    }
                }
            }
            let attempts = tampering.omitted.isEmpty ? 20 : 1_500
            let found = (0..<attempts).first { attempt in
                let run = emulate(
                    Fp.self, mode: .witness, .transcript, chunkBits: 4, tampering: tampering,
                    describe(attempt))
                let challenges = run.emulation.challenges.map { $0.map(\.value) }
                return challenges[0] == challenges[1]
            }
            return circuit(Fp.self, chunkBits: 4, tampering: tampering, describe(found ?? 0))
        }
    }

    // MARK: What elements are

    /// A selection by two: 2a − b, which is neither a nor b.
    @Test func selectionByTwo() {
        // Small enough for twice their size to be in the bounds.
        let values = randoms(2).map { Self.element(Self.scalar(Natural($0.canonical) >> 4)) }
        expectStopped(by: .booleans) { tampering in
            var tampering = tampering
            tampering.bit = Scalar(2)
            return circuit(Fp.self, tampering: tampering) { field in
                let (a, b) = (field.hinted { values[0] }, field.hinted { values[1] })
                let chosen = field.select(field.emulation.boundBit(true), a, b)
                field.enforceEqual(chosen, EmulatedElement(values[0] + values[0] - values[1]))
            }
        }
    }

    /// "The canonical limbs of x are these", with those of x + p.
    @Test func limbsAboveThePrime() {
        let integer = Natural(randoms(1)[0].canonical) >> 4
        let value = Self.element(Self.scalar(integer))
        expectStopped(by: .canonicalLimbs) { tampering in
            circuit(Fp.self, tampering: tampering) { field in
                let other = integer + Natural(Fp.modulus)
                let x = field.represented { other }
                field.enforceEqual(x, EmulatedElement(value))
                for (limb, shown) in zip(field.canonical(x).limbs, limbs(other, field.shape)) {
                    field.builder.enforceEqual(limb, Linear(shown))
                }
            }
        }
    }

    /// Two primes; only a check of the second one's is false.
    @Test func falseCheckOfTheSecondPrime() {
        var generator = SeededGenerator.fresh()
        let (a, b) = (Fp.random(using: &generator), BLS12381.Fr.random(using: &generator))
        expectStopped(by: .laterFields) { tampering in
            let builder = CircuitBuilder(.both, publicCount: 0, names: true, challenger: .standIn)
            let emulation = Emulation(builder, .commitment, chunkBits: 8, tampering: tampering)
            let first = EmulatedField<Fp>(emulation)
            let second = EmulatedField<BLS12381.Fr>(emulation)
            let (x, y) = (first.hinted { a }, second.hinted { b })
            first.enforceEqual(first.multiply(x, x), EmulatedElement(a.squared()))
            second.enforceEqual(second.multiply(y, y), EmulatedElement(b.squared() + .one))
            emulation.finish()
            let secret = builder.witness()
            return EmulatedCircuit(
                system: builder.constraintSystem(), witness: (0..<secret.count).map { secret[$0] },
                builder: builder, emulation: emulation)
        }
    }

    // MARK: What is bound

    /// The ρ of a circuit, computed anew in it, and checks that cancel under them: ρ₂·z ≡ 0 and −ρ₁·z ≡ 0
    /// for a z that is not zero. Where the hash's bits are bound, the first challenge depends on them, and
    /// the one that the circuit computes is another.
    @Test func challengesComputedAnew() {
        expectStopped(by: .binding) { tampering in
            circuit(Fp.self, .poseidon, groupSize: 2, tampering: tampering) { field in
                let (builder, z) = (field.builder, field.hinted { Fp(5) })
                let chunks = field.chunks(ofNew: z)!
                let first = builder.poseidon(
                    [builder.weighted(chunks[..<253]), chunks[253]], domain: 0x456d_0001)
                let hash = builder.poseidonStream(seed: first, domain: 0x456d_0002, count: 1)[0]
                let own = Natural(hash.value.canonical)
                let bits = (0..<254).map { index in
                    field.emulation.boundBit(own.digit(at: index, width: 1) == 1)
                }
                builder.enforceEqual(builder.weighted(bits), hash)
                builder.enforceClearlyBelowOrder(bits)
                let rhos = [0, 126].map { start in
                    let limbs = [(0, 43), (43, 43), (86, 40)].map { place, width in
                        builder.weighted(bits[(start + place)..<(start + place + width)])
                    }
                    return field.element(limbs: limbs) {
                        Self.element(own.digit(at: start, width: 126), shape: field.shape)
                    }
                }
                field.enforceZero(field.product(rhos[1], z))
                field.enforceZero(field.product(rhos[0], z) * -1)
            }
        }
    }

    // MARK: Weights

    /// What is forgotten when a weight is counted.
    fileprivate enum Forgotten: CaseIterable {
        case constants, negatives
    }

    /// q·b ≡ 0 for a bit b that is one: false, but q wraps to zero. With weights that count all the
    /// description is refused; with one that forgets constants, or takes negative coefficients for what they
    /// are, it goes through, and holds.
    @Test func forgottenWeights() async {
        for forgotten in Forgotten.allCases {
            let built = circuit(Fp.self) { multipleOfTheOrder($0, forgotten) }
            #expect(built.holds, "\(forgotten)")
        }
        let refused = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = circuit(BN254.Fp.self) { multipleOfTheOrder($0, nil) }
        }
        let text = String(decoding: refused?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("product: a coefficient could wrap"), "\(text)")
        // What the description counts.
        _ = circuit(Fp.self) { field in
            let (a, b) = (field.hinted { .one }, field.hinted { .one })
            #expect((a - b).weight == 2 && (a - b * 5).weight == 6 && (-a).weight == 1)
            #expect((a + EmulatedElement(Fp(7))).weight == 2 && (a * -3 - .one).weight == 4)
            #expect(field.product(a - b, a + EmulatedElement(Fp(1 << 20))).weight == 4)
            #expect((field.product(a, b) - field.product(b, b) * 3).weight == 4)
            #expect(field.select(field.emulation.boundBit(true), a, a - b * 2).weight == 3)
        }
    }

    // MARK: Tools

    /// ρ(X₀) for the bits of its coefficients.
    private static func element(_ bits: UInt128, shape: LimbShape) -> Fp {
        let coefficients = [(0, 43), (43, 43), (86, 40)].map { place, width in
            element(scalar(bits >> UInt128(place) & (1 << UInt128(width) - 1)))
        }
        return coefficients.reversed().reduce(Fp.zero) { $0 * .powerOfTwo(shape.base) + $1 }
    }

    /// The quotient and the rest, as long as the divisor less one, of polynomials; the lowest coefficients
    /// come first.
    private func divided(_ polynomial: [Scalar], by divisor: [Scalar]) -> (
        quotient: [Scalar], rest: [Scalar]
    ) {
        var rest = polynomial
        var quotient: [Scalar] = []
        let inverse = divisor[divisor.count - 1].inverse()!
        while rest.count >= divisor.count {
            let factor = rest[rest.count - 1] * inverse
            let start = rest.count - divisor.count
            for (place, own) in divisor.enumerated() { rest[start + place] -= factor * own }
            rest.removeLast()
            quotient.insert(factor, at: 0)
        }
        return (quotient, rest + [Scalar](repeating: .zero, count: divisor.count - 1 - rest.count))
    }
}

/// Demands q·b ≡ r for a bit b = 1 and r = 0, by constants and coefficients whose sum is q.
private func multipleOfTheOrder(
    _ field: EmulatedField<BN254.Fp>, _ forgotten: MaliciousProverTests.Forgotten?
) {
    typealias Element = EmulatedElement<BN254.Fp>
    let bit = field.emulation.boundBit(true)
    let nothing = field.hinted { .zero }
    var sum = EmulatedQuadratic(Element.zero)
    // 2^shift = coefficient of the product · coefficient of the leaf · what is in the leaf
    for (shift, outer, inner, own) in [(0, 0, 0, 0), (88, 0, 1, 87), (176, 27, 62, 87)] {
        let limb = bit * Scalar.powerOfTwo(own)
        let leaf = field.element(limbs: [limb]) { BN254.Fp.powerOfTwo(own) }
        let part = Natural(Scalar.modulus).digit(at: shift, width: 88)
        var factor = leaf * (1 << inner)
        var constant = Element(MaliciousProverTests.element(MaliciousProverTests.scalar(part)))
        switch forgotten {
        case .constants: constant = constant.weighing(0)
        case .negatives: factor = (factor - nothing * (1 << inner)).weighing(0)
        case nil: break
        }
        sum = sum + field.product(factor, constant) * (1 << outer)
    }
    field.enforceZero(sum - field.hinted { .zero })
}
