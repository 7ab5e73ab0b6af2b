// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EmulatedArithmetic
import FiniteFields
import TestSupport
import Testing

/// A prover who cheats: for each check one who gets through without it, and whom it stops.
@Suite struct MaliciousProverTests {
    typealias Fp = BN254.Fp
    typealias Field = EmulatedField<BN254.Fp>

    /// The attack on the circuit with the check, and on the one without it.
    func expectStopped(
        by omission: Tampering.Omission, sourceLocation: SourceLocation = #_sourceLocation,
        _ attack: (Tampering) -> EmulatedCircuit
    ) {
        #expect(attack(Tampering(omission)).holds, "without the check", sourceLocation: sourceLocation)
        #expect(!attack(Tampering()).holds, "with the check", sourceLocation: sourceLocation)
    }

    func randoms(_ count: Int) -> [Fp] {
        var generator = SeededGenerator.fresh()
        return (0..<count).map { _ in .random(using: &generator) }
    }

    // MARK: Chunks

    /// The same integer, but a limb beyond its range: one more in its highest chunk than there is room for,
    /// one less in the next limb.
    private func shifted(_ value: Fp, _ shape: LimbShape) -> [Scalar] {
        var chunks = self.chunks(value, shape).map { Scalar($0) }
        chunks[shape.limbChunks[0] - 1] += .powerOfTwo(shape.chunkBits)
        chunks[shape.limbChunks[0]] -= .one
        return chunks
    }

    func chunks(_ value: Fp, _ shape: LimbShape) -> [UInt64] {
        let integer = Natural(value.canonical)
        return (0..<shape.chunkCount).map {
            UInt64(integer.digit(at: $0 * shape.chunkBits, width: shape.chunkBits))
        }
    }

    @Test func chunkOutOfRange() {
        let values = randoms(2)
        expectStopped(by: .lookupSum) { tampering in
            circuit(Fp.self, tampering: tampering) { field in
                let product = field.forged(
                    chunks: shifted(values[0] * values[1], field.shape), value: values[0] * values[1])
                field.enforceZero(
                    field.product(EmulatedElement(values[0]), EmulatedElement(values[1])) - product)
                let limbs = field.limbs(ofNew: product)!
                #expect(Natural(limbs[0].value.canonical).bitLength > field.shape.limbBits[0])
            }
        }
        // Without commitments chunks are bits; a chunk that is none.
        let built = circuit(Fp.self, .poseidon) { field in
            let product = field.forged(
                chunks: shifted(values[0] * values[1], field.shape), value: values[0] * values[1])
            field.enforceZero(
                field.product(EmulatedElement(values[0]), EmulatedElement(values[1])) - product)
        }
        #expect(!built.holds)
    }

    /// Multiplicities that make up for a chunk out of range, for the challenge of a first run.
    @Test func multiplicitiesAfterTheChallenge() {
        let value = randoms(1)[0]
        expectStopped(by: .multiplicityCommitment) { tampering in
            func run(_ alpha: Scalar?) -> EmulatedCircuit {
                var tampering = tampering
                var forged: [Scalar] = []
                tampering.multiplicities = { counts, _ in
                    guard let alpha else { return counts }
                    // Σ 1/(α − c) over the chunks that are in no table, by way of the number 0.
                    var counts = counts
                    for chunk in forged { counts[0] += alpha * (alpha - chunk).inverse()! }
                    return counts
                }
                return circuit(Fp.self, tampering: tampering) { field in
                    let all = shifted(value, field.shape)
                    forged = all.filter { $0.canonical.bitLength > field.shape.chunkBits }
                    field.enforceEqual(
                        field.forged(chunks: all, value: value), EmulatedElement(value))
                }
            }
            return run(run(nil).emulation.firstChallenge!.value)
        }
    }

    // MARK: K and C

