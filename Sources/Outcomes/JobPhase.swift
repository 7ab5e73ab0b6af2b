// SPDX-License-Identifier: Apache-2.0

/// What is being done for a job: the words in which workers tell of it, and queues show it.
///
/// On the wire and in files a phase is a text: workers of other versions may have phases that are not here,
/// and these are kept and shown as they are. Whatever decides by a phase decides by one of these.
package enum JobPhase: String, Sendable, CaseIterable, Codable {
    /// Claimed from a spool, not begun.
    case claimed
    /// Leased from a coordinator, not begun.
    case leased
    /// The job's files are brought, or opened.
    case fetch
    /// Waits for a process that proves.
    case waiting
    /// The proving key is loaded.
    case key
    /// The witness is read and checked.
    case witness
    /// The commitments of a key that has some, and their challenges, are computed.
    case commitments
    /// The quotient polynomial is computed.
    case quotient
    /// The sum over the quotient's coefficients.
    case msmH
    /// The sums over the witness.
    case msmWitness
    /// The proof is verified.
    case verify
    /// The result is written into the spool.
    case publish
    /// The result waits for room on the disk.
    case waitingForSpace = "waiting-for-space"
    /// The proof is told to the coordinator.
    case report

    /// Whether the proof, or what can only be done with it in sight, has not been begun: the deadline still
    /// counts.
    package var isBeforeProof: Bool {
        switch self {
        case .claimed, .leased, .fetch, .waiting: true
        case .key, .witness, .commitments, .quotient, .msmH, .msmWitness, .verify, .publish, .waitingForSpace,
            .report:
            false
        }
    }

    /// Whether it is a part of the way to the proof that results give the time of.
    package var isTimed: Bool {
        switch self {
        case .fetch, .key, .witness, .commitments, .quotient, .msmH, .msmWitness, .verify: true
        case .claimed, .leased, .waiting, .publish, .waitingForSpace, .report: false
        }
    }
}
