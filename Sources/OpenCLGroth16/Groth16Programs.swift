// SPDX-License-Identifier: Apache-2.0

package import Curves
package import OpenCLCompute

/// The programs of one curve's proofs.
package enum Groth16Programs {
    /// All that proofs on the curve use on a device, and those that test it.
    package static func all<Suite: CurveSuite>(
        of suite: Suite.Type, variant: ProductVariant, on queue: DeviceQueue
    ) -> [ProgramDescription] {
        CurvePrograms.all(of: suite, variant: variant, on: queue) + [
            QuotientProgram.description(field: Suite.Fr.self, variant: variant, on: queue)
        ]
    }
}
