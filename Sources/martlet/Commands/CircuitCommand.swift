// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import Foundation
import MartletClient
import ProvingEngine

struct CircuitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "circuit", abstract: "Looks after the circuits of a coordinator.",
        subcommands: [Add.self, List.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Uploads a proving key and registers its circuit; prints the SHA-256.")

        @OptionGroup var arguments: QueueArguments

        @Argument(help: ArgumentHelp("The proving key.", valueName: "file"), completion: .file())
        var zkey: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let client = try arguments.coordinator(for: "circuit add")
            let path = try InputFile.check(zkey, magic: "zkey", kind: "proving key")
            OpenKey.warn(try ProvingEngine(backend: .cpu).loadKey(path: zkey).openSecret, of: zkey)
            let circuit = try await client.provideCircuit(path)
            if json { try Console.printJSON(circuit) } else { print(circuit.digest) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the registered circuits.")

        @OptionGroup var arguments: QueueArguments

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let client = try arguments.coordinator(for: "circuit list")
            let circuits = try await client.circuits()
            if json { return try Console.printJSON(circuits) }
            Console.printTable(
                [["CIRCUIT", "SYSTEM", "CURVE", "WIRES", "PUBLIC INPUTS", "DOMAIN", "ZKEY"]]
                    + circuits.map {
                        [
                            ForeignText.plain($0.digest), ForeignText.plain($0.system),
                            ForeignText.plain($0.curve),
                            "\($0.variables)", "\($0.publics)", "\($0.domainSize)",
                            "\(ByteSize(bytes: Int($0.zkeyBytes)))",
                        ]
                    })
        }
    }
}
