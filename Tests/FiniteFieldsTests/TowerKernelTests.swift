// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Curves
import FiniteFields
import TestSupport
import Testing

/// The tower kernels of every path, called directly, against the schoolbook definition over Fp.
@Suite("Tower kernels: against the schoolbook")
struct TowerKernelTests {
    /// One path's kernels of one tower, on elements instead of pointers.
    struct Kernels<T: KernelTower> {
        let path: String
        let table: martlet_tower

        init(_ path: String, _ number: Int32) {
            self.path = path
            table = T.kernels(path: number).pointee
        }

        func fp2Product(_ a: Fp2<T>, _ b: Fp2<T>) -> Fp2<T> { Self.call(table.fp2_mul, a, b) }
        func fp2Square(_ a: Fp2<T>) -> Fp2<T> { Self.call(table.fp2_square, a) }
        func fp6Product(_ a: Fp6<T>, _ b: Fp6<T>) -> Fp6<T> { Self.call(table.fp6_mul, a, b) }
        func fp12Product(_ a: Fp12<T>, _ b: Fp12<T>) -> Fp12<T> { Self.call(table.fp12_mul, a, b) }
        func fp12Square(_ a: Fp12<T>) -> Fp12<T> { Self.call(table.fp12_square, a) }
        func cyclotomicSquare(_ a: Fp12<T>) -> Fp12<T> { Self.call(table.cyclotomic_square, a) }
        func sparse034(_ a: Fp12<T>, _ b: Fp6<T>) -> Fp12<T> { Self.call(table.fp12_mul_034, a, b) }
        func sparse014(_ a: Fp12<T>, _ b: Fp6<T>) -> Fp12<T> { Self.call(table.fp12_mul_014, a, b) }

