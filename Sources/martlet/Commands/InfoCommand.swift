// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnarkFormats

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Says what a file is: r1cs, wtns, zkey, ptau, or one of snarkjs' JSON files.")

    @Argument(help: "The file.")
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let summary = try FileSummary(MappedFile(input: file, limit: FileSummary.pipeLimit))
        if json {
            try Console.printJSON(Dictionary(uniqueKeysWithValues: summary.rows.map { ($0.key, $0.value) }))
        } else {
            Console.printTable(summary.rows.map { [$0.label, "\($0.value)"] })
        }
    }
}
