// SPDX-License-Identifier: Apache-2.0

/// Models as ONNX (protobuf, opset 13): `Gemm` and `Relu` for hidden layers, `Gemm` and `Sigmoid` for the
/// last one. Input `features` (any number of rows), outputs `sums`, the last layer's before the logistic
/// function, and `probabilities`. Numbers are float32.
///
/// The class is the largest of `sums`, or for one output whether it is not negative: probabilities near 1 are
/// equal in float32 where sums are not.
package enum ONNXModel {
    /// Writes a network.
    ///
    /// - Parameter metadata: texts that go with the model, by name.
    package static func encode(_ network: DenseNetwork, metadata: [(String, String)]) -> [UInt8] {
        var graph = ProtobufWriter()
        let last = network.layers.count - 1
        for index in network.layers.indices {
            let sums = index == last ? "sums" : "sums\(index)"
            graph.message(1) { node in
                for name in [index == 0 ? "features" : "hidden\(index - 1)", "W\(index)", "b\(index)"] {
                    node.text(1, name)
                }
                node.text(2, sums)
                node.text(4, "Gemm")
            }
            graph.message(1) { node in
                node.text(1, sums)
                node.text(2, index == last ? "probabilities" : "hidden\(index)")
                node.text(4, index == last ? "Sigmoid" : "Relu")
            }
        }
        graph.text(2, "network")
        for (index, layer) in network.layers.enumerated() {
            let tensors = [
                ("W\(index)", [layer.inputs, layer.outputs], layer.weights),
                ("b\(index)", [layer.outputs], layer.biases),
            ]
            for (name, shape, values) in tensors {
                graph.message(5) { tensor in
                    for dimension in shape { tensor.integer(1, UInt64(dimension)) }
                    tensor.integer(2, 1)
                    tensor.text(8, name)
                    var bytes: [UInt8] = []
                    bytes.reserveCapacity(4 * values.count)
                    for value in values { bytes.append(littleEndian: Float(value).bitPattern) }
                    tensor.bytes(9, bytes)
                }
            }
        }
        func value(_ field: UInt64, _ name: String, _ columns: Int) {
            graph.message(field) { info in
                info.text(1, name)
                info.message(2) { type in
                    type.message(1) { tensor in
                        tensor.integer(1, 1)
                        tensor.message(2) { shape in
                            shape.message(1) { $0.text(2, "rows") }
                            shape.message(1) { $0.integer(1, UInt64(columns)) }
                        }
                    }
                }
            }
        }
        value(11, "features", network.layers[0].inputs)
        value(12, "sums", network.layers[last].outputs)
        value(12, "probabilities", network.layers[last].outputs)
        var model = ProtobufWriter()
        model.integer(1, 7)
        model.text(2, "martlet")
        model.bytes(7, graph.result)
        model.message(8) { $0.integer(2, 13) }
        for (name, text) in metadata {
            model.message(14) { entry in
                entry.text(1, name)
                entry.text(2, text)
            }
        }
        return model.result
    }

    /// Reads a network: a chain of `Gemm` (or `MatMul` and `Add`) and `Relu`, with `Sigmoid` or `Softmax` at
    /// the end, or neither.
    ///
    /// - Throws: what else is in it, with the node's or the tensor's name.
    package static func decode(_ bytes: [UInt8]) throws(ExchangeError) -> DenseNetwork {
        var graph: ArraySlice<UInt8>?
        try ProtobufReader.fields(bytes[...], place: "no model of ONNX") { field throws(ExchangeError) in
            if field.number == 7 { graph = try field.bytes() }
        }
        guard let graph else { throw ExchangeError("no model of ONNX: there is no graph in it") }
        var (nodes, tensors): ([Node], [String: Tensor]) = ([], [:])
        var inputs: [String] = []
        try ProtobufReader.fields(graph, place: "graph") { field throws(ExchangeError) in
            switch field.number {
            case 1: nodes.append(try Node(try field.bytes()))
            case 5:
                let tensor = try Tensor(try field.bytes())
                guard tensors.updateValue(tensor, forKey: tensor.name) == nil else {
                    throw ExchangeError("the tensor is there twice", at: ExchangeError.shown(tensor.name))
                }
            case 11:
                try ProtobufReader.fields(try field.bytes(), place: "input") { part throws(ExchangeError) in
                    if part.number == 1 { inputs.append(try part.text()) }
                }
            default: break
            }
        }
        inputs.removeAll { tensors[$0] != nil }
        guard inputs.count == 1 else { throw ExchangeError("\(inputs.count) inputs, and there must be one") }
        return DenseNetwork(layers: try layers(nodes, tensors, from: inputs[0]))
    }

    private static func layers(
        _ nodes: [Node], _ tensors: [String: Tensor], from input: String
    ) throws(ExchangeError) -> [DenseNetwork.Layer] {
        var layers: [DenseNetwork.Layer] = []
        var current = input
        // What may come next.
        enum Expected { case layer, biases, activation, nothing }
        var expected = Expected.layer
        for node in nodes {
            let place = "node \(ExchangeError.shown(node.operation))"
            guard node.inputs.first == current || node.operation == "Add" && node.inputs.contains(current)
            else {
                throw ExchangeError("it does not follow the node before it: only chains are read", at: place)
            }
            func tensor(_ name: String) throws(ExchangeError) -> Tensor {
                guard let tensor = tensors[name] else {
                    throw ExchangeError("\(ExchangeError.shown(name)) is no tensor of the file", at: place)
                }
                return tensor
            }
            func requireInputs(_ count: Int) throws(ExchangeError) {
                guard node.inputs.count == count, node.outputs.count == 1 else {
                    throw ExchangeError("\(node.inputs.count) inputs, not \(count)", at: place)
                }
            }
            switch (node.operation, expected) {
            case ("Gemm", .layer):
                try requireInputs(3)
                guard node.alpha == 1, node.beta == 1, node.transposesA == 0,
                    (0...1).contains(node.transposesB)
                else { throw ExchangeError("alpha, beta or transA is not what a layer has", at: place) }
                layers.append(
                    try layer(
                        try tensor(node.inputs[1]), try tensor(node.inputs[2]),
                        isTransposed: node.transposesB == 1, after: layers.last))
                expected = .activation
            case ("MatMul", .layer):
                try requireInputs(2)
                let weights = try tensor(node.inputs[1])
                let none = Tensor(name: "", shape: [weights.shape.last ?? 0], values: nil)
                layers.append(try layer(weights, none, isTransposed: false, after: layers.last))
                expected = .biases
            case ("Add", .biases):
                try requireInputs(2)
                let biases = try tensor(node.inputs[0] == current ? node.inputs[1] : node.inputs[0])
                guard biases.shape == [layers[layers.count - 1].outputs] else {
                    throw ExchangeError(
                        "a shape that is not that of the outputs", at: ExchangeError.shown(biases.name))
                }
                layers[layers.count - 1].biases = biases.numbers
                expected = .activation
            case ("Relu", .activation), ("Relu", .biases):
                try requireInputs(1)
                expected = .layer
            case ("Sigmoid", .activation), ("Sigmoid", .biases), ("Softmax", .activation),
                ("Softmax", .biases):
                try requireInputs(1)
                expected = .nothing
            default:
                throw ExchangeError(
                    "not what a layer has there: Gemm, or MatMul and Add, then Relu; at the end Sigmoid or Softmax",
                    at: place)
            }
            guard node.outputs.count == 1 else { throw ExchangeError("more than one output", at: place) }
            current = node.outputs[0]
        }
        guard !layers.isEmpty, expected != .layer else {
            throw ExchangeError("the graph ends where a layer is due")
        }
        return layers
    }

    private static func layer(
        _ weights: Tensor, _ biases: Tensor, isTransposed: Bool, after previous: DenseNetwork.Layer?
    ) throws(ExchangeError) -> DenseNetwork.Layer {
        let place = ExchangeError.shown(weights.name)
        guard weights.shape.count == 2 else {
            throw ExchangeError("\(weights.shape.count) dimensions, not 2", at: place)
        }
        let (inputs, outputs) =
            isTransposed ? (weights.shape[1], weights.shape[0]) : (weights.shape[0], weights.shape[1])
        guard biases.shape == [outputs] else {
            throw ExchangeError(
                "the shape \(biases.shape) is not [\(outputs)], the outputs of \(place)",
                at: ExchangeError.shown(biases.name))
        }
        guard previous == nil || previous?.outputs == inputs else {
            throw ExchangeError("its \(inputs) inputs are not the outputs of the layer before", at: place)
        }
        let numbers = weights.numbers
        return DenseNetwork.Layer(
            inputs: inputs, outputs: outputs,
            weights: isTransposed
                ? (0..<numbers.count).map { numbers[$0 % outputs * inputs + $0 / outputs] } : numbers,
            biases: biases.numbers)
    }

    private struct Node {
        var (inputs, outputs): ([String], [String]) = ([], [])
        var operation = ""
        var (alpha, beta, transposesA, transposesB): (Float, Float, UInt64, UInt64) = (1, 1, 0, 0)

        init(_ bytes: ArraySlice<UInt8>) throws(ExchangeError) {
            var read = Self(empty: ())
            try ProtobufReader.fields(bytes, place: "node") { field throws(ExchangeError) in
                switch field.number {
                case 1: read.inputs.append(try field.text())
                case 2: read.outputs.append(try field.text())
                case 4: read.operation = try field.text()
                case 5:
                    var (name, float, integer): (String, Float, UInt64) = ("", 0, 0)
                    try ProtobufReader.fields(try field.bytes(), place: "attribute") {
                        part throws(ExchangeError) in
                        switch part.number {
                        case 1: name = try part.text()
                        case 2: float = Float(bitPattern: try part.word())
                        case 3: integer = try part.integer()
                        default: break
                        }
                    }
                    switch name {
                    case "alpha": read.alpha = float
                    case "beta": read.beta = float
                    case "transA": read.transposesA = integer
                    case "transB": read.transposesB = integer
                    default: break
                    }
                default: break
                }
            }
            self = read
        }

        private init(empty: Void) {}
    }

    private struct Tensor {
        var name: String
        var shape: [Int]
        /// `nil` for zeros.
        var values: [Double]?

        var numbers: [Double] { values ?? [Double](repeating: 0, count: shape.reduce(1, *)) }

        init(name: String, shape: [Int], values: [Double]?) {
            self.name = name
            self.shape = shape
            self.values = values
        }

        init(_ bytes: ArraySlice<UInt8>) throws(ExchangeError) {
            var (name, shape, kind): (String, [Int], UInt64) = ("", [], 0)
            var raw: ArraySlice<UInt8>?
            var isExternal = false
            try ProtobufReader.fields(bytes, place: "tensor") { field throws(ExchangeError) in
                func dimension(_ value: UInt64) throws(ExchangeError) {
                    guard let value = Int(exactly: value), value >= 1, shape.count < 8 else {
                        throw ExchangeError("a shape that is none", at: "tensor")
                    }
                    shape.append(value)
                }
                switch field.number {
                case 1:
                    for value in try field.integers() { try dimension(value) }
                case 2: kind = try field.integer()
                // float_data and double_data, packed; raw_data.
                case 4, 9, 10: raw = try field.bytes()
                case 8: name = try field.text()
                case 13, 14: isExternal = true
                default: break
                }
            }
            let place = ExchangeError.shown(name)
            guard kind == 1 || kind == 11 else {
                throw ExchangeError("its numbers are neither float32 nor float64", at: place)
            }
            guard let raw, !isExternal else {
                throw ExchangeError("its numbers are not in the file", at: place)
            }
            var cursor = ByteCursor(raw, place: place)
            let count = try DenseNetwork.count(shape, place)
            let values = try cursor.floats(count, isDouble: kind == 11)
            guard cursor.isAtEnd else { throw ExchangeError("there is more than its shape says", at: place) }
            self.init(name: name, shape: shape, values: values)
        }
    }
}
