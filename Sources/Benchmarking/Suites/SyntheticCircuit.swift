// SPDX-License-Identifier: Apache-2.0

import FiniteFields

/// A random circuit of n = 2^k rows and n wires, the first of them public, and a witness of it.
///
/// With p public inputs row i, i < n − p − 1, determines wire i + p + 1; any public inputs have a witness. A
/// product row makes it the product of two sums of one to three earlier wires with random coefficients; the
/// latest product is in both sums, so hardly any point of the key's tables is the identity, as is the most
/// costly case. A bit row is w·(w − 1) = 0. The last rows have the constant and the public wires in A, as
/// snarkjs adds them.
struct SyntheticCircuit<F: PrimeField> {
    /// A coefficient of a constraint matrix.
    struct Entry {
        var row: Int
        var wire: Int
        var coefficient: F
    }

    let logSize: Int
    let publicCount: Int
    private(set) var a: [Entry] = []
    private(set) var b: [Entry] = []
    private(set) var c: [Entry] = []
    /// One value a wire.
    private(set) var witness: [F] = [.one]

    /// - Parameters:
    ///   - publicCount: how many public inputs there are.
    ///   - publicInputs: their values; random ones by default. The constraints do not depend on them.
    /// - Precondition: there are more rows than public inputs.
    init(
        logSize: Int, publicCount: Int = 1, publicInputs: [F]? = nil, shape: ScalarShape, seed: UInt64
    ) {
        precondition(1 << logSize > publicCount && publicInputs?.count ?? publicCount == publicCount)
        self.logSize = logSize
        self.publicCount = publicCount
        var stream = SeededStream(seed: seed, "\(F.name) circuit")
        let constraints = (1 << logSize) - publicCount - 1
        for i in 0..<publicCount {
            let value = F.random(using: &stream)
            witness.append(publicInputs?[i] ?? value)
        }
        var latestProduct = min(1, publicCount)
        for row in 0..<constraints {
            let wire = witness.count
            if shape.drawsBit(using: &stream) {
                a.append(Entry(row: row, wire: wire, coefficient: .one))
                b.append(Entry(row: row, wire: wire, coefficient: .one))
                b.append(Entry(row: row, wire: 0, coefficient: -.one))
                witness.append(F(stream.next() & 1))
            } else {
                let left = sum(of: latestProduct, row: row, into: &a, using: &stream)
                let right = sum(of: latestProduct, row: row, into: &b, using: &stream)
                c.append(Entry(row: row, wire: wire, coefficient: .one))
                witness.append(left * right)
                latestProduct = wire
            }
        }
        for wire in 0...publicCount {
            a.append(Entry(row: constraints + wire, wire: wire, coefficient: .one))
        }
    }

    /// Adds a wire and up to two others to a row, with random coefficients; returns the value of their sum.
    private func sum(
        of first: Int, row: Int, into matrix: inout [Entry], using stream: inout SeededStream
    ) -> F {
        var sum = F.zero
        for term in 0..<Int.random(in: 1...3, using: &stream) {
            let wire = term == 0 ? first : Int.random(in: 0..<witness.count, using: &stream)
            let coefficient = F.random(using: &stream)
            matrix.append(Entry(row: row, wire: wire, coefficient: coefficient))
            sum += coefficient * witness[wire]
        }
        return sum
    }
}
