// SPDX-License-Identifier: Apache-2.0

package import Curves

/// The programs of one curve.
package enum CurvePrograms {
    /// All that sums and transforms on the curve use on a device, and those that test it.
    package static func all<Suite: CurveSuite>(
        of suite: Suite.Type, variant: ProductVariant, on queue: DeviceQueue
    ) -> [ProgramDescription] {
        let sums = SumPrograms<Suite>(variant: variant, tuning: queue.tuning)
        return [
            FieldCheck<Suite.Fp>(variant: variant).description(queue.tuning),
            FieldCheck<Suite.Fr>(variant: variant).description(queue.tuning), sums.scalars,
            TransformProgram.description(field: Suite.Fr.self, variant: variant, on: queue),
            sums.points(of: Suite.G1.self), sums.points(of: Suite.G2.self),
        ]
    }
}
