// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import FiniteFields
import TestSupport
import Testing

/// The towers without their kernels, on the formulas that stand in for them.
enum PlainBN254: TowerParameters {
    typealias Fp = BN254.Fp
    static func timesNonResidue(_ a: Fp2<Self>) -> Fp2<Self> { a * Fp2(9, 1) }
    static let frobenius = FrobeniusCoefficients<Self>()
}

enum PlainBLS12381: TowerParameters {
    typealias Fp = BLS12381.Fp
    static func timesNonResidue(_ a: Fp2<Self>) -> Fp2<Self> { a * Fp2(1, 1) }
    static let frobenius = FrobeniusCoefficients<Self>()
}

/// Here the products in Fp2 too.
enum PlainBLS12377: TowerParameters {
    typealias Fp = BLS12377.Fp
    static func timesQ(_ a: Fp) -> Fp { a * 5 }
    static func multiply(_ a: Fp2<Self>, _ b: Fp2<Self>) -> Fp2<Self> {
        Fp2(a.c0 * b.c0 - timesQ(a.c1 * b.c1), a.c0 * b.c1 + a.c1 * b.c0)
    }
    static func square(_ a: Fp2<Self>) -> Fp2<Self> { multiply(a, a) }
    static func timesNonResidue(_ a: Fp2<Self>) -> Fp2<Self> { a * Fp2(.zero, .one) }
    static let frobenius = FrobeniusCoefficients<Self>()
}

/// The shortcuts of the towers against the plain operations that they shorten.
@Suite("Towers: laws")
struct TowerTests {
    func fp2<T: TowerParameters>(_: T.Type) {
        var generator = SeededGenerator.fresh()
        let u = Fp2<T>(.zero, .one)
        #expect(u.squared() == Fp2(-T.timesQ(.one), .zero) && u.squared() == u * u)
        #expect((-T.timesQ(.one)).squareRoot() == nil)
        for _ in 0..<50 {
            let (a, k) = (Fp2<T>.random(using: &generator), T.Fp.random(using: &generator))
            #expect(a.squared() == a * a && a.doubled() == a + a)
            #expect(a * k == a * Fp2(k, .zero))
            #expect(a * a.conjugate == Fp2(a.norm, .zero))
            #expect(a.inverse().map { $0 * a } == .one)
            let root = a.squared().squareRoot()
            #expect(root == a || root == -a)
            #expect((a.squared() * T.timesNonResidue(.one)).squareRoot() == nil)
            // Squares of which one coefficient is zero take a branch of their own.
            #expect(Fp2<T>(k, .zero).squareRoot()?.squared() == Fp2(k, .zero))
            #expect(Fp2<T>(.zero, k).squared().squareRoot()?.squared() == Fp2<T>(.zero, k).squared())
        }
        var values = (0..<5).map { _ in Fp2<T>.random(using: &generator) } + [.zero, .one, .zero]
        let inverses = values.map { $0.inverse() ?? .zero }
        Fp2<T>.batchInvert(&values)
        #expect(values == inverses)
    }

    func fp6<T: TowerParameters>(_: T.Type) {
        var generator = SeededGenerator.fresh()
        let v = Fp6<T>(.zero, .one, .zero)
        #expect(v * v * v == Fp6(T.timesNonResidue(.one), .zero, .zero))
        #expect(Fp6<T>.zero.inverse() == nil)
        for _ in 0..<20 {
            let (a, b) = (Fp6<T>.random(using: &generator), Fp6<T>.random(using: &generator))
            #expect(a.squared() == a * a)
            #expect(a.timesV() == a * v)
            #expect(a * b.c0 == a * Fp6(b.c0, .zero, .zero))
            #expect(a.times(b.c0, b.c1) == a * Fp6(b.c0, b.c1, .zero))
            #expect(a.timesV(b.c1) == a * Fp6(.zero, b.c1, .zero))
            #expect(a.inverse().map { $0 * a } == .one)
            #expect((a * b).frobenius() == a.frobenius() * b.frobenius())
        }
    }