    /// A product that is wrong by one.
    func wrongProduct(_ tampering: Tampering, _ values: [Fp]) -> EmulatedCircuit {
        circuit(Fp.self, tampering: tampering) { field in
            field.enforceZero(
                field.product(field.hinted { values[0] }, field.hinted { values[1] })
                    - field.hinted { values[0] * values[1] + .one })
        }
    }

    @Test func freeQuotient() {
        let values = randoms(2)
        expectStopped(by: .quotient) { tampering in
            var tampering = tampering
            tampering.quotient = { _ in ([], []) }
            tampering.late = { value, _, count in [value] + [Scalar](repeating: .zero, count: count - 1) }
            return wrongProduct(tampering, values)
        }
    }

    /// K in its range, and chosen for τ: five coefficients of 88 bits take any value.
    @Test func quotientAfterThePoint() {
        let values = randoms(2)
        expectStopped(by: .quotientHash) { tampering in
            var tampering = tampering
            tampering.quotient = { _ in ([], []) }
            tampering.late = { value, point, count in
                // In the middle of the range, from 0 to 2^88.
                let middle = Scalar.powerOfTwo(87)
                let center = (0..<5).reduce(Scalar.zero) { $0 + middle * point.power(UInt64($1)) }
                return Lattice.combination(value - center, of: point, count: 5).map { $0 + middle } + [.zero]
            }
            return wrongProduct(tampering, values)
        }
    }

    @Test func freeCarries() {
        let values = randoms(2)
        expectStopped(by: .carries) { tampering in
            var tampering = tampering
            tampering.quotient = { _ in ([], []) }
            tampering.late = { value, _, count in [value] + [Scalar](repeating: .zero, count: count - 1) }
            return wrongProduct(tampering, values)
        }
    }

    /// C in its range, and chosen for τ: C₀ + C₁·τ takes any value.
    @Test func carriesAfterThePoint() {
        let values = randoms(2)
        expectStopped(by: .carryHash) { tampering in
            var tampering = tampering
            tampering.quotient = { _ in ([], []) }
            tampering.late = { value, point, count in
                let (x, y, power) = Self.split(value, point, powers: 1...4, bits: 129)
                var carries = [Scalar](repeating: .zero, count: count)
                (carries[0], carries[power]) = (x, y)
                return carries
            }
            return wrongProduct(tampering, values)
        }
    }

    /// K(X₀) = L(X₀)/p and C = (L − K·p)/(X₀ − X), both over the native field.
    @Test func carriesOutOfRange() {
        let values = randoms(2)
        let shape = LimbShape(bitWidth: Fp.bitWidth, chunkBits: 8)
        expectStopped(by: .carryRange) { tampering in
            var tampering = tampering
            tampering.quotient = { sums in
                let base = Scalar.powerOfTwo(shape.base)
                var (value, modulus) = (Scalar.zero, Scalar.zero)
                for sum in sums.reversed() { value = value * base + sum }
                let limbs = self.limbs(Natural(Fp.modulus), shape)
                for limb in limbs.reversed() { modulus = modulus * base + limb }
                let quotient = self.limbs(Natural((value * modulus.inverse()!).canonical), shape)
                return (quotient, Self.carries(sums, quotient, limbs, base))
            }
            return wrongProduct(tampering, values)
        }
    }

