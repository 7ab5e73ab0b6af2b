// SPDX-License-Identifier: Apache-2.0

import FiniteFields
import OpenCLCompute

/// The program of sparse products and A·B − C over one scalar field.
enum QuotientProgram {
    static func description<F: PrimeField>(
        field: F.Type, variant: ProductVariant, on queue: DeviceQueue
    ) -> ProgramDescription {
        ProgramDescription(
            name: "quotient \(F.name) \(variant.rawValue)", files: ["field.cl", "packed.cl", "quotient.cl"],
            field: F.self, variant: variant, definitions: queue.tuning.definitions(variant),
            workGroup: TransformProgram.workGroup(on: queue))
    }
}
