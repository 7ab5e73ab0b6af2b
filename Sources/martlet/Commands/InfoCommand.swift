// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Foundation
import Outcomes
import SnarkFormats

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract:
            "Says what a file is: r1cs, wtns, zkey, ptau, one of snarkjs' JSON files, gnark's or Martlet's own.",
        discussion: "Its names in JSON are in docs/commands.md."
    )

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        try refuseDirectory()
        let input = try MappedFile(input: file, limit: FileSummary.pipeLimit)
        let rows: [OwnDocument.Row]
        if let own = OwnDocument(input) {
            rows = own.rows
        } else {
            rows = try FileSummary(input).rows.map { ($0.key, $0.label, $0.value) }
        }
        if json {
            try Console.printJSON(Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) }))
        } else {
            Console.printTable(rows.map { [$0.label, ForeignText.plain("\($0.value)")] })
        }
    }

    /// - Throws: for a directory, with the command that shows what is in it, where there is one.
    private func refuseDirectory() throws(JobFailure) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), isDirectory.boolValue
        else { return }
        let hint = Self.hints.first { hint in
            hint.marks.allSatisfy { FileManager.default.fileExists(atPath: "\(file)/\($0)") }
        }
        throw JobFailure(
            code: .badInput,
            message: "\(file): it is a directory\(hint?.text(file) ?? "; name one of the files in it")")
    }

    /// Directories of Martlet's own, by files that are in them.
    private static let hints: [(marks: [String], text: @Sendable (String) -> String)] = [
        (["spool.json"], { ", a spool: martlet spool status \($0) shows its jobs" }),
        (["task.json", "registry.json"], { ", a federation: martlet fl log \($0) lists its rounds" }),
        (
            ["identity.json", "dataset.json"],
            { _ in ", a client's of a federation; name one of the files in it" }
        ),
        (
            ["proof.json", "public.json"],
            { _ in ", with a proof and its public inputs; name one of the files in it" }
        ),
    ]
}
