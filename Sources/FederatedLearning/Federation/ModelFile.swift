// SPDX-License-Identifier: Apache-2.0

import DataExchange
import FiniteFields
package import Foundation
import SnarkFormats

/// Models in files of others and in JSON.
package enum ModelFile {
    private static let sizeLimit = 512 << 20

    /// Reads a network as NumPy's archive or as ONNX: the content says which of them it is.
    ///
    /// - Returns: the weights of a task, and how much they are rounded.
    /// - Throws: what is wrong with the file, with the name of the array or node.
    package static func read(
        _ path: String, _ plan: Plan
    ) throws(FederationError) -> (model: Model, rounding: Model.Rounding) {
        let file: MappedFile
        do throws(FormatError) { file = try MappedFile(input: path, limit: sizeLimit) } catch {
            throw FederationError(error)
        }
        guard file.count <= sizeLimit else {
            throw FederationError(
                FormatError(.tooLarge(bytes: file.count, limit: sizeLimit), file: file.name))
        }
        let bytes = TableFile.bytes(file)
        do throws(FederationError) {
            return try TableFile.reading(file.name) { () throws(ExchangeError) in
                let network =
                    bytes.starts(with: "PK".utf8)
                    ? try NumPyArchive.decode(bytes) : try ONNXModel.decode(bytes)
                return try Model.quantised(network, plan)
            }
        } catch {
            throw FederationError.otherKind(file, wanted: "a network as npz or ONNX") ?? error
        }
    }

    /// A model in JSON, for programs without a reader of npz or ONNX.
    private struct Document: Encodable {
        struct Layer: Encodable {
            let inputs: Int
            let outputs: Int
            let activation: String
            let weights: [[Double]]
            let biases: [Double]
        }

        let format = "martlet-fl-model/1"
        let task: String
        let taskID: String
        let round: Int
        let state: String
        let data: TaskData?
        let layers: [Layer]
    }

    /// NumPy's archive.
    ///
    /// - Throws: where the model is too large for one.
    package static func archive(_ published: PublishedModel) throws(FederationError) -> Data {
        guard let bytes = NumPyArchive.encode(published.model.network(published.plan)) else {
            throw FederationError(
                .badInput, file: published.plan.task.name, "the model is too large for a file of NumPy")
        }
        return Data(bytes)
    }

    /// ONNX, in float32.
    package static func onnx(_ published: PublishedModel) -> Data {
        let plan = published.plan
        var metadata = [
            ("martlet.task", plan.taskID.decimal), ("martlet.state", published.state.decimal),
            ("martlet.round", "\(published.round)"),
        ]
        if let data = plan.task.data, let text = try? encode(data) {
            metadata.append(("martlet.data", String(decoding: text, as: UTF8.self)))
        }
        return Data(ONNXModel.encode(published.model.network(plan), metadata: metadata))
    }

    /// The document in JSON.
    package static func json(_ published: PublishedModel) throws -> Data {
        let plan = published.plan
        let network = published.model.network(plan)
        let document = Document(
            task: plan.task.name, taskID: plan.taskID.decimal, round: published.round,
            state: published.state.decimal, data: plan.task.data,
            layers: network.layers.enumerated().map { index, layer in
                Document.Layer(
                    inputs: layer.inputs, outputs: layer.outputs,
                    activation: index + 1 < network.layers.count ? "relu" : "sigmoid",
                    weights: (0..<layer.inputs).map {
                        Array(layer.weights[($0 * layer.outputs)..<(($0 + 1) * layer.outputs)])
                    }, biases: layer.biases)
            })
        return try encode(document) + Data("\n".utf8)
    }

    private static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