    func fp12<T: TowerParameters>(_: T.Type) {
        var generator = SeededGenerator.fresh()
        let w = Fp12<T>(.zero, .one)
        #expect(w * w == Fp12(Fp6(.zero, .one, .zero), .zero))
        #expect(Fp12<T>.zero.inverse() == nil)
        for _ in 0..<20 {
            let (a, b) = (Fp12<T>.random(using: &generator), Fp12<T>.random(using: &generator))
            let (x, y, z) = (b.c0.c0, b.c0.c1, b.c0.c2)
            #expect(a.squared() == a * a)
            var sparse = a
            sparse.multiplyBySparse034(x, y, z)
            #expect(sparse == a * Fp12(Fp6(x, .zero, .zero), Fp6(y, z, .zero)))
            sparse = a
            sparse.multiplyBySparse014(x, y, z)
            #expect(sparse == a * Fp12(Fp6(x, y, .zero), Fp6(.zero, z, .zero)))
            #expect(a.inverse().map { $0 * a } == .one)
            #expect((a * b).frobenius() == a.frobenius() * b.frobenius())
            #expect(a.frobenius().frobenius() == a.frobeniusSquared())
            #expect(a.frobeniusSquared().frobeniusSquared().frobeniusSquared() == a.conjugate)
            #expect(Fp12(coefficients: a.coefficients) == a)
        }
        let a = Fp12<T>.random(using: &generator)
        #expect(a.power(T.Fp.modulus.words) == a.frobenius())
        #expect(a.power([0]) == .one && a.power([1]) == a && a.power([0, 1]) == a.power([1 << 63]).squared())
        #expect(a.coefficients[7] == a.c1.c0.c1)
    }

    func cyclotomic<T: TowerParameters>(_: T.Type) throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<5 {
            let a = Fp12<T>.random(using: &generator)
            let t = a.conjugate * (try #require(a.inverse()))
            let g = t.frobeniusSquared() * t
            #expect(g * g.conjugate == .one)
            #expect(g.cyclotomicSquared() == g * g)
            for width in 1...7 {
                let words = [generator.next(), generator.next()] as [UInt64]
                for exponent in [words, [0], [1], [.max, .max]] {
                    let digits = SignedDigits(exponent, width: width)
                    #expect(g.cyclotomicPower(digits) == g.power(exponent), "width \(width)")
                }
            }
        }
        #expect(Fp12<T>.one.cyclotomicSquared() == .one)
    }

    @Test(arguments: CurveUnderTest.all) func tower(curve: CurveUnderTest) throws {
        func check<C: CurveSuite>(_: C.Type) throws {
            fp2(C.Tower.self)
            fp6(C.Tower.self)
            fp12(C.Tower.self)
            try cyclotomic(C.Tower.self)
        }
        try check(curve.suite)
    }

    @Test func fp6ByFormulas() {
        fp6(PlainBN254.self)
        fp6(PlainBLS12381.self)
        fp6(PlainBLS12377.self)
    }
    @Test func fp12ByFormulas() {
        fp12(PlainBN254.self)
        fp12(PlainBLS12381.self)
        fp12(PlainBLS12377.self)
    }
    @Test func cyclotomicByFormulas() throws {
        try cyclotomic(PlainBN254.self)
        try cyclotomic(PlainBLS12381.self)
        try cyclotomic(PlainBLS12377.self)
    }

    @Test(arguments: 1...7) func signedDigits(width: Int) {
        var generator = SeededGenerator.fresh()
        let edges = [0, 1, 2, 3, .max, .max - 1, 1 << 63] as [UInt64]
        for value in edges + (0..<100).map({ _ in generator.next() }) {
            let expansion = SignedDigits([value], width: width)
            #expect(expansion.digits.reduce(Int128(0)) { 2 * $0 + Int128($1) } == Int128(value))
            #expect(expansion.digits.allSatisfy { $0 == 0 || $0 & 1 == 1 })
            #expect(expansion.greatest == expansion.digits.map { Int($0.magnitude) }.max() ?? 0)
            #expect(expansion.digits.first != 0)
            guard width > 1 else {
                #expect(expansion.digits.allSatisfy { $0 == 0 || $0 == 1 })
                continue
            }
            #expect(expansion.greatest < 1 << (width - 1))
            var quiet = width
            for digit in expansion.digits.reversed() {
                if digit != 0 {
                    #expect(quiet >= width - 1 || quiet == width)
                    quiet = 0
                } else {
                    quiet += 1
                }
            }
        }
    }
}
