// SPDX-License-Identifier: Apache-2.0

/// Device memory for the buckets of a sum and what comes of them; sums of several tables use it one after the
/// other.
final class BucketWorkspace {
    let buckets: DeviceBuffer
    /// Sums of parts of buckets, at alternate levels of the fold, with their keys.
    let partials: DeviceBuffer
    let nextPartials: DeviceBuffer
    let keys: DeviceBuffer
    let nextKeys: DeviceBuffer
    /// Sums of chunks of buckets, at alternate levels of adding them up.
    let reduced: DeviceBuffer
    let nextReduced: DeviceBuffer

    init(_ plan: MSMPlan, on queue: isolated DeviceQueue) throws(OpenCLError) {
        let sum = 2 * (plan.pointBytes.max() ?? 0)
        let length = MSMPlan.foldLength
        let reducedCount = plan.buckets / plan.reduction
        let next = (plan.segments + length - 1) / length
        buckets = try queue.allocate(sum * plan.buckets, "buckets", isSecret: true)
        partials = try queue.allocate(sum * plan.segments, "partial sums", isSecret: true)
        nextPartials = try queue.allocate(sum * next, "partial sums", isSecret: true)
        keys = try queue.allocate(4 * plan.segments, "keys of partial sums", isSecret: true)
        nextKeys = try queue.allocate(4 * next, "keys of partial sums", isSecret: true)
        reduced = try queue.allocate(sum * reducedCount, "reduced buckets", isSecret: true)
        nextReduced = try queue.allocate(
            sum * plan.groups
                * ((reducedCount / plan.groups + MSMPlan.sumLength - 1) / MSMPlan.sumLength),
            "reduced buckets",
            isSecret: true)
    }
}
