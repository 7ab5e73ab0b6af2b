// SPDX-License-Identifier: Apache-2.0

import Curves
import FieldHashes
import FiniteFields

extension CircuitBuilder {
    /// `Poseidon.hash` of two elements: 243 constraints.
    public func poseidon(_ a: Linear, _ b: Linear) -> Linear {
        permute([.zero, a, b], PoseidonParameters.pair)[0]
    }

    /// `Poseidon.hash(_:domain:)` of a vector: 612 constraints for every sixteen elements begun.
    public func poseidon(_ elements: [Linear], domain: UInt64) -> Linear {
        var state = Linear(PoseidonPermutation.initialState(count: elements.count, domain: domain))
        for start in stride(from: 0, to: max(elements.count, 1), by: Poseidon.blockSize) {
            var block = Array(elements[start..<min(start + Poseidon.blockSize, elements.count)])
            block += [Linear](repeating: .zero, count: Poseidon.blockSize - block.count)
            state = permute([state] + block, PoseidonParameters.wide)[0]
        }
        return state
    }

    /// The challenge of a commitment to wires in a proof that the circuit verifies, where Poseidon makes it:
    /// 612 constraints for every sixteen elements begun, of which the point has four.
    ///
    /// - Parameters:
    ///   - words: of the commitment's x and then y, integers below the base field's modulus: the lower 136
    ///     bits, then the rest. The circuit has to hold them in these ranges, and the integer below the
    ///     modulus, as `EmulatedField.words` does: else a point has several challenges.
    ///   - values: what the key hashes with it: public inputs, then earlier challenges.
    package func commitmentChallenge(words: [Linear], values: [Linear]) -> Linear {
        precondition(words.count == 4, "a commitment is four words")
        return poseidon(words + values, domain: CommitmentChallenge.commitment)
    }

    /// The factor that folds the proofs of knowledge of several commitments, as `commitmentChallenge`.
    package func commitmentFoldingFactor(_ challenges: [Linear]) -> Linear {
        poseidon(challenges, domain: CommitmentChallenge.folding)
    }

    /// `Poseidon.stream`: 612 constraints for every sixteen elements begun.
    package func poseidonStream(seed: Linear, domain: UInt64, count: Int) -> [Linear] {
        poseidonStream(seeds: [seed], domain: domain, count: count)
    }

    /// `Poseidon.stream`: 612 constraints for every sixteen elements begun.
    package func poseidonStream(seeds: [Linear], domain: UInt64, count: Int) -> [Linear] {
        precondition(seeds.count < Poseidon.blockSize)
        let start = Linear(PoseidonPermutation.initialState(count: seeds.count + 1, domain: domain))
        let rest = [Linear](repeating: .zero, count: Poseidon.blockSize - 1 - seeds.count)
        let blocks = (0..<((count + Poseidon.blockSize - 1) / Poseidon.blockSize)).flatMap { block in
            permute(
                [start] + seeds + [Linear(Scalar(UInt64(block)))] + rest, PoseidonParameters.wide,
                outputs: PoseidonParameters.wide.width
            ).dropFirst()
        }
        return Array(blocks.prefix(count))
    }

    /// The first elements of the permuted state, as many as are asked for; three constraints an S-box.
    private func permute(_ input: [Linear], _ parameters: PoseidonParameters, outputs: Int = 1) -> [Linear] {
        let (width, half) = (parameters.width, PoseidonParameters.halfFullRounds)
        func constant(_ round: Int, _ lane: Int) -> Scalar { parameters.constants[round * width + lane] }
        var state = input
        for round in 0..<half {
            let boxes = state.enumerated().map { fifthPower($1 + constant(round, $0)) }
            state = round == half - 1 ? boxes : parameters.matrix.map { combination($0, boxes, .zero) }
        }
        let partial = parameters.partial
        state.reserveCapacity(width + parameters.partialRounds)
        for (row, constant) in zip(partial.inputs, partial.inputConstants) {
            state.append(fifthPower(combination(row, state, constant)))
        }
        state = zip(partial.outputs, partial.outputConstants).map { combination($0, state, $1) }
        let after = half + parameters.partialRounds
        for round in after..<(after + half) {
            // The constants of the first of them are part of the map.
            let boxes = state.enumerated().map { fifthPower(round == after ? $1 : $1 + constant(round, $0)) }
            // Of the last state only the first elements are asked for.
            let rows = round == after + half - 1 ? parameters.matrix[..<outputs] : parameters.matrix[...]
            state = rows.map { combination($0, boxes, .zero) }
        }
        return state
    }

    private func fifthPower(_ x: Linear) -> Linear {
        let square = multiply(x, x)
        return multiply(multiply(square, square), x)
    }

    /// Σ rowᵢ·xᵢ + constant for x that are wires, in ascending order.
    private func combination(_ row: [Scalar], _ x: [Linear], _ constant: Scalar) -> Linear {
        var result = Linear(constant)
        result.reserve(recordsConstraints ? row.count : 0)
        for index in row.indices { result.add(x[index], times: row[index]) }
        return result
    }
}
