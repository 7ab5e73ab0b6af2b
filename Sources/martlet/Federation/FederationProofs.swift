// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import FederatedLearning
import FiniteFields
import Foundation
import ProvingEngine

struct FederationProofs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proofs",
        abstract: "Writes a round's proofs of updates as snarkjs' files, with a list of them.",
        discussion: """
            K.json and K.public.json are the proof and the public input of update K, proofs.txt names them: for `martlet verify` \
            and `martlet aggregate` with DIR/client.vkey.json. The public inputs are computed from the published updates; \
            nothing is verified here.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("The round.", valueName: "n"))
    var round: Int

    @Option(help: ArgumentHelp("Where the files go.", valueName: "dir"), completion: .directory)
    var output: String

    @Flag(help: "Print the public inputs as JSON.")
    var json = false

    struct Entry: Encodable {
        var proof: String
        var publicInput: String
    }

    func validate() throws {
        guard round >= 1 else { throw ValidationError("--round must be 1 or more.") }
    }

    func run() throws {
        try FederationOutput.require([output], outside: directory)
        let proofs = try Federation(directory).proofs(of: round)
        try OutputFile.make(directory: output)
        var files: [(path: String, data: Data)] = []
        var entries: [Entry] = []
        for (index, item) in proofs.enumerated() {
            let digest = item.statement.digest.decimal
            entries.append(Entry(proof: "\(output)/\(index).json", publicInput: digest))
            files.append(("\(output)/\(index).json", Data(item.proof.utf8)))
            files.append(("\(output)/\(index).public.json", Data("[\n \"\(digest)\"\n]\n".utf8)))
        }
        let list = proofs.indices.map { "\($0).json \($0).public.json\n" }.joined()
        files.append(("\(output)/proofs.txt", Data(list.utf8)))
        try OutputFile.write(files)
        if json {
            try Console.printJSON(entries)
        } else {
            print("\(output)/proofs.txt: \(Count.text(proofs.count, "proof"))")
        }
    }
}