    /// Ten whole chunks in C: then 2^W·Cᵢ reaches beyond q, and the sum over the integers may be a multiple
    /// of q instead of zero. With one check, whose ρ is known, a prover makes use of it.
    @Test func carriesThatWrap() {
        let values = randoms(2)
        let (p, place) = (Natural(Fp.modulus), 2)
        expectStopped(by: .carryWidth) { tampering in
            let source = Drawing.fixed(.powerOfTwo(200))
            func run(_ error: Fp, _ tampering: Tampering) -> EmulatedCircuit {
                circuit(Fp.self, source, chunkBits: 5, tampering: tampering) { field in
                    field.enforceZero(
                        field.product(field.hinted { values[0] }, field.hinted { values[1] })
                            - field.hinted { values[0] * values[1] - error })
                }
            }
            let shape = LimbShape(bitWidth: Fp.bitWidth, chunkBits: 5)
            let base = Fp.powerOfTwo(shape.base)
            let rho = run(.zero, Tampering()).emulation.challenges[0].reversed().reduce(Fp.zero) {
                $0 * base + Self.element($1.value)
            }
            // ρ·e + q·X₀² ≡ 0
            let order = Self.element(-Scalar.one) + .one
            let error = -(order * base.power(UInt64(place))) * rho.inverse()!
            var forging = tampering
            forging.quotient = { sums in
                var integer = SignedWords(bits: 1200)
                for (index, sum) in sums.enumerated() { integer.add(sum, shiftedBy: shape.base * index) }
                // q = 2·(q − 1)/2 + 1
                let half = Scalar(canonical: Scalar.modulus.shiftedRight(by: 1))!
                for part in [half, half, .one] { integer.add(part, shiftedBy: shape.base * place) }
                let divided = integer.dividedExactly(by: p.words)
                var quotient = (0..<6).map { index in
                    let digit = divided.digit(at: shape.base * index, width: shape.base)
                    return Self.scalar(digit)
                }
                if divided.digit(at: 6 * shape.base - 1, width: 1) == 1 {
                    quotient[5] -= .powerOfTwo(shape.base)
                }
                return (
                    quotient,
                    Self.carries(sums, quotient, self.limbs(p, shape), .powerOfTwo(shape.base))
                )
            }
            return run(error, forging)
        }
    }

    // MARK: ρ and τ

