// SPDX-License-Identifier: Apache-2.0

public import CFieldKernels
public import FiniteFields

/// A tower whose products are kernels in C (`Kernels/cpu/tower.h`), which take elements as arrays of limbs:
/// the layout that the fields of fields have in Swift.
public protocol KernelTower: TowerParameters {
    /// The kernels of a CPU path.
    static func kernels(path: Int32) -> UnsafePointer<martlet_tower>
}

extension KernelTower {
    /// Those of the path in use.
    @inlinable @inline(__always)
    static var kernels: UnsafePointer<martlet_tower> { kernels(path: martlet_cpu_current()) }

    @inlinable
    public static func multiply(_ a: inout Fp6<Self>, by b: Fp6<Self>) {
        call(kernels.pointee.fp6_mul, &a, b)
    }

    @inlinable
    public static func multiply(_ a: inout Fp12<Self>, by b: Fp12<Self>) {
        call(kernels.pointee.fp12_mul, &a, b)
    }

    @inlinable
    public static func square(_ a: inout Fp12<Self>) {
        withUnsafeMutablePointer(to: &a) { kernels.pointee.fp12_square($0, $0) }
    }

    @inlinable
    public static func cyclotomicSquare(_ a: inout Fp12<Self>) {
        withUnsafeMutablePointer(to: &a) { kernels.pointee.cyclotomic_square($0, $0) }
    }

    @inlinable
    public static func multiply(_ a: inout Fp12<Self>, bySparse034 b: Fp6<Self>) {
        call(kernels.pointee.fp12_mul_034, &a, b)
    }

    @inlinable
    public static func multiply(_ a: inout Fp12<Self>, bySparse014 b: Fp6<Self>) {
        call(kernels.pointee.fp12_mul_014, &a, b)
    }

    /// a·b in Fp2 by the kernels, for towers with q other than 1.
    @inlinable @inline(__always)
    static func kernelProduct(_ a: Fp2<Self>, _ b: Fp2<Self>) -> Fp2<Self> {
        var r = a
        call(kernels.pointee.fp2_mul, &r, b)
        return r
    }

    /// a² in Fp2 likewise.
    @inlinable @inline(__always)
    static func kernelSquare(_ a: Fp2<Self>) -> Fp2<Self> {
        var r = a
        withUnsafeMutablePointer(to: &r) { kernels.pointee.fp2_square($0, $0) }
        return r
    }

    @inlinable @inline(__always)
    static func call<A, B>(
        _ kernel: @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) -> Void,
        _ a: inout A, _ b: B
    ) {
        withUnsafeMutablePointer(to: &a) { a in
            withUnsafePointer(to: b) { b in kernel(a, a, b) }
        }
    }
}
