// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnarkFormats

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract:
            "Says what a file is: r1cs, wtns, zkey, ptau, one of snarkjs' JSON files or one of Martlet's own."
    )

    @Argument(help: "The file.")
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
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
            Console.printTable(rows.map { [$0.label, SpoolTable.plain("\($0.value)")] })
        }
    }
}
