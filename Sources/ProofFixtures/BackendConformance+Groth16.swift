// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import FiniteFields
package import Groth16

// What every `Groth16Backend` must do.
extension BackendConformance {
    /// Quotients of random sparse systems, against evaluation by Lagrange's formula.
    package mutating func quotientFailures() -> [String] where Backend: Groth16Backend {
        [1, 2, 4, 5, 7].flatMap { quotientFailures(log: $0) }
    }

    private mutating func quotientFailures(log: Int) -> [String] where Backend: Groth16Backend {
        let size = 1 << log
        let columns = size + 3
        let records = (0..<4 * size).map { _ in
            Record(
                matrix: UInt32.random(in: 0...1, using: &generator),
                row: UInt32.random(in: 0..<UInt32(size), using: &generator),
                signal: UInt32.random(in: 0..<UInt32(columns), using: &generator),
                value: Fr.random(using: &generator))
        }
        let bytes = RecordBytes(records.map { ($0.matrix, $0.row, $0.signal, $0.value) })
        guard
            let matrices = try? CoefficientMatrices<Fr>(
                viewing: UnsafeRawBufferPointer(bytes.buffer), owner: bytes, rowCount: size,
                columnCount: columns)
        else { return ["quotient 2^\(log): matrices refused"] }
        let witness = (0..<columns).map { _ in
            [Fr.zero, .one, -.one, .random(using: &generator)][Int.random(in: 0..<4, using: &generator)]
        }
        let secret = SecretScalars<Fr>(witness.map(\.canonical))
        let results = try? secret.withElements { elements in
            (
                values: try backend.quotient(matrices, witness: elements, logDomainSize: log),
                coefficients: try backend.quotientCoefficients(
                    matrices, witness: elements, logDomainSize: log)
            )
        }
        guard let results else { return ["quotient 2^\(log): threw"] }
        var rows = [[Fr]](repeating: [Fr](repeating: .zero, count: size), count: 2)
        for record in records {
            rows[Int(record.matrix)][Int(record.row)] += record.value * witness[Int(record.signal)]
        }
        let products = zip(rows[0], rows[1]).map(*)
        let shift = EvaluationDomain<Fr>.root(log: log + 1)
        return (0..<size).flatMap { i in
            let x = shift.power(UInt64(2 * i + 1))
            let expected = lagrange(rows[0], at: x) * lagrange(rows[1], at: x) - lagrange(products, at: x)
            // Xⁿ − 1 is −2 there.
            let value = Fr(2) * polynomial(results.coefficients, log: log, at: x)
            return (results.values[i] == expected.canonical ? [] : ["quotient 2^\(log): entry \(i)"])
                + (value == -expected ? [] : ["coefficients of a quotient 2^\(log): at point \(i)"])
        }
    }

    private struct Record {
        var matrix, row, signal: UInt32
        var value: Fr
    }

    /// The value at `x` of the polynomial with the given coefficients, canonical, in bit-reversed order.
    private func polynomial(_ coefficients: SecretScalars<Fr>, log: Int, at x: Fr) -> Fr {
        (0..<coefficients.count).reversed().reduce(.zero) { sum, j in
            let place = (0..<log).reduce(0) { $0 << 1 | j >> $1 & 1 }
            return sum * x + (Fr(canonical: coefficients[place]) ?? .zero)
        }
    }

    /// The value at `x` of the polynomial with the given values on the roots of unity: (xⁿ − 1)/n · Σ vᵢωⁱ/(x
    /// − ωⁱ).
    private func lagrange(_ values: [Fr], at x: Fr) -> Fr {
        let root = EvaluationDomain<Fr>.root(log: values.count.trailingZeroBitCount)
        var sum = Fr.zero
        var power = Fr.one
        for value in values {
            sum += value * power * ((x - power).inverse() ?? .zero)
            power *= root
        }
        let n = UInt64(values.count)
        return (x.power(n) - .one) * (Fr(n).inverse() ?? .zero) * sum
    }
}

/// Coefficient records in the byte layout of a zkey's section 4.
package final class RecordBytes {
    package let buffer: UnsafeMutableRawBufferPointer

    package init<Fr: PrimeField>(_ records: [(matrix: UInt32, row: UInt32, signal: UInt32, value: Fr)]) {
        let size = 12 + Fr.byteCount
        buffer = .allocate(byteCount: max(1, records.count * size), alignment: 16)
        for (i, record) in records.enumerated() {
            for (j, word) in [record.matrix, record.row, record.signal].enumerated() {
                buffer.storeBytes(of: word.littleEndian, toByteOffset: i * size + 4 * j, as: UInt32.self)
            }
            // The stored limbs are value · R²: the Montgomery form of the field element value · R.
            let stored = Fr(canonical: record.value.montgomery) ?? .zero
            for k in 0..<Fr.Limbs.count {
                buffer.storeBytes(
                    of: stored.montgomery[k].littleEndian, toByteOffset: i * size + 12 + 8 * k,
                    as: UInt64.self)
            }
        }
    }

    deinit { buffer.deallocate() }
}
