// SPDX-License-Identifier: Apache-2.0

package import Curves
import FiniteFields

/// Poseidon's permutation over BN254's scalars, and the sponge of vectors that is made of it: what circuits
/// compute (`Circuits`) and what is hashed outside of them.
package enum PoseidonPermutation {
    /// The elements of a block of the sponge.
    package static let blockSize = 16

    /// The hash of a vector: a sponge of capacity 1 and rate 16 that overwrites its rate with each block; see
    /// `Poseidon.hash(_:domain:)` of `Circuits`.
    ///
    /// - Parameters:
    ///   - elements: the vector.
    ///   - domain: what the vector is, below 2^64.
    package static func hash(_ elements: [BN254.Fr], domain: UInt64) -> BN254.Fr {
        var state = initialState(count: elements.count, domain: domain)
        for start in stride(from: 0, to: max(elements.count, 1), by: blockSize) {
            var block = Array(elements[start..<min(start + blockSize, elements.count)])
            block += [BN254.Fr](repeating: .zero, count: blockSize - block.count)
            state = permute([state] + block, PoseidonParameters.wide)[0]
        }
        return state
    }

    /// The capacity that a vector's hash begins with: domain·2^64 + length.
    package static func initialState(count: Int, domain: UInt64) -> BN254.Fr {
        BN254.Fr(canonical: BN254.Fr.Limbs(l: (UInt64(count), domain, 0, 0)))!
    }

    /// The permutation of a state of `parameters.width` elements.
    package static func permute(_ input: [BN254.Fr], _ parameters: PoseidonParameters) -> [BN254.Fr] {
        let width = parameters.width
        var state = input
        var round = 0
        func fullSBoxes() {
            for lane in 0..<width {
                state[lane] = fifthPower(state[lane] + parameters.constants[round * width + lane])
            }
            round += 1
        }
        func mix() {
            state = parameters.matrix.map { inner($0, state) }
        }
        for _ in 0..<(PoseidonParameters.halfFullRounds - 1) {
            fullSBoxes()
            mix()
        }
        fullSBoxes()
        // `state` becomes y and then z, of which all that follows is made.
        let partial = parameters.partial
        state.reserveCapacity(width + parameters.partialRounds)
        for (row, constant) in zip(partial.inputs, partial.inputConstants) {
            state.append(fifthPower(inner(row, state) + constant))
        }
        round += parameters.partialRounds + 1
        state = zip(partial.outputs, partial.outputConstants).map { fifthPower(inner($0, state) + $1) }
        mix()
        for _ in 0..<(PoseidonParameters.halfFullRounds - 1) {
            fullSBoxes()
            mix()
        }
        return state
    }

    private static func fifthPower(_ x: BN254.Fr) -> BN254.Fr { x.squared().squared() * x }

    /// Σ aᵢ·bᵢ over the length of a.
    private static func inner(_ a: [BN254.Fr], _ b: [BN254.Fr]) -> BN254.Fr {
        var sum = BN254.Fr.zero
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }
}
