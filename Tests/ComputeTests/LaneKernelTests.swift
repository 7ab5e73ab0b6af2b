// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import CLaneTests
import TestSupport
import Testing

/// The kernels in lanes, called directly, against the portable scalar ones.
@Suite(.serialized) struct LaneKernelTests {
    struct Lanes: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let path: Int

        var isSupported: Bool { martlet_lanes_supported(Int32(path)) == 1 }

        static let all = [
            Lanes(testDescription: "signed, checked", path: MARTLET_LANES_SIGNED),
            Lanes(testDescription: "unsigned, checked", path: MARTLET_LANES_UNSIGNED),
            Lanes(testDescription: "ifma-emulated", path: MARTLET_LANES_EMULATED),
            Lanes(testDescription: "avx2", path: MARTLET_LANES_AVX2),
            Lanes(testDescription: "ifma", path: MARTLET_LANES_IFMA),
        ]
    }

    /// A million products, squares and reductions in each field, and batches of additions in each group, with
    /// edge values; the floating-point control word must be as it was.
    @Test(arguments: Lanes.all)
    func agreeWithTheScalarKernels(_ lanes: Lanes) throws {
        guard lanes.isSupported else {
            print("skipped: this processor has no \(lanes.testDescription)")
            return
        }
        var generator = SeededGenerator.fresh()
        let control = martlet_floating_point_control()
        let difference = martlet_test_lanes(Int32(lanes.path), generator.next(), 1_000_000)
        #expect(difference.map { String(cString: $0) } == nil)
        #expect(martlet_floating_point_control() == control)
    }
}
