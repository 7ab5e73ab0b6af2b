// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EmulatedArithmetic
import FiniteFields
import Recursion
import TestSupport
import Testing

/// Which places of a circuit of proofs are used, and what the hash says of them.
@Suite struct ProofPlacesTests {
    /// Places alone, with a hash that is demanded, or any.
    private struct Built {
        let circuit: PointCircuit
        private(set) var inputs: [[Scalar]] = []
        private(set) var digest = Scalar.zero

        init(
            _ count: Int, _ rows: [[Scalar]], used: [Bool]? = nil, demanded: Scalar? = nil,
            _ source: ChallengeSource = .commitment
        ) {
            var (inputs, digest): ([[Scalar]], Scalar) = ([], .zero)
            circuit = PointCircuit(source) { field in
                // Arithmetic without elements has nothing to commit to.
                _ = field.hinted { BN254.Fp(3) }
                let places = ProofPlaces(
                    field.emulation, count: count, publicCount: rows[0].count, rows, used: used)
                if let demanded { field.builder.enforceEqual(places.digest, Linear(demanded)) }
                inputs = places.inputs.map { $0.map(\.value) }
                digest = places.digest.value
            }
            (self.inputs, self.digest) = (inputs, digest)
        }
    }

    private static func rows(_ count: Int, _ generator: inout SeededGenerator) -> [[Scalar]] {
        (0..<count).map { _ in (0..<2).map { _ in .random(using: &generator) } }
    }

    @Test func unusedPlaces() {
        var generator = SeededGenerator.fresh()
        let rows = Self.rows(4, &generator)
        for number in 1...4 {
            let own = Array(rows[..<number])
            let built = Built(4, own, demanded: ProofPlaces.digest(of: own, places: 4))
            #expect(built.circuit.holds, "\(built.circuit.violation)")
            #expect(built.inputs == own + [[Scalar]](repeating: rows[0], count: 4 - number))
        }
        let plain = Built(3, [rows[0]], demanded: ProofPlaces.digest(of: [rows[0]], places: 3), .poseidon)
        #expect(plain.circuit.holds, "\(plain.circuit.violation)")
        // Inputs that are zeros are not unused places, and other circuits have other hashes.
        let zeros = Array(rows[..<3]) + [[.zero, .zero]]
        let hashes = [
            ProofPlaces.digest(of: zeros, places: 4), ProofPlaces.digest(of: Array(rows[..<3]), places: 4),
            ProofPlaces.digest(of: Array(rows[..<3]), places: 3),
            ProofPlaces.digest(of: Array(rows[..<3]), places: 5),
        ]
        #expect(Set(hashes).count == 4)
    }

    /// All patterns of four flags: where the used places come first, there is a witness, and for no other.
    @Test func patterns() {
        var generator = SeededGenerator.fresh()
        let rows = Self.rows(4, &generator)
        for pattern in 0..<8 {
            let used = [true] + (0..<3).map { pattern >> $0 & 1 == 1 }
            let isPrefix = used == used.sorted { $0 && !$1 }
            let built = Built(4, rows, used: used)
            #expect(built.circuit.holds == isPrefix, "\(used): \(built.circuit.violation)")
        }
    }

    /// A number or inputs other than those that are used.
    @Test func lies() {
        var generator = SeededGenerator.fresh()
        let rows = Self.rows(4, &generator)
        let digest = ProofPlaces.digest(of: Array(rows[..<3]), places: 4)
        func holds(_ rows: [[Scalar]], _ used: [Bool]) -> Bool {
            Built(4, rows, used: used, demanded: digest).circuit.holds
        }
        let three = [true, true, true, false]
        let honest = holds(rows, three)
        #expect(honest)
        // What is in an unused place is in no hash.
        var other = rows
        other[3][0] += .one
        let isLeftOut = holds(other, three)
        #expect(isLeftOut)
        for place in 0..<3 {
            var other = rows
            other[place][1] += .one
            #expect(!holds(other, three), "\(place)")
        }
        let (fewer, more) = (holds(rows, [true, true, false, false]), holds(rows, [true, true, true, true]))
        #expect(!fewer && !more)
        // A fourth proof for zeros is not three proofs.
        let zeros = holds(Array(rows[..<3]) + [[.zero, .zero]], [true, true, true, true])
        #expect(!zeros)
    }

    /// Every wire, changed alone.
    @Test func changedWires() {
        var generator = SeededGenerator.fresh()
        let rows = Self.rows(3, &generator)
        let circuit = Built(
            3, Array(rows[..<2]), demanded: ProofPlaces.digest(of: Array(rows[..<2]), places: 3)
        )
        .circuit
        let free = circuit.unconstrainedWires(using: &generator)
        // The two inputs of the unused place, on which no hash and no proof depends, and the mask of what is
        // committed to.
        #expect(free.count == 3, "\(free)")
    }
}