        typealias Product =
            @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) -> Void
        typealias Square = @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?) -> Void

        /// Calls a kernel on copies; a result written over an operand must be the same.
        static func call<A: Equatable, B>(_ kernel: Product, _ a: A, _ b: B) -> A {
            var (apart, left, right, over) = (a, a, b, a)
            withPointer(&apart) { r in
                withPointer(&left) { a in withPointer(&right) { kernel(r, a, $0) } }
            }
            withPointer(&over) { r in withPointer(&right) { kernel(r, r, $0) } }
            #expect(over == apart, "a result over an operand")
            if let square = b as? A, square == a {
                over = a
                withPointer(&over) { kernel($0, $0, $0) }
                #expect(over == apart, "a result over both operands")
            }
            return apart
        }

        static func call<A: Equatable>(_ kernel: Square, _ a: A) -> A {
            var (apart, operand, over) = (a, a, a)
            withPointer(&apart) { r in withPointer(&operand) { kernel(r, $0) } }
            withPointer(&over) { kernel($0, $0) }
            #expect(over == apart, "a result over the operand")
            return apart
        }

        static func withPointer<A>(_ element: inout A, _ body: (UnsafeMutableRawPointer) -> Void) {
            withUnsafeMutableBytes(of: &element) { body($0.baseAddress!) }
        }
    }

    // MARK: The definition

    static func product<T>(_ a: Fp2<T>, _ b: Fp2<T>) -> Fp2<T> {
        Fp2(a.c0 * b.c0 - T.timesQ(a.c1 * b.c1), a.c0 * b.c1 + a.c1 * b.c0)
    }

    /// The coefficients of an element of Fp12 at the powers of w.
    static func polynomial<T>(_ a: Fp12<T>) -> [Fp2<T>] {
        [a.c0.c0, a.c1.c0, a.c0.c1, a.c1.c1, a.c0.c2, a.c1.c2]
    }

    static func product<T>(_ a: Fp12<T>, _ b: Fp12<T>) -> Fp12<T> {
        var r = [Fp2<T>](repeating: .zero, count: 6)
        for (i, x) in polynomial(a).enumerated() {
            for (j, y) in polynomial(b).enumerated() {
                let term = product(x, y)
                r[(i + j) % 6] += i + j < 6 ? term : T.timesNonResidue(term)
            }
        }
        return Fp12(Fp6(r[0], r[2], r[4]), Fp6(r[1], r[3], r[5]))
    }

    // MARK: The comparison

    /// Limbs below p that stress carries: 0, 1, p − 1 and its neighbours, limbs of ones.
    static func edges<F: PrimeField>(_: F.Type) -> [F] {
        var edges = [F.zero, .one, -.one, F(2), -F(2)].map(\.montgomery)
        var one = F.Limbs.zero
        one[0] = 1
        edges.append(one)
        for k in 1...3 as ClosedRange<UInt64> {
            var limbs = F.modulus
            limbs[0] -= k
            edges.append(limbs)
        }
        for shift in [1, 2, 31] { edges.append(F.modulus.shiftedRight(by: shift)) }
        for i in 0..<F.Limbs.count {
            var limbs = F.modulus
            limbs[F.Limbs.count - 1] -= 1
            for j in 0..<i { limbs[j] = .max }
            edges.append(limbs)
        }
        return edges.filter { $0.isLess(than: F.modulus) }.map { F(montgomery: $0) }
    }

    func compare<T: KernelTower>(_: T.Type) {
        var paths = [Kernels<T>("portable", 0)]
        if martlet_cpu_supports(1) == 1 { paths.append(Kernels("adx", 1)) }
        var generator = SeededGenerator.fresh("tower kernels, \(T.Fp.name)")
        let edges = Self.edges(T.Fp.self)
        var limbs = T.Fp.modulus
        limbs[0] -= 1
        let greatest = T.Fp(montgomery: limbs)

        /// Random coefficients; with `kind` 0 all edges, 1 only 0 and p − 1, 2 a quarter of them edges.
        func element(_ kind: Int) -> Fp12<T> {
            Fp12(
                coefficients: (0..<12).map { _ in
                    switch kind {
                    case 0: edges.randomElement(using: &generator)!
                    case 1: Bool.random(using: &generator) ? greatest : .zero
                    case 2 where generator.next() % 4 == 0: edges.randomElement(using: &generator)!
                    default: .random(using: &generator)
                    }
                })
        }

        for kernels in paths {
            // Every pair of edges in Fp2.
            for a in edges {
                for b in edges {
                    let (x, y) = (Fp2<T>(a, b), Fp2<T>(b, a))
                    #expect(kernels.fp2Product(x, y) == Self.product(x, y), "\(kernels.path)")
                    #expect(kernels.fp2Square(x) == Self.product(x, x), "\(kernels.path)")
                }
            }
            var failures = 0
            let all = Fp12<T>(coefficients: Array(repeating: greatest, count: 12))
            for i in 0..<4000 {
                let (a, b) = i == 0 ? (all, all) : (element(i % 4), element(i / 4 % 4))
                let (x, y, z) = (b.c0.c0, b.c0.c1, b.c0.c2)
                if kernels.fp2Product(a.c0.c0, x) != Self.product(a.c0.c0, x) { failures += 1 }
                if kernels.fp2Square(x) != Self.product(x, x) { failures += 1 }
                let sextic = Self.product(Fp12(a.c0, .zero), Fp12(b.c0, .zero))
                if Fp12(kernels.fp6Product(a.c0, b.c0), .zero) != sextic { failures += 1 }
                if kernels.fp12Product(a, b) != Self.product(a, b) { failures += 1 }
                if kernels.fp12Product(a, a) != Self.product(a, a) { failures += 1 }
                if kernels.fp12Square(a) != Self.product(a, a) { failures += 1 }
                let line034 = Fp12(Fp6(x, .zero, .zero), Fp6(y, z, .zero))
                if kernels.sparse034(a, b.c0) != Self.product(a, line034) { failures += 1 }
                let line014 = Fp12(Fp6(x, y, .zero), Fp6(.zero, z, .zero))
                if kernels.sparse014(a, b.c0) != Self.product(a, line014) { failures += 1 }
                // Outside the subgroup the kernel still is the formula, which spans its widest values.
                if kernels.cyclotomicSquare(a) != plain(a) { failures += 1 }
            }
            #expect(failures == 0, "\(kernels.path)")
        }
    }

    /// The formula for squares in the cyclotomic subgroup: 3A² − 2Ā and so on, over the schoolbook product.
    func plain<T>(_ x: Fp12<T>) -> Fp12<T> {
        func square(_ x: Fp2<T>, _ y: Fp2<T>) -> (Fp2<T>, Fp2<T>) {
            let cross = Self.product(x, y)
            return (Self.product(x, x) + T.timesNonResidue(Self.product(y, y)), cross + cross)
        }
        func thrice(_ a: Fp2<T>) -> Fp2<T> { a + a + a }
        func twice(_ a: Fp2<T>) -> Fp2<T> { a + a }
        let a = square(x.c0.c0, x.c1.c1)
        let b = square(x.c1.c0, x.c0.c2)
        let c = square(x.c0.c1, x.c1.c2)
        return Fp12(
            Fp6(
                thrice(a.0) - twice(x.c0.c0), thrice(b.0) - twice(x.c0.c1), thrice(c.0) - twice(x.c0.c2)),
            Fp6(
                thrice(T.timesNonResidue(c.1)) + twice(x.c1.c0), thrice(a.1) + twice(x.c1.c1),
                thrice(b.1) + twice(x.c1.c2)))
    }

    @Test func bn254() { compare(BN254.Tower.self) }
    @Test func bls12381() { compare(BLS12381.Tower.self) }
    @Test func bls12377() { compare(BLS12377.Tower.self) }
}
