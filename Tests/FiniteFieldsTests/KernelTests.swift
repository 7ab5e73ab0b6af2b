// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Curves
import FiniteFields
import TestSupport
import Testing

#if arch(x86_64)
    /// The Montgomery product in assembly against the one in C, called directly: whatever path is in use.
    @Suite(
        "Kernels: adx against portable",
        .enabled(if: martlet_cpu_supports(1) == 1, "this CPU lacks ADX or BMI2"))
    struct KernelTests {
        static let rounds = 1_000_000

        /// Montgomery limbs below p that stress carries: 0, 1, single full limbs, p − 1 …, R mod p, R² mod p.
        func edges<F: PrimeField>(_: F.Type) -> [F.Limbs] {
            var edges = PrimeFieldTests.edges(F.self).map(\.montgomery)
            edges.append(F.one.canonical)
            for shift in [1, 31, 62] { edges.append(F.modulus.shiftedRight(by: shift)) }
            for i in 0..<F.Limbs.count {
                var limbs = F.modulus
                // A full limb below the top one keeps the integer below p once the top limb is lowered.
                limbs[F.Limbs.count - 1] -= 1
                for j in 0..<i { limbs[j] = .max }
                edges.append(limbs)
            }
            return edges.filter { $0.isLess(than: F.modulus) }
        }

        /// Compares both products on all pairs of edges and on random pairs, one in eight with an edge.
        func compare<F: PrimeField>(
            _: F.Type, adx: (F.Limbs, F.Limbs) -> F.Limbs, portable: (F.Limbs, F.Limbs) -> F.Limbs
        ) {
            var generator = SeededGenerator.fresh("adx against portable, \(F.name)")
            let edges = edges(F.self)
            var failures = 0
            func check(_ a: F.Limbs, _ b: F.Limbs) {
                let product = adx(a, b)
                if product != portable(a, b) || !product.isLess(than: F.modulus) { failures += 1 }
            }
            for a in edges {
                for b in edges { check(a, b) }
            }
            for i in 0..<Self.rounds {
                let a = F.random(using: &generator).montgomery
                check(a, i % 8 == 0 ? edges[i / 8 % edges.count] : F.random(using: &generator).montgomery)
            }
            #expect(failures == 0, "\(F.name)")
        }

        typealias Kernel4 = (
            UnsafeMutablePointer<martlet_limbs4>, UnsafePointer<martlet_limbs4>,
            UnsafePointer<martlet_limbs4>,
            UnsafePointer<martlet_field4>
        ) -> Void
        typealias Kernel6 = (
            UnsafeMutablePointer<martlet_limbs6>, UnsafePointer<martlet_limbs6>,
            UnsafePointer<martlet_limbs6>,
            UnsafePointer<martlet_field6>
        ) -> Void

        func call(_ kernel: @escaping Kernel4, _ field: UnsafePointer<martlet_field4>) -> (Limbs4, Limbs4) ->
            Limbs4
        {
            { a, b in
                var (r, x, y) = (martlet_limbs4(), martlet_limbs4(l: a.l), martlet_limbs4(l: b.l))
                kernel(&r, &x, &y, field)
                return Limbs4(l: r.l)
            }
        }

        func call(_ kernel: @escaping Kernel6, _ field: UnsafePointer<martlet_field6>) -> (Limbs6, Limbs6) ->
            Limbs6
        {
            { a, b in
                var (r, x, y) = (martlet_limbs6(), martlet_limbs6(l: a.l), martlet_limbs6(l: b.l))
                kernel(&r, &x, &y, field)
                return Limbs6(l: r.l)
            }
        }

        func compare<P: FieldParameters>(_: MontgomeryField<P>.Type) where P.Limbs == Limbs4 {
            compare(
                MontgomeryField<P>.self, adx: call(martlet_mul4_adx, P.constants),
                portable: call(martlet_mul4_portable, P.constants))
        }

        func compare<P: FieldParameters>(_: MontgomeryField<P>.Type) where P.Limbs == Limbs6 {
            compare(
                MontgomeryField<P>.self, adx: call(martlet_mul6_adx, P.constants),
                portable: call(martlet_mul6_portable, P.constants))
        }

        @Test func bn254Fp() { compare(BN254.Fp.self) }
        @Test func bn254Fr() { compare(BN254.Fr.self) }
        @Test func babyJubJubFr() { compare(BabyJubJub.Scalar.self) }
        @Test func bls12381Fp() { compare(BLS12381.Fp.self) }
        @Test func bls12381Fr() { compare(BLS12381.Fr.self) }
        @Test func bls12377Fp() { compare(BLS12377.Fp.self) }
        @Test func bls12377Fr() { compare(BLS12377.Fr.self) }

        /// A result may overwrite an operand.
        @Test func resultMayAlias() {
            let field = martlet_bn254_fr()!
            var generator = SeededGenerator.fresh()
            let a = BN254.Fr.random(using: &generator)
            let expected = a * a
            for kernel in [martlet_mul4_adx, martlet_mul4_portable] as [Kernel4] {
                var x = martlet_limbs4(l: a.montgomery.l)
                withUnsafeMutablePointer(to: &x) { kernel($0, $0, $0, field) }
                #expect(Limbs4(l: x.l) == expected.montgomery)
            }
        }
    }
#endif
