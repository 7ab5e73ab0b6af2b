import FiniteFields

/// A random circuit of n = 2^k rows and n wires with one public input, and a witness of it.
///
/// Row i, i < n − 2, determines wire i + 2. A product row makes it the product of two sums of one to three earlier wires
/// with random coefficients; the latest product is in both sums, so hardly any point of the key's tables is the
/// identity, as is the most costly case. A bit row is w·(w − 1) = 0. The last two rows have wires 0 and 1 in A, as
/// snarkjs adds them for the public wires.
struct SyntheticCircuit<F: PrimeField> {
    /// A coefficient of a constraint matrix.
    struct Entry {
        var row: Int
        var wire: Int
        var coefficient: F
    }

    static var publicCount: Int { 1 }

    let logSize: Int
    private(set) var a: [Entry] = []
    private(set) var b: [Entry] = []
    private(set) var c: [Entry] = []
    /// One value a wire.
    private(set) var witness: [F] = [.one]

    /// - Precondition: `logSize` is at least 1.
    init(logSize: Int, shape: ScalarShape, seed: UInt64) {
        precondition(logSize >= 1)
        self.logSize = logSize
        var stream = SeededStream(seed: seed, "\(F.name) circuit")
        let constraints = (1 << logSize) - Self.publicCount - 1
        witness.append(.random(using: &stream))
        var latestProduct = 1
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
        for wire in 0...Self.publicCount {
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