    /// 254 bits of h + q instead of h, and checks that are false, but not for that ρ.
    @Test func otherBitsOfAHash() throws {
        let values = randoms(2)
        let shape = LimbShape(bitWidth: Fp.bitWidth, chunkBits: 8)
        // A first challenge for which there are two.
        let (first, hash) = try #require(
            (1...100).map { Scalar($0) + .powerOfTwo(200) }.lazy.map {
                ($0, Poseidon.stream(seed: $0, domain: 0x456d_0002, count: 1)[0])
            }
            .first { (Natural($0.1.canonical) + Natural(Scalar.modulus)).bitLength <= 254 })
        let other = Natural(hash.canonical) + Natural(Scalar.modulus)
        let bits = (0..<254).map { other.digit(at: $0, width: 1) == 1 }
        let widths = GroupBounds.challengeBits
        let rhos = [0, 126].map { start in
            let limbs = [
                other.digit(at: start, width: widths[0]),
                other.digit(at: start + widths[0], width: widths[1]),
                other.digit(at: start + widths[0] + widths[1], width: widths[2]),
            ]
            return limbs.reversed().reduce(Fp.zero) {
                $0 * Fp.powerOfTwo(shape.base) + Self.element(Self.scalar($1))
            }
        }
        expectStopped(by: .canonicalChallenges) { tampering in
            var tampering = tampering
            tampering.challengeBits = { _ in bits }
            let source = Drawing.fixed(first)
            return circuit(Fp.self, source, tampering: tampering) { field in
                // ρ₁·e₁ + ρ₂·e₂ ≡ 0 with e₁ = 1
                let errors = [Fp.one, -rhos[0] * rhos[1].inverse()!]
                for (value, error) in zip(values, errors) {
                    field.enforceEqual(field.hinted { value + error }, EmulatedElement(value))
                }
            }
        }
    }

    /// A first challenge that does not depend on chunks: false checks that cancel under its ρ. With one
    /// that does there is another ρ.
    @Test func challengeBeforeTheChunks() {
        let values = randoms(2)
        func run(_ drawing: Drawing, _ errors: [Fp]) -> EmulatedCircuit {
            circuit(Fp.self, drawing) { field in
                for (value, error) in zip(values, errors) {
                    field.enforceEqual(field.hinted { value + error }, EmulatedElement(value))
                }
            }
        }
        for (drawing, holds) in [(Drawing.fixed(.powerOfTwo(200)), true), (.transcript, false)] {
            let first = run(drawing, [.zero, .zero])
            #expect(first.holds)
            let known = rhos(first, LimbShape(bitWidth: Fp.bitWidth, chunkBits: 8))
            #expect(run(drawing, [.one, -known[0] * known[1].inverse()!]).holds == holds)
        }
    }

    /// Where τ does not depend on chunks: K = C = 0, and chunks for which e(τ) = 0.
    @Test func pointBeforeTheChunks() {
        let values = randoms(2)
        expectStopped(by: .firstChallengeInPoint) { tampering in
            func run(_ point: Scalar?) -> EmulatedCircuit {
                var tampering = tampering
                tampering.quotient = { _ in ([], []) }
                return circuit(Fp.self, chunkBits: 11, tampering: tampering) { field in
                    let shape = field.shape
                    // a·b = x + 2^50·y with limbs of x and y such that it holds at τ.
                    var parts = [Natural](repeating: .zero, count: 3)
                    if let point {
                        let (a, b) = (
                            self.value(values[0], shape, at: point), self.value(values[1], shape, at: point)
                        )
                        // Limbs are not negative.
                        let offset = Scalar.powerOfTwo(135)
                        let target = a * b - offset * (point + point.squared())
                        let (x, y, power) = Self.split(target, point, powers: 1...2, bits: 135)
                        parts = [Natural(x.canonical), Natural(offset.canonical), Natural(offset.canonical)]
                        parts[power] = Natural((y + offset).canonical)
                    }
                    func element(_ part: (Natural) -> Natural) -> EmulatedElement<Fp> {
                        let integer = parts.enumerated().reduce(Natural.zero) {
                            $0 + part($1.element) << (shape.base * $1.offset)
                        }
                        return field.represented { integer }
                    }
                    let x = element { Natural(UInt64($0.digit(at: 0, width: 50))) }
                    let y = element { $0 >> 50 }
                    #expect(x.value + y.value * Fp.powerOfTwo(50) != values[0] * values[1])
                    field.enforceZero(
                        field.product(EmulatedElement(values[0]), EmulatedElement(values[1])) - x
                            - y * (1 << 50))
                }
            }
            return run(run(nil).emulation.point!.value)
        }
    }

    // MARK: What is bound

    /// Bits of x that are chosen when ρ is known: x = a and x = b, for different a and b.
    @Test func unboundWires() {
        let values = randoms(2)
        expectStopped(by: .binding) { tampering in
            func run(_ x: Fp) -> EmulatedCircuit {
                circuit(Fp.self, tampering: tampering) { field in
                    let integer = Natural(x.canonical)
                    let limbs = field.shape.limbBits.enumerated().map { index, width in
                        let digit = integer.digit(at: field.shape.base * index, width: width)
                        return field.builder.weighted(
                            (0..<width).map { bit in field.emulation.boundBit(digit >> UInt128(bit) & 1 == 1)
                            })
                    }
                    let element = field.element(limbs: limbs) { x }
                    for value in values { field.enforceEqual(element, EmulatedElement(value)) }
                }
            }
            let first = run(values[0])
            let known = rhos(first, LimbShape(bitWidth: Fp.bitWidth, chunkBits: 8))
            return run((known[0] * values[0] + known[1] * values[1]) * (known[0] + known[1]).inverse()!)
        }
    }

    /// Chunks hashed in packs before they are in range: other chunks with the same packs, when α and ρ are
    /// known. The statement is a·b = x and x = c for a c that is not a·b; y is a secret that nothing is
    /// said of.
    @Test func otherChunksWithTheSamePacks() throws {
        let values = randoms(4)
        let (a, b, c, y) = (values[0], values[1], values[2], values[3])
        let shape = LimbShape(bitWidth: Fp.bitWidth, chunkBits: 8)
        func run(_ tampering: Tampering, _ body: (Field) -> [EmulatedElement<Fp>]) -> EmulatedCircuit {
            circuit(Fp.self, .poseidon, tampering: tampering) { field in
                let x = body(field)[0]
                field.enforceZero(field.product(EmulatedElement(a), EmulatedElement(b)) - x)
                field.enforceEqual(x, EmulatedElement(c))
            }
        }
        // With bits: the x that suits the ρ of a first run has other bits, and with them there is another ρ.
        func plain(_ x: Fp) -> EmulatedCircuit {
            run(Tampering()) { field in [field.hinted { x }, field.hinted { y }] }
        }
        func suiting(_ rhos: [Fp]) -> Fp {
            (rhos[0] * a * b - rhos[1] * c) * (rhos[0] - rhos[1]).inverse()!
        }
        let bitShape = LimbShape(bitWidth: Fp.bitWidth, chunkBits: 1)
        #expect(!plain(suiting(rhos(plain(a * b), bitShape))).holds)

        // Without: 32 chunks each of x and y, in packs of 31.
        var weak = Tampering(.bitsBehindHash)
        // Those of the first run, which are hashed.
        var multiplicities: [Scalar]?
        weak.multiplicities = { counts, _ in
            if multiplicities == nil { multiplicities = counts }
            return multiplicities!
        }
        let first = run(weak) { field in [field.hinted { a * b }, field.hinted { y }] }
        let alpha = first.emulation.firstChallenge!.value
        let x = suiting(rhos(first, shape))
        let old = chunks(a * b, shape).map { Scalar($0) } + chunks(y, shape).map { Scalar($0) }
        var new = chunks(x, shape).map { Scalar($0) } + chunks(y, shape).map { Scalar($0) }
        func pack(_ chunks: ArraySlice<Scalar>) -> Scalar {
            chunks.reversed().reduce(.zero) { $0 * Scalar(256) + $1 }
        }
        // The last chunk of x makes the first pack what it was, by way of the limb that it is in.
        let shift = pack(new[0..<31]) - pack(old[0..<31])
        new[22] -= shift * Scalar.powerOfTwo(8 * 22).inverse()!
        new[31] += shift * Scalar.powerOfTwo(8 * 31).inverse()!
        #expect(pack(new[0..<31]) == pack(old[0..<31]))
        #expect(pack(new[0..<32]) == self.value(x, shape, at: .powerOfTwo(88)))
        // y's first chunk does so for the second pack.
        new[32] -= (pack(new[31..<62]) - pack(old[31..<62])) * Scalar(256).inverse()!
        #expect(pack(new[31..<62]) == pack(old[31..<62]))
        // And two more of y's chunks make the sum of the table's what it was: a quadratic equation.
        let forged = try #require(
            (0..<64).lazy.compactMap { (attempt: UInt64) -> [Scalar]? in
                var new = new
                // Another start for each attempt, with the same packs.
                new[36] += Scalar(attempt)
                new[32] -= Scalar(attempt) * Scalar.powerOfTwo(32)
                func share(_ chunk: Scalar) -> Scalar { (alpha - chunk).inverse()! }
                let target = old.reduce(Scalar.zero) { $0 + share($1) }
                let others = new.indices.filter { $0 != 33 && $0 != 34 }
                let rest = target - others.reduce(Scalar.zero) { $0 + share(new[$1]) }
                // 1/u + 1/v = rest with u + 256·v = s for u = α − c₁, v = α − c₂: (s − 256·v) + v = rest·(s
                // − 256·v)·v
                let s = alpha - new[33] + Scalar(256) * (alpha - new[34])
                // 256·rest·v² − (rest·s + 255)·v + s = 0
                let (p, q) = (Scalar(256) * rest, rest * s + Scalar(255))
                guard let root = (q.squared() - Scalar(4) * p * s).squareRoot() else { return nil }
                let v = (q + root) * (p + p).inverse()!
                new[34] = alpha - v
                new[33] = alpha - (s - Scalar(256) * v)
                return new
            }.first)
        let second = run(weak) { field in
            [
                field.forged(chunks: Array(forged[..<32]), value: x),
                field.forged(chunks: Array(forged[32...]), value: y),
            ]
        }
        #expect(second.holds, "\(second.builder.scope(of: second.firstViolated ?? 0))")
    }

    // MARK: Tools

    func rhos(_ circuit: EmulatedCircuit, _ shape: LimbShape) -> [Fp] {
        circuit.emulation.challenges.map { challenge in
            challenge.reversed().reduce(Fp.zero) {
                $0 * Fp.powerOfTwo(shape.base) + Self.element($1.value)
            }
        }
    }

    func limbs(_ integer: Natural, _ shape: LimbShape) -> [Scalar] {
        shape.limbs(of: integer).map { Self.scalar($0) }
    }

    func value(_ element: Fp, _ shape: LimbShape, at point: Scalar) -> Scalar {
        limbs(Natural(element.canonical), shape).reversed().reduce(.zero) { $0 * point + $1 }
    }

    /// Cᵢ = (Lᵢ − (K·p)ᵢ + Cᵢ₋₁) / X₀ over the native field, six of them.
    static func carries(
        _ sums: [Scalar], _ quotient: [Scalar], _ modulus: [Scalar], _ base: Scalar
    ) -> [Scalar] {
        var carries: [Scalar] = []
        for index in 0..<6 {
            var rest = sums[index] + (carries.last ?? .zero)
            for (place, limb) in modulus.enumerated() where quotient.indices.contains(index - place) {
                rest -= quotient[index - place] * limb
            }
            carries.append(rest * base.inverse()!)
        }
        return carries
    }

    static func scalar(_ integer: UInt128) -> Scalar {
        Scalar(
            canonical: Scalar.Limbs(l: (UInt64(truncatingIfNeeded: integer), UInt64(integer >> 64), 0, 0)))!
    }

    /// The integer below q, modulo p.
    static func element(_ scalar: Scalar) -> Fp {
        scalar.canonical.words.reversed().reduce(Fp.zero) { ($0 * Fp(1 << 32)) * Fp(1 << 32) + Fp($1) }
    }

    /// 0 ≤ x < 2^130 and |y| < 2^bits with x + y·t^k = value for one of some k.
    static func split(
        _ value: Scalar, _ t: Scalar, powers: ClosedRange<Int>, bits: Int
    ) -> (x: Scalar, y: Scalar, power: Int) {
        for power in powers {
            let (x, y) = split(value, by: t.power(UInt64(power)))
            if min(y.canonical.bitLength, (-y).canonical.bitLength) <= bits { return (x, y, power) }
        }
        // One in a million.
        fatalError("no short vector")
    }

    /// x < 2^130 and a y that is rarely above 2^129 with x + y·t = value: by the remainders of Euclid's
    /// algorithm on q and t.
    static func split(_ value: Scalar, by t: Scalar) -> (x: Scalar, y: Scalar) {
        var (large, small) = (Natural(Scalar.modulus), Natural(t.canonical))
        var (largeFactor, smallFactor) = (Scalar.zero, Scalar.one)
        var (x, y) = (Natural(value.canonical), Scalar.zero)
        while true {
            // small ≡ smallFactor·t
            let (multiple, rest) = x.divided(by: small)
            x = rest
            y += scalar(multiple) * smallFactor
            if small.bitLength <= 130 { return (scalar(x), y) }
            let (quotient, remainder) = large.divided(by: small)
            (large, small) = (small, remainder)
            (largeFactor, smallFactor) = (smallFactor, largeFactor - scalar(quotient) * smallFactor)
        }
    }

    static func scalar(_ integer: Natural) -> Scalar { Scalar(canonical: limbs(integer))! }

    private static func limbs(_ integer: Natural) -> Scalar.Limbs {
        var limbs = Scalar.Limbs.zero
        for (index, word) in integer.words.enumerated() { limbs[index] = word }
        return limbs
    }
}
