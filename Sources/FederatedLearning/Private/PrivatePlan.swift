// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import DifferentialPrivacy
import FiniteFields
package import SecureAggregation

/// What follows from the description of a task with private rounds.
///
/// **Slots.** An update's entry is of a magnitude of at most batchSize·C (each record adds at most C), its
/// noise of at most `NoiseShape.most`; with their sum M, the number that a member adds to a slot of the
/// cohort's sum, entry + noise + M, is from 0 to 2M. Slots have the bits of members·2M, and an element as
/// many of them as fit in 252 bits: so sums over the cohort never carry from slot to slot, nor reach the
/// group order, whatever was proved.
package struct PrivatePlan: Sendable {
    /// Shapes and formats. Its packings of updates, norm bound and step are those of rounds that show
    /// updates.
    package let base: Plan
    package let privacy: TaskDescription.Privacy
    package let clip: ClipRule
    package let noise: NoiseShape
    package let cohort: CohortPlan
    /// Of the entries of an update.
    let updatePacking: Packing
    /// M.
    package let offset: Int
    /// The bits of a slot of a cohort's sum.
    package let slotBits: Int
    /// The step of a round. The mean of a sample is taken over all rows of the batches, null rows too: how
    /// many there are is nobody's business.
    package let step: StepRule
    /// `Plan.taskID`.
    package let taskID: Scalar

    /// - Throws: what in the description is impossible, or leaves nothing private, by field.
    package init(_ task: TaskDescription) throws(TaskError) {
        guard let privacy = task.privacy else {
            throw TaskError(field: "privacy", reason: "the task has no private rounds")
        }
        base = try Plan(ofAnyKind: task)
        self.privacy = privacy
        clip = try ClipRule(task, privacy, base.layers)
        noise = NoiseShape(
            bits: privacy.noiseBits, summands: privacy.noiseSummands, coordinates: base.weightCount)
        let largest = Bound(task.batchSize) * clip.sensitivity
        updatePacking = Packing(bits: largest.signedBits)
        offset = largest.value + noise.most
        slotBits = Bound.bitLength(2 * offset * privacy.members)
        guard slotBits <= Packing.mostSlotBits else {
            throw TaskError(
                field: "privacy.clip",
                reason:
                    "the sum of \(privacy.members) updates may need more than \(Packing.mostSlotBits) bits")
        }
        cohort = CohortPlan(
            members: privacy.members, threshold: privacy.threshold,
            elements: Packing(bits: slotBits).elementCount(base.weightCount))
        step = try StepRule(
            task, fractions: base.layers.map { _ in privacy.updateFraction },
            updateBits: base.layers.map { [offset] _ in Bound(offset).signedBits })
        taskID = base.taskID
    }

    /// How many entries an element of a masked update has.
    var slots: Int { 252 / slotBits }

    /// Members whose noise is in every sum and is not known to those who work together.
    package var honest: Int { cohort.honest(colluders: privacy.colluders) }

    /// The rounds that a record is used in, where each round has one roster. A client counts others too.
    package var uses: Int {
        (privacy.rounds + 1 << base.task.datasetDepth - 1) >> base.task.datasetDepth
    }

    /// What all rounds give away of one record at most.
    package var bound: PrivacyBound? {
        NoiseBudget(
            sensitivity: clip.sensitivity, coordinates: base.weightCount, bits: noise.bits,
            summands: noise.summands
        ).bound([.init(honest: honest, count: uses)])
    }

    /// What a member puts under masks: entry + noise + M, in slots.
    package func packed(_ entries: [Int], noise: [Int]) -> [Scalar] {
        let numbers = zip(entries, noise).map { $0 + $1 + offset }
        return stride(from: 0, to: numbers.count, by: slots).map { start in
            numbers[start..<min(start + slots, numbers.count)].reversed().reduce(Scalar.zero) {
                $0 * Scalar.powerOfTwo(slotBits) + Scalar(signed: $1)
            }
        }
    }

    /// The sum of updates and noise that a cohort's sum of `count` members holds: each slot less count·M.
    ///
    /// - Precondition: the elements are sums of so many packed updates.
    package func unpacked(_ sum: [Scalar], count: Int) -> [Int] {
        sum.enumerated().flatMap { index, element in
            let limbs = element.canonical
            return (0..<min(slots, base.weightCount - index * slots)).map { slot in
                let start = slot * slotBits
                let number = (0..<slotBits).reduce(0) { sum, bit in
                    sum | Int(limbs[(start + bit) / 64] >> UInt64((start + bit) % 64) & 1) << bit
                }
                return number - count * offset
            }
        }
    }
}

extension CircuitBuilder {
    /// `PrivatePlan.packed`: no constraint.
    ///
    /// - Parameters:
    ///   - entries: of the update, in its bounds.
    ///   - noise: as many.
    func packed(_ entries: [Linear], noise: [Linear], _ plan: PrivatePlan) -> [Linear] {
        stride(from: 0, to: entries.count, by: plan.slots).map { start in
            (start..<min(start + plan.slots, entries.count)).reduce(into: Linear.zero) { sum, index in
                sum.add(
                    entries[index] + noise[index] + Scalar(signed: plan.offset),
                    times: powerOfTwo((index - start) * plan.slotBits))
            }
        }
    }
}
