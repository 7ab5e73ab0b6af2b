// SPDX-License-Identifier: Apache-2.0

/// Fully connected layers with biases: what files of models hold here. Between layers stands ReLU, behind the
/// last one the logistic function, whether or not a file says so.
package struct DenseNetwork: Equatable, Sendable {
    package struct Layer: Equatable, Sendable {
        package var inputs: Int
        package var outputs: Int
        /// Row after row: a row is an input, a column an output.
        package var weights: [Double]
        /// One for each output.
        package var biases: [Double]

        /// - Precondition: the numbers are those of the shape.
        package init(inputs: Int, outputs: Int, weights: [Double], biases: [Double]) {
            precondition(weights.count == inputs * outputs && biases.count == outputs)
            self.inputs = inputs
            self.outputs = outputs
            self.weights = weights
            self.biases = biases
        }
    }

    package var layers: [Layer]

    package init(layers: [Layer]) { self.layers = layers }

    /// The most numbers that a file's tensor may have.
    static let numberLimit = 1 << 24

    /// The product of a tensor's dimensions.
    ///
    /// - Throws: where it is above `numberLimit`.
    static func count(_ shape: [Int], _ place: String) throws(ExchangeError) -> Int {
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow, product <= numberLimit else {
                throw ExchangeError("more than \(numberLimit) numbers", at: place)
            }
            count = product
        }
        return count
    }
}

/// Bytes that are read one part after the other, never beyond their end. Little-endian.
struct ByteCursor {
    private var rest: ArraySlice<UInt8>
    let place: String

    init(_ bytes: ArraySlice<UInt8>, place: String) {
        rest = bytes
        self.place = place
    }

    var isAtEnd: Bool { rest.isEmpty }
    var count: Int { rest.count }

    mutating func bytes(_ count: Int) throws(ExchangeError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else {
            throw ExchangeError("the file ends too early", at: place)
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(ExchangeError) -> T {
        var value: T = 0
        for (index, byte) in try bytes(MemoryLayout<T>.size).enumerated() {
            value |= T(truncatingIfNeeded: byte) << T(8 * index)
        }
        return value
    }

    /// The numbers of a tensor.
    mutating func floats(_ count: Int, isDouble: Bool) throws(ExchangeError) -> [Double] {
        var values: [Double] = []
        guard count <= rest.count / (isDouble ? 8 : 4) else {
            throw ExchangeError("the file ends too early", at: place)
        }
        values.reserveCapacity(count)
        for _ in 0..<count {
            values.append(
                isDouble
                    ? Double(bitPattern: try integer(UInt64.self))
                    : Double(Float(bitPattern: try integer(UInt32.self))))
        }
        return values
    }
}

extension [UInt8] {
    mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
        for index in 0..<MemoryLayout<T>.size { append(UInt8(truncatingIfNeeded: value >> T(8 * index))) }
    }
}
