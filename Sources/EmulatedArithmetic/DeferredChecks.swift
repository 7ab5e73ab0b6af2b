// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import FiniteFields

/// What waits for challenges: the checks of one emulated field.
protocol DeferredChecks: AnyObject {
    /// The number of checks.
    var checkCount: Int { get }

    /// What limbs are made of that are no chunks, and the bits of selections: all of it has to be bound.
    var dependencies: [Linear] { get }

    /// Ends the program where a leaf is not what was said of it before it was made.
    func requirePromises()

    /// Puts the checks into groups, and makes each group's K and C.
    ///
    /// - Returns: what τ has to depend on: bits, and elements that are hashed whole.
    func makeQuotients(_ challenges: ChallengePolynomials) -> (bits: [Linear], elements: [Linear])

    /// Demands each group's identity at τ.
    ///
    /// - Parameters:
    ///   - point: τ.
    ///   - challenges: the values of ρ at τ.
    func enforce(at point: Linear, _ challenges: [Linear])

    /// Overwrites what it holds of the witness; nothing can be asked of it afterwards.
    func wipe()
}
