internal import Compute
internal import FiniteFields

/// The program of transforms, sparse products and A·B − C over one scalar field of 8 words.
enum TransformProgram {
    /// Work-items of a group that are worth having, each with four elements of a tile at a time.
    private static var groupOnGPU: Int { 256 }
    private static var groupOnCPU: Int { 64 }

    static func description<F: PrimeField>(
        field: F.Type, variant: ProductVariant, device: Device
    ) -> ProgramDescription {
        precondition(MemoryLayout<F>.stride == 32)
        return ProgramDescription(
            name: "ntt \(F.name) \(variant.rawValue)", files: ["field.cl", "ntt.cl", "quotient.cl"],
            field: F.self,
            variant: variant, definitions: [("NTT_LOG_TILE", "\(logTile(on: device))")],
            workGroup: min(device.isCPU ? groupOnCPU : groupOnGPU, powerOfTwo(upTo: device.maxWorkGroup)))
    }

    static func logTile(on device: Device) -> Int {
        TransformPlan.logTile(localMemory: device.localMemory, elementSize: 32)
    }

    private static func powerOfTwo(upTo limit: Int) -> Int {
        var power = 1
        while 2 * power <= limit { power *= 2 }
        return power
    }
}
