// SPDX-License-Identifier: Apache-2.0

import Compute
import FiniteFields

/// The program of transforms, sparse products and A·B − C over one scalar field of 8 words.
enum TransformProgram {
    static func description<F: PrimeField>(
        field: F.Type, variant: ProductVariant, on queue: DeviceQueue
    ) -> ProgramDescription {
        precondition(MemoryLayout<F>.stride == 32)
        return ProgramDescription(
            name: "ntt \(F.name) \(variant.rawValue)", files: ["field.cl", "ntt.cl", "quotient.cl"],
            field: F.self,
            variant: variant,
            definitions: [("NTT_LOG_TILE", "\(logTile(on: queue))")] + queue.tuning.definitions(variant),
            workGroup: min(queue.tuning.transformGroup, powerOfTwo(upTo: queue.device.maxWorkGroup)))
    }

    static func logTile(on queue: DeviceQueue) -> Int {
        let most = TransformPlan.logTile(localMemory: queue.device.localMemory, elementSize: 32)
        return min(most, queue.tuning.logTile)
    }

    private static func powerOfTwo(upTo limit: Int) -> Int {
        var power = 1
        while 2 * power <= limit { power *= 2 }
        return power
    }
}
