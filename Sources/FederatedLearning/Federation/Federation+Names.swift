// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations

/// What stands in the published directories: rounds are as many as there are folders, and each has its own
/// files and no others.
extension Federation {
    var roundsPath: String { directory + "/rounds" }
    func updatesPath(_ round: Int) -> String { roundDirectory(round) + "/updates" }

    /// The last settled round; 0 where none is.
    ///
    /// - Throws: `.invalid` for a round that is missing before the last one, for a name that no round has,
    ///   and where `rounds` is no directory.
    package var lastRound: Int {
        get throws(FederationError) {
            var rounds: Set<Int> = []
            for name in try Self.names(in: roundsPath) ?? [] where !Self.isUnfinished(name) {
                guard let round = Int(name), round >= 1, "\(round)" == name else {
                    throw FederationError(
                        .invalid, file: "\(roundsPath)/\(name)",
                        "no round is called that: they are 1, 2 and so on")
                }
                rounds.insert(round)
            }
            if let hole = (1..<(rounds.count + 1)).first(where: { !rounds.contains($0) }) {
                throw FederationError(
                    .invalid, file: roundDirectory(hole),
                    "there is no such round, but there is a later one, \(rounds.max() ?? 0)")
            }
            return rounds.count
        }
    }

    /// The same, where each round has its files, and no others: for whatever goes on from the last one.
    ///
    /// - Throws: `.invalid`.
    package var lastWholeRound: Int {
        get throws(FederationError) {
            let last = try lastRound
            for round in 1..<(last + 1) { try requireNames(ofRound: round) }
            return last
        }
    }

    /// Demands that a round has its files, and no others.
    ///
    /// - Throws: `.invalid`.
    func requireNames(ofRound round: Int) throws(FederationError) {
        try Self.requireNames(
            ["round.json", "state.json"] + (plan.task.settlement == .attested ? ["updates"] : []),
            in: roundDirectory(round))
    }

    /// Demands that a round has so many updates, and no others.
    ///
    /// - Throws: `.invalid`.
    func requireUpdates(_ count: Int, ofRound round: Int) throws(FederationError) {
        try Self.requireNames((0..<count).map { "\($0).json" }, in: updatesPath(round))
    }

    private static func requireNames(_ wanted: [String], in path: String) throws(FederationError) {
        let found = Set(try names(in: path) ?? [])
        if let missing = wanted.first(where: { !found.contains($0) }) {
            throw FederationError(.invalid, file: "\(path)/\(missing)", "there is no such file")
        }
        if let stranger = found.subtracting(wanted).min() {
            throw FederationError(
                .invalid, file: "\(path)/\(stranger)", "it does not belong to the round")
        }
    }

    /// Where a round is written before it is published.
    func unfinishedPath(_ round: Int) -> String {
        "\(roundsPath)/.\(round).\(ProcessInfo.processInfo.processIdentifier).tmp"
    }

    /// Whether a name is one of `unfinishedPath`, which a process that was killed leaves behind.
    private static func isUnfinished(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0].isEmpty && parts[3] == "tmp"
            && parts[1...2].allSatisfy { UInt($0).map(String.init) == String($0) }
    }

    /// The names in a directory, in order; nil where there is nothing at all.
    private static func names(in path: String) throws(FederationError) -> [String]? {
        var facts = stat()
        if lstat(path, &facts) != 0, errno == ENOENT { return nil }
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            throw FederationError(.invalid, file: path, "it is no directory")
        }
        do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
            throw FederationError(
                .badInput, file: path, "cannot be listed: \(SystemReason.text(error))")
        }
    }

    /// Demands that there is a directory of rounds: a federation has one from the beginning.
    func requireRounds() throws(FederationError) {
        guard try Self.names(in: roundsPath) != nil else {
            throw FederationError(.invalid, file: roundsPath, "there is no such directory")
        }
    }
}
