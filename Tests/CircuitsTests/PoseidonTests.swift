// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import Curves
import FiniteFields
import TestSupport
import Testing

@Suite struct PoseidonTests {
    /// Published results of circomlib (`test/poseidoncircuit.js`).
    @Test func agreesWithCircomlib() {
        #expect(
            Poseidon.hash(1, 2).decimal
                == "7853200120776062878684798364095072458815029376092732009249414926327459813530")
        #expect(
            Poseidon.hash(3, 4).decimal
                == "14763215145315200506921711489642608356394854266165572616578112107564877678998")
        #expect(
            Poseidon.hash16((1...16).map { Scalar(UInt64($0)) }).decimal
                == "9989051620750914585850546081941653841776809718687451684622678807385399211877")
    }

    @Test func circuitAgreesWithCode() {
        var generator = SeededGenerator.fresh()
        let inputs = (0..<2).map { _ in Scalar.random(using: &generator) }
        expectSound(&generator, inputs: inputs) { builder, x in
            [(builder.poseidon(x[0], x[1]), Poseidon.hash(inputs[0], inputs[1]))]
        }
        for count in [1, 16, 17] {
            let inputs = (0..<count).map { _ in Scalar.random(using: &generator) }
            let built = BuiltGadget(publicCount: 1) { builder in
                let hash = builder.poseidon(inputs.map { builder.wire($0) }, domain: 7)
                if builder.hasValues { #expect(hash.value == Poseidon.hash(inputs, domain: 7)) }
                builder.bindPublic(0, to: hash)
            }
            #expect(built.firstViolated == nil)
        }
    }

    @Test func wideCircuitHasNoFreeWire() {
        var generator = SeededGenerator.fresh()
        let inputs = (0..<5).map { _ in Scalar.random(using: &generator) }
        expectSound(&generator, inputs: inputs) { builder, x in
            [(builder.poseidon(x, domain: 1), Poseidon.hash(inputs, domain: 1))]
        }
    }

    @Test func streams() {
        var generator = SeededGenerator.fresh()
        let seed = Scalar.random(using: &generator)
        let stream = Poseidon.stream(seed: seed, domain: 7, count: 40)
        #expect(
            Set(stream).count == 40 && Array(stream[..<5]) == Poseidon.stream(seed: seed, domain: 7, count: 5)
        )
        #expect(stream[0] != Poseidon.stream(seed: seed, domain: 8, count: 1)[0])
        // The rate after one permutation: what one more permutation of a longer vector would overwrite.
        #expect(!stream.contains(Poseidon.hash([seed, .zero], domain: 7)))
        expectSound(&generator, inputs: [seed]) { builder, x in
            Array(zip(builder.poseidonStream(seed: x[0], domain: 7, count: 19), stream))
        }
        #expect(
            constraintCount(inputs: 1) { _ = $0.poseidonStream(seed: $1[0], domain: 7, count: 16) } == 612)
    }

    /// Known answers of Tests/Scripts/poseidon.py, which shares nothing with this.
    private struct CommitmentVectors: Decodable {
        struct Challenge: Decodable { let x, y, challenge: String, values: [String] }
        struct Folding: Decodable { let challenges: [String], factor: String }
        let challenges: [Challenge], foldings: [Folding]
    }

    private func scalar(_ digits: some Collection<Character>) -> Scalar {
        digits.reduce(.zero) { $0 * 10 + Scalar(UInt64($1.wholeNumberValue!)) }
    }

    /// The words of a coordinate in decimal: the lower 136 bits, and the rest.
    private func words(_ decimal: String) -> [Scalar] {
        // Below 2^256; in base 2^8, the lowest first.
        var bytes = [UInt64](repeating: 0, count: 32)
        for digit in decimal {
            var carry = UInt64(digit.wholeNumberValue!)
            for index in bytes.indices {
                carry += 10 * bytes[index]
                bytes[index] = carry & 255
                carry >>= 8
            }
        }
        return [bytes[..<17], bytes[17...]].map { $0.reversed().reduce(.zero) { $0 * 256 + Scalar($1) } }
    }

    @Test func challengesOfCommitments() throws {
        var generator = SeededGenerator.fresh()
        let vectors: CommitmentVectors = try Vectors.json("commitment_hash/poseidon.json")
        for (index, vector) in vectors.challenges.enumerated() {
            let point = words(vector.x) + words(vector.y)
            let (values, expected) = (vector.values.map { scalar($0) }, scalar(vector.challenge))
            let built = BuiltGadget(publicCount: 1) { builder in
                let challenge = builder.commitmentChallenge(
                    words: point.map { builder.wire($0) }, values: values.map { builder.wire($0) })
                if builder.hasValues { #expect(challenge.value == expected, "\(index)") }
                builder.bindPublic(0, to: challenge)
            }
            #expect(built.firstViolated == nil)
        }
        let point = words(vectors.challenges[2].x) + words(vectors.challenges[2].y)
        expectSound(&generator, inputs: point + [.zero]) { builder, x in
            [
                (
                    builder.commitmentChallenge(words: Array(x[..<4]), values: [x[4]]),
                    scalar(vectors.challenges[2].challenge)
                )
            ]
        }
        for vector in vectors.foldings {
            expectSound(&generator, inputs: vector.challenges.map { scalar($0) }) { builder, x in
                [(builder.commitmentFoldingFactor(x), scalar(vector.factor))]
            }
        }
    }

    @Test func sizesAreThoseOfThePaper() {
        #expect(constraintCount(inputs: 2) { _ = $0.poseidon($1[0], $1[1]) } == 243)
        #expect(constraintCount(inputs: 16) { _ = $0.poseidon($1, domain: 0) } == 612)
        #expect(constraintCount(inputs: 17) { _ = $0.poseidon($1, domain: 0) } == 1224)
    }

    @Test func vectorsDoNotCollideByPaddingOrDomain() {
        let a: [Scalar] = [1, 2, 3]
        #expect(Poseidon.hash(a, domain: 1) != Poseidon.hash(a + [0], domain: 1))
        #expect(Poseidon.hash(a, domain: 1) != Poseidon.hash(a, domain: 2))
        #expect(Poseidon.hash([], domain: 1) != Poseidon.hash([0], domain: 1))
        // The first block of a longer vector does not lead to a shorter one's hash.
        let block = (0..<16).map { Scalar(UInt64($0)) }
        #expect(Poseidon.hash(block, domain: 1) != Poseidon.hash(block + [0], domain: 1))
    }

    @Test func treeMatchesPaths() {
        var generator = SeededGenerator.fresh()
        for (depth, count) in [(0, 1), (1, 2), (3, 5), (20, 3), (4, 0)] {
            let leaves = (0..<count).map { _ in Scalar.random(using: &generator) }
            let tree = MerkleTree(depth: depth, leaves: leaves)
            for (index, leaf) in leaves.enumerated() {
                #expect(MerkleTree.root(leaf: leaf, index: index, path: tree.path(index)) == tree.root)
            }
            let last = 1 << depth - 1
            if last >= count {
                #expect(MerkleTree.root(leaf: .zero, index: last, path: tree.path(last)) == tree.root)
            }
        }
    }

    @Test func merkleCircuit() {
        var generator = SeededGenerator.fresh()
        let leaves = (0..<4).map { _ in Scalar.random(using: &generator) }
        let tree = MerkleTree(depth: 2, leaves: leaves)
        for index in 0..<4 {
            expectSound(&generator, inputs: [leaves[index]] + tree.path(index)) { builder, x in
                let bits = (0..<2).map { bit in builder.boolean(index >> bit & 1 == 1) }
                // The index is an input as well.
                builder.enforceEqual(builder.weighted(bits), Linear(Scalar(UInt64(index))))
                return [(builder.merkleRoot(leaf: x[0], index: bits, path: Array(x[1...])), tree.root)]
            }
        }
    }
}
