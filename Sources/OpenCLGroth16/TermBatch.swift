// SPDX-License-Identifier: Apache-2.0

import FiniteFields
import Groth16
import OpenCLCompute

/// Carries the terms of rows to a device, many in one transfer.
struct TermBatch<F: PrimeField> {
    private static var capacity: Int { 1 << 15 }

    private let matrices: CoefficientMatrices<F>
    private var signals = [UInt32](repeating: 0, count: capacity)
    private var values = [F.Limbs](repeating: .zero, count: capacity)
    private var count = 0
    /// Terms that are on the device already.
    private var done = 0

    init(_ matrices: CoefficientMatrices<F>) { self.matrices = matrices }

    /// Puts a row's terms behind all before.
    mutating func add(
        matrix: Int, row: Int, signals deviceSignals: borrowing DeviceBuffer,
        values deviceValues: borrowing DeviceBuffer, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        let length = matrices.termCount(matrix: matrix, row: row)
        var next = 0
        while next < length {
            let part = min(length - next, Self.capacity - count)
            let (matrices, at) = (matrices, count)
            signals.withUnsafeMutableBufferPointer { signals in
                values.withUnsafeMutableBytes { values in
                    guard let signals = signals.baseAddress, let values = values.baseAddress else { return }
                    matrices.copyTerms(
                        next..<next + part, matrix: matrix, row: row, signals: signals + at,
                        values: values + at * MemoryLayout<F.Limbs>.stride)
                }
            }
            next += part
            count += part
            if count == Self.capacity { try flush(signals: deviceSignals, values: deviceValues, on: queue) }
        }
    }

    /// Sends what has been gathered.
    mutating func flush(
        signals deviceSignals: borrowing DeviceBuffer, values deviceValues: borrowing DeviceBuffer,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        try signals.withUnsafeBufferPointer { signals throws(OpenCLError) in
            let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: signals[..<count]))
            try queue.write(bytes, to: deviceSignals, at: 4 * done)
        }
        try values.withUnsafeBufferPointer { values throws(OpenCLError) in
            let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[..<count]))
            try queue.write(bytes, to: deviceValues, at: MemoryLayout<F.Limbs>.stride * done)
        }
        done += count
        count = 0
    }
}

extension DeviceQueue {
    /// A new buffer with these numbers.
    func upload(_ numbers: [UInt32], _ purpose: String) throws(OpenCLError) -> DeviceBuffer {
        let buffer = try allocate(4 * numbers.count, purpose)
        try numbers.withUnsafeBufferPointer { numbers throws(OpenCLError) in
            try write(UnsafeRawBufferPointer(numbers), to: buffer)
        }
        return buffer
    }
}
