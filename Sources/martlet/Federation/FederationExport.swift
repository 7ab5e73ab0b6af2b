// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FederatedLearning
import FiniteFields
import Foundation

struct FederationExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a federation's model for other programs.",
        usage: """
            martlet fl export <federation> (--onnx <file> | --npz <file> | --json-model <file>) … [--state <state>] \
            [--task <file>] [--json]
            """,
        discussion: """
            ONNX has float32 and the exact logistic function, so its sums and outputs differ a little from the integers: by how \
            much at most is printed. Inputs are features as `martlet fl prepare` writes them. An archive of NumPy and JSON have \
            the weights exactly.
            """)

    @OptionGroup var source: PublishedModelOptions

    @Option(help: ArgumentHelp("Where the model goes as ONNX.", valueName: "file"), completion: .file())
    var onnx: String?

    @Option(
        help: ArgumentHelp("Where the weights go as an archive of NumPy.", valueName: "file"),
        completion: .file())
    var npz: String?

    @Option(help: ArgumentHelp("Where the model goes as JSON.", valueName: "file"), completion: .file())
    var jsonModel: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var round: Int
        var state: String
        var files: [String]
        /// How far ONNX may be from the integers.
        var onnxDifference: Model.Difference
    }

    func validate() throws {
        guard onnx != nil || npz != nil || jsonModel != nil else {
            throw ValidationError("Give --onnx, --npz or --json-model, or several of them.")
        }
    }

    func run() throws {
        let outputs = [onnx, npz, jsonModel].compactMap(\.self)
        let files = try OutputFiles(
            outputs, inputs: [source.federation, source.task], report: json ? "--json" : nil)
        let published = try source.model()
        var contents: [Data] = []
        if onnx != nil { contents.append(ModelFile.onnx(published)) }
        if npz != nil { contents.append(try ModelFile.archive(published)) }
        if jsonModel != nil { contents.append(try ModelFile.json(published)) }
        try files.write(contents)
        let difference = published.model.difference(published.plan)
        if json {
            return try Console.printJSON(
                Report(
                    round: published.round, state: published.state.decimal, files: outputs,
                    onnxDifference: difference))
        }
        for output in outputs {
            files.say("\(OutputFiles.name(output)): the model after round \(published.round)")
        }
        if onnx != nil {
            func text(_ number: Double) -> String { String(format: "%.2g", number) }
            files.say(
                "  sums differ from the integers by \(text(difference.sums)) at most, outputs by \(text(difference.outputs))"
            )
        }
    }
}
