// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import EllipticCurves

/// The kernel of the CPU path in use that adds batches of pairs in lanes, with the memory it works in.
final class LaneAdditions<Group: ComputeGroup> {
    private let kernel: UnsafePointer<martlet_addition_kernel>
    private let scratch: UnsafeMutableRawPointer
    /// Below this many pairs scalar code is as fast.
    let fewest: Int

    /// Nil where the path in use has no kernel for the group.
    init?(capacity: Int) {
        guard let number = Group.additionKernel,
            let kernel = martlet_addition_kernel_for(martlet_cpu_current(), Int32(number))
        else { return nil }
        self.kernel = kernel
        fewest = kernel.pointee.fewest
        scratch = .allocate(byteCount: max(1, kernel.pointee.scratch(capacity)), alignment: 64)
    }

    deinit { scratch.deallocate() }

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
