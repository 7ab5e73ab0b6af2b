// SPDX-License-Identifier: Apache-2.0

package import Curves

/// What it took the driver to compile a program.
package struct BuildReport: Sendable {
    package var seconds: Double
    /// All that the driver said.
    package var log: String
    /// The size of the compiled program; 0 where the driver does not give it.
    package var binaryBytes: Int
}

extension DeviceQueue {
    /// Compiles a program past Martlet's cache. The driver may have a cache of its own.
    ///
    /// - Parameter options: more options for the compiler, such as "-cl-nv-verbose".
    /// - Throws: `.build` with the beginning of the log.
    package func buildReport(
        of description: ProgramDescription, options more: String = ""
    ) throws(OpenCLError) -> BuildReport {
        try ProgramBuilder(
            context: context, cache: nil, timeLimit: options.buildTimeLimit, moreOptions: more
        ).report(description)
    }
}

/// The programs of one curve.
package enum CurvePrograms {
    /// All that proofs on the curve use on a device, and those that test it.
    package static func all<Suite: CurveSuite>(
        of suite: Suite.Type, variant: ProductVariant, on queue: DeviceQueue
    ) -> [ProgramDescription] {
        let sums = SumPrograms<Suite>(variant: variant, tuning: queue.tuning)
        return [
            FieldCheck<Suite.Fp>(variant: variant).description(queue.tuning),
            FieldCheck<Suite.Fr>(variant: variant).description(queue.tuning), sums.scalars,
            TransformProgram.description(field: Suite.Fr.self, variant: variant, on: queue), sums.g1,
            sums.g2,
        ]
    }
}
