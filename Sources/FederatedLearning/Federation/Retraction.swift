// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields
import Foundation

extension Federation {
    /// Takes the last round back: its folder goes to `retracted`, whole, by one rename, and the federation is
    /// in the state before it. That state's registry stays as it is, also where it is the first one.
    ///
    /// Whatever was handed in for the round serves for the next attempt: a client's nullifier and batch
    /// follow from the state before, which is the same.
    ///
    /// - Parameter contractState: what the contract has, in decimal digits.
    /// - Returns: the state that the round had led to, `nil` where its file does not tell; the state before;
    ///   and where the files are.
    /// - Throws: `.badInput` for another round than the last one, and where the contract's state is not the
    ///   one before it.
    package func retract(
        _ round: Int, contractState: String? = nil
    ) throws(FederationError) -> (retracted: Scalar?, state: ChainState, files: String) {
        var result: (Scalar?, ChainState, String)?
        try withRegistryLock { () throws(FederationError) in
            let last = try lastRound
            guard round >= 1, round == last else {
                let reason =
                    round >= 1 && round < last
                    ? "the last round is \(last), and rounds are taken back from the last one on"
                    : "there is no round \(round), the last one is \(last)"
                throw FederationError(.badInput, file: directory, reason)
            }
            let before = try state(round - 1).state
            // The round may be broken: that it is taken back is all the better.
            let settled = try? RoundFile.read(published: roundDirectory(round) + "/round.json")
            let after = settled?.newState.value
            if let contractState, contractState != before.hash.decimal {
                let reason =
                    contractState == after?.decimal
                    ? "the contract has settled round \(round): it goes on from that round's state"
                    : "the contract's state, \(contractState.prefix(100)), is not the one before round \(round), \(before.hash.decimal)"
                throw FederationError(.badInput, file: directory, reason)
            }
            try keepFirstState()
            let target = try retractedPath(round)
            try move(roundDirectory(round), to: target, what: "made")
            result = (after, before, target)
        }
        guard let result else { preconditionFailure("the lock's body ran") }
        return result
    }

    /// A new name for a round's folder: `retracted/3`, then `retracted/3.2` and so on.
    private func retractedPath(_ round: Int) throws(FederationError) -> String {
        let folder = directory + "/retracted"
        try JSONFile.make(directory: folder)
        var (path, number) = ("\(folder)/\(round)", 1)
        var facts = stat()
        while lstat(path, &facts) == 0 {
            number += 1
            path = "\(folder)/\(round).\(number)"
        }
        return path
    }
}
