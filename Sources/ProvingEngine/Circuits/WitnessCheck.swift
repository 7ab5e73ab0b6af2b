// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import Failures
import FiniteFields
import Groth16
import SnarkFormats

/// The files that a witness is checked against before it is proved: the circuit, and the names of its
/// signals.
package struct CircuitFiles: Sendable, Equatable {
    /// The constraints (`.r1cs`).
    package var r1cs: String
    /// The names of the signals (`.sym`), so that messages can use them; nil for none.
    package var symbols: String?

    package init(r1cs: String, symbols: String? = nil) {
        self.r1cs = r1cs
        self.symbols = symbols
    }
}

/// A circuit that was found to be a key's, ready to check witnesses.
struct WitnessCheck<Suite: ComputeSuite> {
    private let system: R1CS<Suite.Fr>
    private let path: String
    private let names: SignalNames?

    /// Reads the files and compares the circuit with the key.
    ///
    /// - Parameter keyPath: the key's file, for messages.
    /// - Throws: `.badInput` for files that are malformed, of another circuit than the key, or of one with
    ///   custom gates.
    init(
        _ files: CircuitFiles, key: KeyMaterial<Suite>, keyPath: String, _ parallel: Parallel
    ) throws(JobFailure) {
        let file: R1CSFile
        let any: AnyR1CS
        do throws(FormatError) {
            file = try R1CSFile(MappedFile(path: files.r1cs))
            any = try AnyR1CS.load(file)
        } catch {
            throw JobFailure(error)
        }
        func notTheKeys(_ difference: String) -> JobFailure {
            JobFailure(
                code: .badInput, retryable: false,
                message: "\(keyPath): the key is not this circuit's (\(files.r1cs)): \(difference)")
        }
        guard let system = any.system(on: Suite.self) else {
            throw notTheKeys("the r1cs is for \(file.curve), the key for \(Suite.id)")
        }
        if let difference = key.difference(from: system, parallel) { throw notTheKeys(difference) }
        (self.system, path) = (system, files.r1cs)
        do throws(FormatError) {
            names = try files.symbols.map { (symbols) throws(FormatError) in
                try SignalNames(MappedFile(path: symbols), of: file)
            }
        } catch {
            throw JobFailure(error)
        }
    }

    /// - Parameter name: the witness' file, for messages.
    /// - Throws: `.unsatisfied`, with the first constraint that the witness violates.
    func require(_ witness: SecretScalars<Suite.Fr>, of name: String) throws(JobFailure) {
        guard let violated = witness.withSpan({ system.firstViolated(by: $0) }) else { return }
        let text = ConstraintText(system: system, names: names)
        throw JobFailure(
            code: .unsatisfied, retryable: false,
            message:
                "\(name): the witness violates constraint \(violated) of \(path): \(text(violated))")
    }

    /// Why there is no proof of a witness that satisfies the constraints, with a key whose matrices A and B
    /// are the circuit's.
    func failureOfProof(keyPath: String) -> JobFailure {
        JobFailure(
            code: .badInput, retryable: false,
            message: """
                \(keyPath): the key is not this circuit's (\(path)), or it is damaged: the witness satisfies the circuit and its \
                proof does not verify. Matrices A and B are the same (C is not in a zkey)
                """)
    }
}

extension ProvingKey {
    /// What shows that the key is not a circuit's: a sentence, or `nil` where the sizes and the matrices A
    /// and B are the same.
    ///
    /// Two matrices are compared by their products with one vector, the powers of a random number: order and
    /// repetition of entries do not count, and rows that differ have the same product for fewer than
    /// `variableCount` of the r numbers. A zkey does not hold the matrix C: two circuits that differ in
    /// nothing else are the same here.
    func difference(from system: R1CS<Suite.Fr>) -> String? {
        guard system.commitments.isEmpty else {
            return
                "the circuit has \(Count.text(system.commitments.count, "commitment")), and such a key has none"
        }
        guard variableCount == system.wireCount else {
            return "the key has \(Count.text(variableCount, "wire")), the circuit \(system.wireCount)"
        }
        guard publicCount == system.publicCount else {
            return "the key has \(Count.text(publicCount, "public input")), the circuit \(system.publicCount)"
        }
        // The constant wire and each public input have a row of their own.
        let rows = system.constraintCount + publicCount + 1
        var needed = 1
        while 1 << needed < rows { needed += 1 }
        guard logDomainSize == needed else {
            return "the key has a domain of 2^\(logDomainSize), the circuit needs 2^\(needed)"
        }
        guard let row = firstDifferentRow(from: system) else { return nil }
        return row.index < system.constraintCount
            ? "matrix \(row.matrix) differs in constraint \(row.index)"
            : "matrix \(row.matrix) differs behind the constraints, in row \(row.index)"
    }

    private func firstDifferentRow(from system: R1CS<Suite.Fr>) -> (matrix: String, index: Int)? {
        typealias Scalar = Suite.Fr
        var generator = SystemRandomNumberGenerator()
        let base = Scalar.random(using: &generator)
        var vector: [Scalar] = []
        vector.reserveCapacity(variableCount)
        var power = Scalar.one
        for _ in 0..<variableCount {
            vector.append(power)
            power *= base
        }
        var sums = [
            [Scalar](repeating: .zero, count: domainSize), [Scalar](repeating: .zero, count: domainSize),
        ]
        for row in 0..<system.constraintCount {
            for matrix in 0..<2 {
                sums[matrix][row] = system.combination(matrix, of: row).reduce(.zero) {
                    $0 + $1.coefficient * vector[Int($1.wire)]
                }
            }
        }
        for wire in 0...publicCount { sums[0][system.constraintCount + wire] = vector[wire] }
        // Records hold coefficients times R², which as Montgomery limbs are the elements times R: the
        // circuit's sums get that factor, too.
        let radix = Scalar(canonical: Scalar.one.montgomery) ?? .zero
        for matrix in 0..<2 { for row in 0..<domainSize { sums[matrix][row] *= radix } }
        let bytes = coefficients.bytes
        for at in stride(from: 0, to: bytes.count, by: CoefficientMatrices<Scalar>.recordSize) {
            let matrix = Int(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            let row = Int(bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
            let wire = Int(bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self))
            let value = Scalar(
                montgomery: bytes.loadUnaligned(fromByteOffset: at + 12, as: Scalar.Limbs.self))
            sums[matrix][row] = sums[matrix][row] - value * vector[wire]
        }
        for row in 0..<domainSize {
            for matrix in 0..<2 where !sums[matrix][row].isZero { return (["A", "B"][matrix], row) }
        }
        return nil
    }
}
