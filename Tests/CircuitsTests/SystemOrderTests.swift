// SPDX-License-Identifier: Apache-2.0

import Circuits
import ConstraintSystems
import Curves
import FiniteFields
import TestSupport
import Testing

/// Constraint systems are files, and keys are made of them: what a circuit gives is the same for ever, wire
/// by wire and term by term.
///
/// The fingerprints are of the builder that kept every term as it came, at commit a653b0a.
@Suite struct SystemOrderTests {
    private func fingerprint(_ system: R1CS<Scalar>) -> UInt64 {
        var sum = Fingerprint()
        sum.add(system.wireCount)
        sum.add(system.publicCount)
        sum.add(system.constraintCount)
        for index in 0..<3 * system.constraintCount {
            let terms = system.combination(index % 3, of: index / 3)
            sum.add(terms.count)
            for term in terms {
                sum.add(UInt64(term.wire))
                let limbs = term.coefficient.canonical
                for limb in 0..<4 { sum.add(limbs[limb]) }
            }
        }
        return sum.value
    }

    @Test func membership() {
        let system = GroupMembership(depth: 5).constraints().constraintSystem()
        #expect(fingerprint(system) == 0xc163_6b5e_4b48_fb4a)
    }

    /// Every gadget, on inputs that are wires and on inputs that are sums.
    @Test func gadgets() {
        let builder = CircuitBuilder(.constraints, publicCount: 2)
        let wires = (0..<24).map { _ in builder.wire(.zero) }
        for x in [Array(wires[..<12]), (0..<12).map { wires[$0 + 12] * 5 - wires[$0] + Scalar(UInt64($0)) }] {
            let bits = builder.bits(of: x[0], count: 12)
            _ = builder.canonicalBits(of: x[1])
            let chosen = builder.select(bits[0], x[2], x[3])
            let (low, high) = builder.exchange(bits[1], chosen, x[4])
            _ = builder.isLess(low, high, bits: 20)
            _ = builder.or(builder.isEqual(low, high), builder.and(bits[2], bits[11]))
            _ = builder.fixedPointProduct(x[5], x[6], fraction: 8, bits: 30)
            _ = builder.relu(x[7], bits: 16)
            _ = builder.clamped(x[8], bits: 12, excess: 4)
            let sigmoid = Sigmoid(inputFraction: 8, outputFraction: 12)
            _ = builder.sigmoid(x[9], sigmoid, argumentBits: sigmoid.argumentBits(16))
            let packed = builder.pack(x, Packing(bits: 30))
            let hash = builder.poseidon(packed + x, domain: 7)
            let root = builder.merkleRoot(leaf: hash, index: [bits[3], bits[4]], path: [x[10], x[11]])
            let matrix = Matrix(rows: 2, columns: 3) { x[3 * $0 + $1] }
            let product = Matrix(rows: 2, columns: 2) { x[6 + 2 * $0 + $1] }
            builder.enforceProduct(matrix, matrix.transposed, equals: product, challenge: root)
            builder.enforceSquaredNorm(x, atMost: hash, bits: 60)
        }
        builder.bindPublic(0, to: wires[0])
        builder.bindPublic(1, to: wires[1] + wires[2])
        #expect(fingerprint(builder.constraintSystem()) == 0x395f_38d2_298f_fb0d)
    }

    /// Sums as nobody would write them: wires that occur often, in any order, and cancel.
    @Test func arbitrarySums() {
        var generator = SeededGenerator(seed: 20)
        let builder = CircuitBuilder(.constraints, publicCount: 1)
        var wires = (0..<6).map { _ in builder.wire(.zero) }
        // Of wires only: sums of sums of sums would be large.
        var sums: [Linear] = []
        func sum(of terms: [Linear]) -> Linear {
            var sum = Int.random(in: 0..<4, using: &generator) == 0 ? Linear(3) : .zero
            for _ in 0..<Int.random(in: 0..<30, using: &generator) {
                let other = terms[Int.random(in: 0..<terms.count, using: &generator)]
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: sum += other
                case 1: sum -= other
                case 2: sum = sum - other * 3
                case 3: sum = -sum + other
                case 4: sum.add(other, times: Scalar(signed: Int.random(in: -2...2, using: &generator)))
                default: sum = (sum + other) * Scalar(UInt64.random(in: 0..<3, using: &generator)) - .one
                }
            }
            return sum
        }
        for _ in 0..<200 {
            let known = wires + sums
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: wires.append(builder.multiply(sum(of: known), sum(of: known)))
            case 1: builder.enforce(sum(of: known), times: sum(of: known), equals: sum(of: known))
            case 2: wires.append(builder.materialized(sum(of: known)))
            default: sums.append(sum(of: wires))
            }
        }
        builder.bindPublic(0, to: sum(of: wires + sums))
        #expect(fingerprint(builder.constraintSystem()) == 0x9c31_d952_6637_e1b7)
    }
}
