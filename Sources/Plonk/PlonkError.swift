// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Failures

/// The steps of a PLONK proof, in the order in which they run.
package enum PlonkPhase: String, Sendable, CaseIterable, Codable {
    /// The wires, the check of the gates, and the commitments to the wires' polynomials.
    case wires
    /// The permutation's running product.
    case permutation
    /// The quotient and its commitments.
    case quotient
    /// The values at ξ, and the two openings.
    case openings
    /// The check of the proof.
    case verify
}

/// Why no PLONK proof was made.
package enum PlonkError: CodedError, Equatable {
    /// The witness has another number of values than the key has wires that are no sums.
    case witnessLength(expected: Int, found: Int)
    /// Wire 0 of the witness is not 1.
    case firstWireNotOne
    /// The key and the verifier are not of one setup.
    case otherKey
    /// The witness violates a gate.
    case gate(Int)
    /// The backend could not compute.
    case compute(ComputeError)
    /// The proof that came out does not verify: the key is damaged.
    case doesNotVerify

    package var code: FailureCode {
        switch self {
        case .witnessLength, .firstWireNotOne, .otherKey, .doesNotVerify: .badInput
        case .compute: .internal
        case .gate: .unsatisfied
        }
    }

    package var message: String {
        switch self {
        case .witnessLength(let expected, let found):
            "the witness has \(Count.text(found, "value")), but the key needs \(expected): they belong to different circuits"
        case .firstWireNotOne: "wire 0 of the witness is not 1"
        case .otherKey: "the proving key and the verification key are not of one setup"
        case .gate(let number): "the witness does not satisfy the circuit: gate \(number) is violated"
        case .compute(let error): error.message
        case .doesNotVerify:
            "the key is damaged: its proof of a witness that satisfies every gate does not verify"
        }
    }
}
