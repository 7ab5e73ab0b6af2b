// SPDX-License-Identifier: Apache-2.0

import DifferentialPrivacy
import SecureAggregation

extension TaskDescription {
    /// The member `privacy` of a task: how much of a record may be in an update, under which masks, and with
    /// how much noise.
    package struct Privacy: Codable, Hashable, Sendable {
        /// C: the largest Euclidean norm of what one record adds to an update, in units of the loss'
        /// gradient. Gradients of records that are larger are scaled down.
        package var clip: Double
        /// The bits behind the point of an update's entries, in every layer.
        package var updateFraction: Int
        /// n: the members of a cohort.
        package var members: Int
        /// t: the updates that a sum has at least.
        package var threshold: Int
        /// c: the members of whom it is assumed that they may work together with the sequencer.
        package var colluders: Int
        /// The bits of each uniform integer of the noise.
        package var noiseBits: Int
        /// K: how many of them each member adds to each entry.
        package var noiseSummands: Int
        /// The rounds that there may be.
        package var rounds: Int

        package init(
            clip: Double, updateFraction: Int, members: Int, threshold: Int, colluders: Int, noiseBits: Int,
            noiseSummands: Int, rounds: Int
        ) {
            self.clip = clip
            self.updateFraction = updateFraction
            self.members = members
            self.threshold = threshold
            self.colluders = colluders
            self.noiseBits = noiseBits
            self.noiseSummands = noiseSummands
            self.rounds = rounds
        }
    }
}

extension TaskDescription.Privacy {
    /// log₂ of the most rounds: each has a place in the tree of a client's round secrets.
    package static let roundDepth = 10

    /// Checks each number, and that they fit the others of the task. `PrivatePlan` checks what depends on the
    /// arithmetic.
    func check(_ task: TaskDescription) throws(TaskError) {
        func check(_ field: String, _ value: Int, _ range: ClosedRange<Int>) throws(TaskError) {
            guard range.contains(value) else {
                throw TaskError(
                    field: "privacy.\(field)",
                    reason: "\(value) is not between \(range.lowerBound) and \(range.upperBound)")
            }
        }
        guard clip.isFinite, clip > 0 else {
            throw TaskError(field: "privacy.clip", reason: "\(clip) is not a positive number")
        }
        try check("updateFraction", updateFraction, 0...40)
        try check("members", members, 3...CohortPlan.mostMembers)
        try check("threshold", threshold, (members / 2 + 1)...members)
        try check("colluders", colluders, 0...(2 * threshold - members - 1))
        try check("noiseBits", noiseBits, 1...NoiseBudget.mostBits)
        try check("noiseSummands", noiseSummands, 1...(NoiseShape.usableBits / noiseBits))
        try check("rounds", rounds, 1...(1 << Self.roundDepth))
        let unknown = (threshold - colluders) * noiseSummands
        guard unknown >= NoiseBudget.leastSummands else {
            throw TaskError(
                field: "privacy.noiseSummands",
                reason:
                    "with \(threshold - colluders) members of a sum who do not work together, \(noiseSummands) integers each are \(unknown) that are not known: nothing can be promised with fewer than \(NoiseBudget.leastSummands)"
            )
        }
        guard members == task.clientsPerRound else {
            throw TaskError(
                field: "privacy.members",
                reason: "\(members) is not clientsPerRound, \(task.clientsPerRound): a round is one cohort")
        }
        guard threshold == task.minimumClients else {
            throw TaskError(
                field: "privacy.threshold",
                reason: "\(threshold) is not minimumClients, \(task.minimumClients)")
        }
        guard task.aggregator == .fedAvg else {
            throw TaskError(
                field: "aggregator",
                reason: "\(task.aggregator) is not for private rounds, of which only sums are known")
        }
    }
}
