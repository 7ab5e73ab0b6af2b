// SPDX-License-Identifier: Apache-2.0

package import FiniteFields

/// The program of transforms over one scalar field, and what others over vectors share with it.
package enum TransformProgram {
    package static func description<F: PrimeField>(
        field: F.Type, variant: ProductVariant, on queue: DeviceQueue
    ) -> ProgramDescription {
        ProgramDescription(
            name: "ntt \(F.name) \(variant.rawValue)", files: ["field.cl", "packed.cl", "ntt.cl"],
            field: F.self, variant: variant,
            definitions: [("NTT_LOG_TILE", "\(logTile(of: field, on: queue))")]
                + queue.tuning.definitions(variant),
            workGroup: workGroup(on: queue))
    }

    /// The local size of programs over vectors.
    package static func workGroup(on queue: DeviceQueue) -> Int {
        min(queue.tuning.transformGroup, powerOfTwo(upTo: queue.device.maxWorkGroup))
    }

    /// The logarithm of the most elements of a tile.
    package static func logTile<F: PrimeField>(of field: F.Type, on queue: DeviceQueue) -> Int {
        let most = TransformPlan.logTile(
            localMemory: queue.device.localMemory, elementSize: MemoryLayout<F>.stride)
        return min(most, queue.tuning.logTile)
    }

    private static func powerOfTwo(upTo limit: Int) -> Int {
        var power = 1
        while 2 * power <= limit { power *= 2 }
        return power
    }
}
