// SPDX-License-Identifier: Apache-2.0

import Curves
public import FiniteFields

/// The Poseidon hash over BN254's scalars with circomlib's constants.
///
/// Two widths are in use: two inputs, for trees and pairs, and sixteen, for long vectors. Elements are
/// Montgomery, as everywhere.
public enum Poseidon {
    /// Poseidon of two elements, as circomlib's `Poseidon(2)`.
    public static func hash(_ a: Scalar, _ b: Scalar) -> Scalar {
        permute([.zero, a, b], PoseidonParameters.pair)[0]
    }

    /// Poseidon of sixteen elements, as circomlib's `Poseidon(16)`, started from `initial` (circomlib: 0).
    ///
    /// - Precondition: sixteen elements are given.
    public static func hash16(_ elements: some Collection<Scalar>, initial: Scalar = .zero) -> Scalar {
        precondition(elements.count == 16)
        return permute([initial] + elements, PoseidonParameters.wide)[0]
    }

    /// The elements that a vector is hashed in a block: circomlib's largest.
    public static let blockSize = 16

    /// The hash of a vector of any length: a sponge of capacity 1 and rate 16 that overwrites its rate with
    /// each block, as circomlib's `PoseidonEx(16, 1)` chained through `initialState`. The last block is
    /// filled with zeros.
    ///
    /// The capacity starts as domain·2^64 + length, so vectors of different domain or length do not share a
    /// prefix.
    ///
    /// - Parameters:
    ///   - elements: the vector.
    ///   - domain: what the vector is, below 2^64.
    public static func hash(_ elements: [Scalar], domain: UInt64) -> Scalar {
        var state = initialState(count: elements.count, domain: domain)
        for start in stride(from: 0, to: max(elements.count, 1), by: blockSize) {
            var block = Array(elements[start..<min(start + blockSize, elements.count)])
            block += [Scalar](repeating: .zero, count: blockSize - block.count)
            state = hash16(block, initial: state)
        }
        return state
    }

    /// Elements that follow from a seed as from a random function: block i is what the rate of the sponge
    /// holds after one permutation over the seed and i.
    ///
    /// - Parameters:
    ///   - seed: an element that is a hash, or else hard to choose.
    ///   - domain: what the elements are for, below 2^64; no vector's.
    ///   - count: how many elements.
    package static func stream(seed: Scalar, domain: UInt64, count: Int) -> [Scalar] {
        let rest = [Scalar](repeating: .zero, count: blockSize - 2)
        let blocks = (0..<((count + blockSize - 1) / blockSize)).flatMap { block in
            permute(
                [initialState(count: 2, domain: domain), seed, Scalar(UInt64(block))] + rest,
                PoseidonParameters.wide
            ).dropFirst()
        }
        return Array(blocks.prefix(count))
    }

    static func initialState(count: Int, domain: UInt64) -> Scalar {
        Scalar(canonical: Scalar.Limbs(l: (UInt64(count), domain, 0, 0)))!
    }

    /// The permutation of a state of `parameters.width` elements.
    static func permute(_ input: [Scalar], _ parameters: PoseidonParameters) -> [Scalar] {
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

    static func fifthPower(_ x: Scalar) -> Scalar { x.squared().squared() * x }

    /// Σ aᵢ·bᵢ over the length of a.
    private static func inner(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
        var sum = Scalar.zero
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }
}
