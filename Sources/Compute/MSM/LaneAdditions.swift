// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Curves
import EllipticCurves

/// The kernel of the CPU path in use that adds batches of pairs in lanes, with the memory it works in.
final class LaneAdditions<Group: CurveGroup> {
    private let kernel: UnsafePointer<martlet_addition_kernel>
    private let scratch: UnsafeMutableRawPointer
    /// Below this many pairs scalar code is as fast.
    let fewest: Int

    /// Nil where the path in use has no kernel for the group.
    init?(capacity: Int) {
        guard let number = Self.number,
            let kernel = martlet_addition_kernel_for(martlet_cpu_current(), Int32(number))
        else { return nil }
        self.kernel = kernel
        fewest = kernel.pointee.fewest
        scratch = .allocate(byteCount: max(1, kernel.pointee.scratch(capacity)), alignment: 64)
    }

    deinit { scratch.deallocate() }

    /// What the kernels call the group.
    private static var number: Int? {
        if Group.self == BN254.G1.self { return MARTLET_BN254_G1 }
        if Group.self == BN254.G2.self { return MARTLET_BN254_G2 }
        if Group.self == BLS12381.G1.self { return MARTLET_BLS12_381_G1 }
        if Group.self == BLS12381.G2.self { return MARTLET_BLS12_381_G2 }
        return nil
    }

    /// See `martlet_addition`. `count` is at most the capacity.
    ///
    /// - Returns: the number of pairs that were not computed; these are listed in `exceptional`.
    func add(
        _ sums: UnsafeMutablePointer<Affine<Group>>, _ points: UnsafeRawPointer,
        _ references: UnsafePointer<SignedIndex>, count: Int, exceptional: UnsafeMutablePointer<UInt32>
    ) -> Int {
        kernel.pointee.add(sums, points, references, count, scratch, exceptional)
    }
}
