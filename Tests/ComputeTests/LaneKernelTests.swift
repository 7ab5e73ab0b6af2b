import CFieldKernels
import CLaneTests
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// The batched affine additions in lanes, called directly, against additions in Jacobian coordinates.
@Suite struct LaneKernelTests {
    typealias Kernel = (
        UnsafeMutablePointer<martlet_limbs4>?, UnsafePointer<UInt32>?, UnsafePointer<UInt32>?, Int,
        UnsafeMutableRawPointer?, UnsafePointer<martlet_field4>?
    ) -> Void

    @Test func portableLanes() {
        var generator = SeededGenerator.fresh()
        check(
            martlet_affine_add_batch4_portable, martlet_affine_add_batch4_portable_scratch, using: &generator)
        check(
            martlet_affine_add_batch4_unsigned, martlet_affine_add_batch4_unsigned_scratch, using: &generator)
    }

    #if arch(x86_64)
        static let hasAVX2 = martlet_cpu_supports(Int32(MARTLET_CPU_AVX2)) == 1

        @Test(.enabled(if: hasAVX2, "this processor has no AVX2"))
        func avx2Lanes() {
            var generator = SeededGenerator.fresh()
            check(martlet_affine_add_batch4_avx2, martlet_affine_add_batch4_avx2_scratch, using: &generator)
        }

        /// The kernel rounds toward zero and makes inexact products: neither the mode nor the flag may leak.
        @Test(.enabled(if: hasAVX2, "this processor has no AVX2"))
        func theRoundingModeIsPutBack() {
            var generator = SeededGenerator.fresh()
            let control = martlet_floating_point_control()
            check(martlet_affine_add_batch4_avx2, martlet_affine_add_batch4_avx2_scratch, using: &generator)
            #expect(martlet_floating_point_control() == control)
        }
    #endif

    /// A million products, squares and reductions in each BN254 field on each path, with edge values.
    @Test func productsInLanesAreThoseOfTheScalarKernel() {
        var generator = SeededGenerator.fresh()
        let hasAVX2 = martlet_cpu_supports(Int32(MARTLET_CPU_AVX2)) == 1
        for path in hasAVX2 ? 0..<3 : 0..<2 {
            let difference = martlet_test_lanes(Int32(path), generator.next(), 1_000_000)
            #expect(difference.map { String(cString: $0) } == nil, "path \(path)")
        }
    }

    private func check(_ kernel: Kernel, _ scratchSize: (Int) -> Int, using generator: inout SeededGenerator)
    {
        // Points are random multiples of the generator and their neighbours, so that x differs within a pair.
        var points = [Jacobian(BN254.G1.generator.multiplied(by: .random(using: &generator)).affine)]
        for _ in 1..<4096 { points.append(points[points.count - 1] + BN254.G1.generator) }
        let table = Jacobian.batchAffine(points)
        for count in Array(1...70) + [255, 1000, 2048] {
            var slots = (0..<2 * count).map { _ in table[Int.random(in: 0..<table.count, using: &generator)] }
            let order = Array(0..<UInt32(2 * count)).shuffled(using: &generator)
            let (first, second) = (Array(order[..<count]), Array(order[count...]))
            for k in 0..<count where slots[Int(first[k])].x == slots[Int(second[k])].x {
                // The kernel's callers keep equal x away from it.
                slots[Int(second[k])] = (Jacobian(slots[Int(first[k])]) + BN254.G1.generator).affine
            }
            var expected = slots
            let sums = (0..<count).map { Jacobian(slots[Int(first[$0])]) + slots[Int(second[$0])] }
            for (k, sum) in Jacobian.batchAffine(sums).enumerated() { expected[Int(first[k])] = sum }
            let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchSize(count), alignment: 64)
            defer { scratch.deallocate() }
            slots.withUnsafeMutableBytes {
                kernel(
                    $0.baseAddress?.assumingMemoryBound(to: martlet_limbs4.self), first, second, count,
                    scratch,
                    martlet_bn254_fp())
            }
            #expect(slots == expected, "\(count) pairs")
        }
    }
}
