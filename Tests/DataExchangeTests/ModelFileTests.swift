// SPDX-License-Identifier: Apache-2.0

import DataExchange
import TestSupport
import Testing

/// Models in others' files: what is written is read again, and nothing else ends badly.
@Suite struct ModelFileTests {
    /// Layers of random numbers that float32 has.
    private func network(_ sizes: [Int], _ generator: inout SeededGenerator) -> DenseNetwork {
        func numbers(_ count: Int) -> [Double] {
            (0..<count).map { _ in Double(Int.random(in: -2048...2047, using: &generator)) / 256 }
        }
        return DenseNetwork(
            layers: zip(sizes, sizes.dropFirst()).map { inputs, outputs in
                .init(
                    inputs: inputs, outputs: outputs, weights: numbers(inputs * outputs),
                    biases: numbers(outputs))
            })
    }

    @Test func whatIsWrittenIsRead() throws {
        var generator = SeededGenerator.fresh()
        for sizes in [[1, 1], [4, 1], [3, 2], [5, 4, 3], [2, 7, 1, 3], [40, 33, 17, 9]] {
            let network = network(sizes, &generator)
            let archive = try #require(NumPyArchive.encode(network))
            #expect(try NumPyArchive.decode(archive) == network)
            #expect(try ONNXModel.decode(ONNXModel.encode(network, metadata: [("a", "b")])) == network)
        }
    }

    /// A file that is cut off anywhere is an error, and a changed one is an error or a network.
    @Test func brokenFiles() throws {
        var generator = SeededGenerator.fresh()
        let network = network([3, 2, 2], &generator)
        let archive = try #require(NumPyArchive.encode(network))
        let model = ONNXModel.encode(network, metadata: [])
        for count in 0..<archive.count {
            #expect(throws: ExchangeError.self) { try NumPyArchive.decode(Array(archive[..<count])) }
        }
        // Behind the graph a cut takes nothing of the network.
        var same = 0
        for count in 0..<model.count {
            if (try? ONNXModel.decode(Array(model[..<count]))) == network { same += 1 }
        }
        #expect(same <= 8)
        for file in [archive, model] {
            for _ in 0..<2000 {
                var changed = file
                for _ in 0...Int.random(in: 0...3, using: &generator) {
                    let place = Int.random(in: 0..<changed.count, using: &generator)
                    changed[place] =
                        [0, 1, 127, 128, 255, .random(in: 0...255, using: &generator)].randomElement(
                            using: &generator)!
                }
                if file == archive {
                    _ = try? NumPyArchive.decode(changed)
                } else {
                    _ = try? ONNXModel.decode(changed)
                }
            }
        }
    }

    @Test func whatIsRefused() throws {
        var generator = SeededGenerator.fresh()
        let archive = try #require(NumPyArchive.encode(network([3, 2], &generator)))
        func message(_ body: () throws -> DenseNetwork) -> String {
            do {
                _ = try body()
                return ""
            } catch { return (error as? ExchangeError)?.message ?? "\(error)" }
        }
        /// The archive with texts of the same length replaced, its sums of bytes apart.
        func replaced(_ old: String, _ new: String) -> [UInt8] {
            var bytes = archive
            for start in bytes.indices.dropLast(old.utf8.count)
            where bytes[start...].starts(with: old.utf8) {
                bytes.replaceSubrange(start..<(start + old.utf8.count), with: new.utf8)
            }
            return bytes
        }
        #expect(message { try NumPyArchive.decode([]) } == "no archive of NumPy (npz)")
        #expect(
            message { try NumPyArchive.decode(Array("PK".utf8) + [UInt8](repeating: 0, count: 40)) } != "")
        #expect(
            message { try NumPyArchive.decode(replaced("b0.npy", "b1.npy")) }.contains("there is no array b0")
        )
        #expect(
            message { try NumPyArchive.decode(replaced("W0.npy", "V0.npy")) }.contains(
                "no array is called that"))
        #expect(
            message { try NumPyArchive.decode(replaced("W0.npy", "W0.txt")) }.contains("no array of NumPy"))
        #expect(
            message { try NumPyArchive.decode(replaced("<f8", "<i8")) }.contains("its checksum is another"))
        #expect(message { try ONNXModel.decode([]) }.contains("no graph"))
        #expect(message { try ONNXModel.decode(archive) }.contains("no model of ONNX"))
        let model = ONNXModel.encode(network([3, 2, 2], &generator), metadata: [])
        func changed(_ old: String, _ new: String) -> [UInt8] {
            var bytes = model
            for start in bytes.indices.dropLast(old.utf8.count)
            where bytes[start...].starts(with: old.utf8) {
                bytes.replaceSubrange(start..<(start + old.utf8.count), with: new.utf8)
            }
            return bytes
        }
        #expect(
            message { try ONNXModel.decode(changed("Relu", "Tanh")) }.contains(
                "node \"Tanh\": not what a layer has there"))
        #expect(message { try ONNXModel.decode(changed("sums0", "other")) } == "")
        #expect(message { try ONNXModel.decode(changed("W1", "b0")) }.contains("the tensor is there twice"))
    }
}
