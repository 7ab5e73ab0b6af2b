// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import FiniteFields
import TestSupport
import Testing

/// Prime fields by their laws and at their edges, each check for every field.
@Suite("Prime fields: laws and edges")
struct PrimeFieldTests {
    /// 0, 1, 2, (p ± 1)/2, p − 2, p − 1, and values whose Montgomery limbs are of the nasty kind.
    static func edges<F: PrimeField>(_: F.Type) -> [F] {
        let half = F(2).inverse() ?? .zero
        var values: [F] = [.zero, .one, F(2), half, half - .one, -F(2), -F.one, F(.max)]
        for i in 0..<F.Limbs.count {
            var single = F.Limbs.zero
            single[i] = i == F.Limbs.count - 1 ? 1 : .max
            values.append(F(montgomery: single))
        }
        var low = F.modulus
        low[0] -= 1
        values.append(F(montgomery: low))
        return values
    }

    func ranges<F: PrimeField>(_: F.Type) {
        var ones = F.Limbs.zero
        for i in 0..<F.Limbs.count { ones[i] = .max }
        #expect(F(canonical: ones) == nil)
        #expect(F(canonical: F.modulus) == nil)
        var last = F.modulus
        last[0] -= 1
        #expect(F(canonical: last) == -F.one)
        #expect(F(canonical: last)?.canonical == last)
        #expect(F(canonical: .zero) == .zero)
        #expect(F(littleEndian: [UInt8](repeating: 0xff, count: F.byteCount)) == nil)
        #expect(F(littleEndian: [UInt8](repeating: 0, count: F.byteCount - 1)) == nil)
        #expect(F(littleEndian: [UInt8](repeating: 0, count: F.byteCount + 1)) == nil)
        #expect(F(bigEndian: [UInt8](repeating: 0, count: F.byteCount - 1)) == nil)
        let modulusBytes = (0..<F.byteCount).map {
            UInt8(truncatingIfNeeded: F.modulus[$0 / 8] >> UInt64(8 * ($0 % 8)))
        }
        #expect(F(littleEndian: modulusBytes) == nil)
        #expect(F(bigEndian: modulusBytes.reversed()) == nil)
        var lastBytes = modulusBytes
        lastBytes[0] -= 1
        #expect(F(littleEndian: lastBytes) == -F.one)
        #expect((-F.one).littleEndianBytes == lastBytes)
        #expect((-F.one).bigEndianBytes == lastBytes.reversed())
        #expect(F(decimal: F.modulus.decimal) == nil)
        #expect(F(decimal: last.decimal) == -F.one)
        for text in ["", " 1", "1 ", "+1", "-1", "0x1", "1e3", "１", String(repeating: "9", count: 200)] {
            #expect(F(decimal: text) == nil, "\(text)")
        }
        #expect(F(decimal: "000") == .zero)
        // Not below a modulus of one limb.
        let isNarrow = F.Limbs.count == 1
        #expect(F(decimal: "0018446744073709551615") == (isNarrow ? nil : F(.max)))
        #expect(F.zero.decimal == "0")
        #expect((F(10_000_000_000_000_000_000).decimal == "10000000000000000000") != isNarrow)
        #expect(F(1_000_000_000_000_000_000).decimal == "1000000000000000000")
    }

    func laws<F: PrimeField>(_: F.Type) {
        var generator = SeededGenerator.fresh()
        let values = Self.edges(F.self) + (0..<20).map { _ in F.random(using: &generator) }
        for a in values {
            #expect(a.montgomery.isLess(than: F.modulus) && a.canonical.isLess(than: F.modulus))
            #expect(F(canonical: a.canonical) == a)
            #expect(F(littleEndian: a.littleEndianBytes) == a)
            #expect(F(bigEndian: a.bigEndianBytes) == a)
            #expect(F(decimal: a.decimal) == a)
            #expect(a + .zero == a && a * .one == a && a * .zero == .zero)
            #expect(a + (-a) == .zero && a - a == .zero)
            #expect(a.isZero == (a == .zero))
            #expect((a.inverse() == nil) == a.isZero)
            if let inverse = a.inverse() { #expect(a * inverse == .one) }
            for b in values {
                #expect(a + b == b + a && a * b == b * a)
                #expect(a - b == -(b - a))
                #expect((a + b).squared() == a.squared() + (a * b).doubled() + b.squared())
            }
        }
    }

    func roots<F: PrimeField>(_: F.Type) {
        var generator = SeededGenerator.fresh()
        var half = F.modulus
        half[0] -= 1
        half = half.shiftedRight(by: 1)
        for a in Self.edges(F.self) + (0..<20).map({ _ in F.random(using: &generator) }) {
            let square = a.squared()
            let root = square.squareRoot()
            #expect(root == a || root == -a)
            // Euler's criterion.
            let isSquare = a.isZero || a.power(half.words) == .one
            #expect((a.squareRoot() != nil) == isSquare)
        }
        #expect(F.twoAdicRoot.power(1 << UInt64(F.twoAdicity - 1)) == -F.one)
        #expect(F.twoAdicRoot.squareRoot() == nil)
    }

    func batchInversion<F: PrimeField>(_: F.Type) {
        var generator = SeededGenerator.fresh()
        let random = (0..<9).map { _ in F.random(using: &generator) }
        let short: [[F]] = [[], [.zero], [.one], [.zero, .zero]]
        for values in short + [[.zero] + random, random + [.zero, .one, .zero], random] {
            var inverses = values
            F.batchInvert(&inverses)
            #expect(inverses == values.map { $0.inverse() ?? .zero })
        }
    }

    func all<F: PrimeField>(_: F.Type) {
        ranges(F.self)
        laws(F.self)
        roots(F.self)
        batchInversion(F.self)
    }

    @Test(arguments: CurveUnderTest.all) func baseAndScalarFields(curve: CurveUnderTest) {
        func check<C: CurveSuite>(_: C.Type) {
            all(C.Fp.self)
            all(C.Fr.self)
        }
        check(curve.suite)
    }

    @Test func fieldsOfOtherWidths() {
        all(Wide.Fp.self)
        all(Wide.Fr.self)
        all(Narrow.Fp.self)
        all(Narrow.Fr.self)
        all(BLS12377Twist.Scalar.self)
    }

    @Test func scalarsOfBabyJubJub() { all(BabyJubJub.Scalar.self) }

    /// Roots of unity are powers of the least non-residue: 5 in the scalar fields of snarkjs' curves, as its
    /// formats have them.
    @Test func twoAdicRootIsAPowerOfTheLeastNonResidue() {
        func check<F: PrimeField>(_: F.Type, _ least: UInt64) {
            for k in 2..<least { #expect(F(k).squareRoot() != nil) }
            var exponent = F.modulus
            exponent[0] -= 1
            exponent = exponent.shiftedRight(by: F.twoAdicity)
            #expect(F(least).power(exponent.words) == F.twoAdicRoot, "\(F.name)")
        }
        check(BN254.Fr.self, 5)
        check(BLS12381.Fr.self, 5)
        check(BLS12377.Fr.self, 11)
    }
}
