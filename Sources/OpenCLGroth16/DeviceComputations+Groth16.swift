// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import Groth16
import OpenCLCompute

// Operands that cannot be sent are lent: they are used on the queue's thread while the caller waits.
extension DeviceComputations {
    /// As `Groth16Backend.quotient` or `quotientCoefficients`.
    func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int, as form: QuotientForm
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try matrices.check(witnessCount: witness.count, logDomainSize: logDomainSize)
        nonisolated(unsafe) let witness = witness  // Unchecked: the caller waits.
        return try queue.commanding { queue throws(OpenCLError) in
            try DeviceQuotient(matrices, logDomainSize: logDomainSize, variant: variant, on: queue)
                .scalars(witness: witness, as: form, on: queue)
        }
    }

    /// The whole of a proof after the witness has been uploaded; a handful of points comes back.
    func groth16Sums(
        _ tables: Groth16Tables<Suite>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        observe: (Groth16Stage) -> Void
    ) throws(ComputeError) -> Groth16Sums<Suite> {
        try tables.check(witness.count)
        let shares = MemoryShares(
            tables, budget: queue.memoryBudget, withMultiples: queue.options.keepsMultiples)
        nonisolated(unsafe) let (witness, observe) = (witness, observe)  // Unchecked: the caller waits.
        return try summing { sums, queue throws(OpenCLError) in
            observe(.quotient)
            let bytes = UnsafeRawBufferPointer(witness)
            let buffer = try queue.allocate(bytes.count, "a witness", isSecret: true)
            try queue.write(bytes, to: buffer)
            let quotient = try DeviceQuotient(
                tables.coefficients, logDomainSize: tables.logDomainSize, variant: variant, on: queue)
            let h = ScalarBuffer(
                try quotient.scalars(buffer, as: tables.form, on: queue), count: tables.h.count)
            observe(.msmH)
            let sumH = try sums.sum(tables.h, .device(h), residency, memory: shares.h, on: queue)
            observe(.msmWitness)
            let uploaded = ScalarBuffer(buffer, count: witness.count)
            return Groth16Sums(
                h: sumH,
                witness: WitnessSums(
                    try sums.sums(
                        tables.witness.points, .device(uploaded), residency, memory: shares.witness,
                        on: queue)))
        }
    }

    /// How a proof with these tables will be computed, for people.
    func explanation(of tables: Groth16Tables<Suite>) -> String {
        let shares = MemoryShares(
            tables, budget: queue.memoryBudget, withMultiples: queue.options.keepsMultiples)
        let transform = TransformPlan(
            logSize: tables.logDomainSize, logTile: TransformProgram.logTile(of: Suite.Fr.self, on: queue))
        let h = DeviceSums<Suite>.plan(
            terms: tables.h.count, pointBytes: [PointTable<Suite.G1>.stride], residency, memory: shares.h,
            on: queue)
        let witness = DeviceSums<Suite>.plan(
            terms: tables.witness.a.count,
            pointBytes: DeviceSums<Suite>.pointBytes(of: tables.witness.points), residency,
            memory: shares.witness, on: queue)
        let device = queue.device.name
        let budget = queue.memoryBudget >> 20
        return """
            \(device): products by \(variant.rawValue), \(budget) MiB for buffers
            transforms: \(transform)
            sum of H: \(h)
            sums of A, B1, B2 and C: \(witness)
            """
    }
}
