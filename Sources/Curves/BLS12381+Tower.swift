// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
public import FiniteFields

/// The tower's kernels, which take elements as arrays of limbs: the layout that the fields of fields have in
/// Swift.
extension BLS12381.Tower {
    private typealias Product = (
        UnsafeMutablePointer<martlet_limbs6>?, UnsafePointer<martlet_limbs6>?, UnsafePointer<martlet_limbs6>?
    ) -> Void

    public static func multiply(_ a: inout Fp6<Self>, by b: Fp6<Self>) {
        call(martlet_bls12_381_fp6_mul, &a, b)
    }

    public static func multiply(_ a: inout Fp12<Self>, by b: Fp12<Self>) {
        call(martlet_bls12_381_fp12_mul, &a, b)
    }

    public static func square(_ a: inout Fp12<Self>) {
        withUnsafeMutablePointer(to: &a) { martlet_bls12_381_fp12_square(limbs($0), limbs($0)) }
    }

    public static func cyclotomicSquare(_ a: inout Fp12<Self>) {
        withUnsafeMutablePointer(to: &a) { martlet_bls12_381_cyclotomic_square(limbs($0), limbs($0)) }
    }

    public static func multiply(_ a: inout Fp12<Self>, bySparse034 b: Fp6<Self>) {
        call(martlet_bls12_381_fp12_mul_034, &a, b)
    }

    public static func multiply(_ a: inout Fp12<Self>, bySparse014 b: Fp6<Self>) {
        call(martlet_bls12_381_fp12_mul_014, &a, b)
    }

    @inline(__always)
    private static func call<A, B>(_ kernel: Product, _ a: inout A, _ b: B) {
        withUnsafeMutablePointer(to: &a) { a in
            withUnsafePointer(to: b) { b in
                kernel(limbs(a), limbs(a), UnsafeRawPointer(b).assumingMemoryBound(to: martlet_limbs6.self))
            }
        }
    }

    @inline(__always)
    private static func limbs(
        _ element: UnsafeMutablePointer<some Any>
    ) -> UnsafeMutablePointer<martlet_limbs6> {
        UnsafeMutableRawPointer(element).assumingMemoryBound(to: martlet_limbs6.self)
    }
}
