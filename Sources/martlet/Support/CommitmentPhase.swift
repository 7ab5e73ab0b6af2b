// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import Failures
import FiniteFields
import ProvingEngine

/// Makes the commitment of a key in the middle of a witness.
final class CommitmentPhase {
    private let engine: ProvingEngine
    private let key: LoadedKey
    /// What failed: to be asked for when the witness is made.
    private(set) var failure: JobFailure?
    /// Whether the key has no such commitment.
    private(set) var isOfOtherKey = false

    init(engine: ProvingEngine, key: LoadedKey) {
        self.engine = engine
        self.key = key
    }

    var challenger: Challenger { Challenger { self.challenge($0) } }

    private func challenge(_ question: Challenger.Question) -> BN254.Fr {
        do throws(JobFailure) {
            let challenge = try engine.challenge(
                of: question.index, under: key, committed: question.committed, hashed: question.hashed,
                on: BN254.self)
            if let challenge { return challenge }
            isOfOtherKey = true
        } catch {
            failure = error
        }
        return .one
    }
}
