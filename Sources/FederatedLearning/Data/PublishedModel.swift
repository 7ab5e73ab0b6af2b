// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields
import Foundation

/// A model of a federation, with the state that commits to it.
package struct PublishedModel: Sendable {
    package let plan: Plan
    package let model: Model
    package let round: Int
    /// The hash of the state.
    package let state: Scalar

    /// That of a federation's last state, or of the one with this hash.
    ///
    /// - Throws: `.badInput` where no state has the hash.
    package init(of federation: Federation, state wanted: String? = nil) throws(FederationError) {
        let last = try federation.lastRound
        guard let wanted else {
            self.init(federation.plan, try federation.state(last))
            return
        }
        guard let hash = Scalar(decimal: wanted), hash.decimal == wanted else {
            throw FederationError(
                .badInput, file: federation.directory,
                "\(String(wanted.prefix(80)).debugDescription) is no state: it is a decimal number below the group order"
            )
        }
        for round in stride(from: last, through: 0, by: -1) {
            let link = try federation.state(round)
            if link.state.hash == hash {
                self.init(federation.plan, link)
                return
            }
        }
        throw FederationError(.badInput, file: federation.directory, "no round led to the state \(wanted)")
    }

    /// That of a state's file, for a task.
    ///
    /// - Throws: `.invalid` for a file that does not hold.
    package init(stateFile path: String, _ plan: Plan) throws(FederationError) {
        let file = try StateFile.read(path, from: .argument)
        self.init(plan, try file.checked(plan, path: path))
    }

    private init(_ plan: Plan, _ link: (state: ChainState, model: Model, registered: Int)) {
        self.plan = plan
        model = link.model
        round = link.state.round
        state = link.state.hash
    }
}
