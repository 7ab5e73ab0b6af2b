// SPDX-License-Identifier: Apache-2.0

package import Curves
import FiniteFields

/// The constants of a Poseidon permutation over BN254's scalars, as circomlib has them: S-box x⁵, eight full
/// rounds.
///
/// - Reference: Grassi et al. 2021 (see `Grain`); numbers of rounds for 128-bit security as in circomlib's
///   `poseidon.circom`.
package final class PoseidonParameters: Sendable {
    /// The number of field elements of the state.
    package let width: Int
    /// The number of rounds with one S-box.
    package let partialRounds: Int
    /// Round constants, `width` a round.
    package let constants: [BN254.Fr]
    /// The matrix, by rows.
    package let matrix: [[BN254.Fr]]
    /// The rounds in the middle, as one linear map a round (see `PartialRounds`).
    package let partial: PartialRounds

    /// Half of the rounds with an S-box for each element.
    package static let halfFullRounds = 4

    private static let partialRoundCounts = [
        2: 56, 3: 57, 4: 56, 5: 60, 6: 60, 7: 63, 8: 64, 9: 63, 10: 60, 11: 66, 12: 60, 13: 65, 14: 70,
        15: 60,
        16: 64, 17: 68,
    ]

    /// Two inputs.
    package static let pair = PoseidonParameters(width: 3)
    /// Sixteen inputs.
    package static let wide = PoseidonParameters(width: 17)

    /// - Precondition: 2 ≤ width ≤ 17.
    init(width: Int) {
        precondition(Self.partialRoundCounts[width] != nil)
        let partialRounds = Self.partialRoundCounts[width]!
        let fullRounds = 2 * Self.halfFullRounds
        var grain = Grain(width: width, fullRounds: fullRounds, partialRounds: partialRounds)
        let constants = (0..<(fullRounds + partialRounds) * width).map { _ in grain.constant() }
        // Cauchy's matrix 1 / (xᵢ + yⱼ).
        let points = (0..<2 * width).map { _ in grain.reduced() }
        let matrix = (0..<width).map { row in
            var entries = (0..<width).map { points[row] + points[width + $0] }
            BN254.Fr.batchInvert(&entries)
            return entries
        }
        self.width = width
        self.partialRounds = partialRounds
        self.constants = constants
        self.matrix = matrix
        partial = PartialRounds(
            width: width, rounds: partialRounds, constants: constants,
            firstRound: Self.halfFullRounds, matrix: matrix)
    }
}

/// The partial rounds of a permutation, written over what is not linear in them.
///
/// Between the last S-boxes of the first half of full rounds and the first of the second half, all is linear
/// but one S-box a round. So the input of round k's S-box is a fixed combination of y (the `width` outputs of
/// the full S-boxes before), of z₀ … z₍ₖ₋₁₎ (the outputs of the partial S-boxes before it) and 1; and so are
/// the inputs of the full S-boxes after.
package struct PartialRounds: Sendable {
    /// Row k: `width` + k coefficients for y and z.
    package let inputs: [[BN254.Fr]]
    /// The coefficient of 1 in each of them.
    package let inputConstants: [BN254.Fr]
    /// `width` rows of `width` + rounds coefficients.
    package let outputs: [[BN254.Fr]]
    /// The coefficient of 1 in each of them.
    package let outputConstants: [BN254.Fr]

    init(width: Int, rounds: Int, constants: [BN254.Fr], firstRound: Int, matrix: [[BN254.Fr]]) {
        // The state: for each element the coefficients of y, z and, last, 1.
        let count = width + rounds + 1
        var state = matrix.map { $0 + [BN254.Fr](repeating: .zero, count: rounds + 1) }
        var inputs: [[BN254.Fr]] = []
        var inputConstants: [BN254.Fr] = []
        for round in 0..<rounds {
            for lane in 0..<width { state[lane][count - 1] += constants[(firstRound + round) * width + lane] }
            inputs.append(Array(state[0][..<(width + round)]))
            inputConstants.append(state[0][count - 1])
            state[0] = [BN254.Fr](repeating: .zero, count: count)
            state[0][width + round] = .one
            let used = Array(0...(width + round)) + [count - 1]
            state = matrix.map { row in
                var mixed = [BN254.Fr](repeating: .zero, count: count)
                for index in used {
                    var sum = BN254.Fr.zero
                    for lane in 0..<width { sum += row[lane] * state[lane][index] }
                    mixed[index] = sum
                }
                return mixed
            }
        }
        self.inputs = inputs
        self.inputConstants = inputConstants
        outputs = state.map { Array($0.dropLast()) }
        outputConstants = (0..<width).map {
            state[$0][count - 1] + constants[(firstRound + rounds) * width + $0]
        }
    }
}
