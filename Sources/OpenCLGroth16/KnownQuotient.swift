// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import Groth16
import OpenCLCompute

/// A quotient whose scalars, in both forms, the CPU knows, small and nasty: what a device must pass, beside
/// the known answers of sums and transforms, before it may make proofs.
struct KnownQuotient<Suite: ComputeSuite> {
    private typealias Fr = Suite.Fr

    /// Computes it.
    ///
    /// - Returns: what was wrong, or `nil`.
    func failure(of device: DeviceComputations<Suite>) throws(ComputeError) -> String? {
        let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 1))
        let (matrices, witness) = Self.quotient
        for form in QuotientForm.allCases {
            let (found, expected) = try SecretScalars<Fr>(witness).withElements {
                witness throws(ComputeError) in
                let found = try device.quotient(
                    matrices, witness: witness, logDomainSize: Self.logRows, as: form)
                let expected =
                    switch form {
                    case .values:
                        try cpu.quotient(matrices, witness: witness, logDomainSize: Self.logRows)
                    case .coefficients:
                        try cpu.quotientCoefficients(matrices, witness: witness, logDomainSize: Self.logRows)
                    }
                return (found, expected)
            }
            if (0..<found.count).contains(where: { found[$0] != expected[$0] }) {
                return "a quotient is wrong (\(form))"
            }
        }
        return nil
    }

    private static var logRows: Int { 4 }

    /// Matrices with short and empty rows and one of many terms, and a witness of zeros, ones and random
    /// values.
    private static var quotient: (CoefficientMatrices<Fr>, [Fr.Limbs]) {
        let (rows, columns) = (1 << logRows, 50)
        var generator = SystemRandomNumberGenerator()
        var records: [UInt8] = []
        func add(_ matrix: Int, _ row: Int, _ column: Int) {
            for number in [matrix, row, column] {
                withUnsafeBytes(of: UInt32(number).littleEndian) { records.append(contentsOf: $0) }
            }
            withUnsafeBytes(of: Fr.random(using: &generator).montgomery) { records.append(contentsOf: $0) }
        }
        for row in 0..<rows - 2 {
            for matrix in 0..<2 { for term in 0..<row % 4 { add(matrix, row, (7 * row + term) % columns) } }
        }
        for column in 0..<columns { add(0, 5, column) }
        let bytes = RecordMemory(records)
        guard
            let matrices = try? CoefficientMatrices<Fr>(
                viewing: UnsafeRawBufferPointer(bytes.buffer), owner: bytes, rowCount: rows,
                columnCount: columns)
        else { preconditionFailure("the records are right") }
        let witness = (0..<columns).map { column -> Fr.Limbs in
            column % 3 == 0
                ? Fr.random(using: &generator).canonical : column % 3 == 1 ? .zero : Fr.one.canonical
        }
        return (matrices, witness)
    }
}

/// Memory for coefficient records.
private final class RecordMemory {
    let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) {
        buffer = .allocate(byteCount: bytes.count, alignment: 16)
        buffer.copyBytes(from: bytes)
    }

    deinit { buffer.deallocate() }
}
