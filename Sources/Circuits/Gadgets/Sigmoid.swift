// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields
import Foundation

/// The logistic function by eight straight pieces, on integers.
///
/// The argument z stands for z / 2^inputFraction, the result y for y / 2^outputFraction. Pieces of width 2
/// lie between −8 and 8; below is 0, above is 1. Within a piece only the leading `stepBits` bits of the
/// distance to its left end count, so that the result is exact in integers. Symmetric: σ(−8 + a) + σ(8 − a) =
/// 1 wherever −8 + a is a multiple of a step.
public struct Sigmoid: Hashable, Sendable {
    /// The fractional bits of the argument.
    public let inputFraction: Int
    /// The fractional bits of the result.
    public let outputFraction: Int
    /// log₂ of the number of steps of a piece.
    public let stepBits: Int
    /// The result at the left end of each piece.
    let bases: [Int]
    /// What a step adds, for each piece.
    let slopes: [Int]

    /// The function for these fractional bits.
    ///
    /// - Precondition: 1 ≤ stepBits ≤ inputFraction + 1, and stepBits < outputFraction ≤ 40.
    public init(inputFraction: Int, outputFraction: Int, stepBits: Int = 7) {
        precondition(stepBits >= 1 && stepBits <= inputFraction + 1)
        precondition(outputFraction > stepBits && outputFraction <= 40)
        self.inputFraction = inputFraction
        self.outputFraction = outputFraction
        self.stepBits = stepBits
        let one = Double(1 << outputFraction)
        let right = (0..<4).map { piece in
            let rise = Self.exact(Double(2 * piece + 2)) - Self.exact(Double(2 * piece))
            return Int((rise * one / Double(1 << stepBits)).rounded())
        }
        slopes = right.reversed() + right
        var bases = [Int](repeating: 1 << (outputFraction - 1), count: 8)
        for piece in 5..<8 { bases[piece] = bases[piece - 1] + slopes[piece - 1] << stepBits }
        for piece in (0..<4).reversed() { bases[piece] = bases[piece + 1] - slopes[piece] << stepBits }
        self.bases = bases
    }

    private static func exact(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    /// The result for a plain integer.
    public func callAsFunction(_ z: Int) -> Int {
        let shifted = z + 1 << (inputFraction + 3)
        if shifted < 0 { return 0 }
        let piece = shifted >> (inputFraction + 1)
        if piece >= 8 { return 1 << outputFraction }
        let step = (shifted >> (inputFraction + 1 - stepBits)) & (1 << stepBits - 1)
        return bases[piece] + slopes[piece] * step
    }

    /// The bits that a circuit takes z + 8·2^inputFraction to, for a signed z of `bits` bits.
    public func argumentBits(_ bits: Int) -> Int { max(bits + 1, inputFraction + 5) }
}

extension CircuitBuilder {
    /// The logistic function by eight pieces: width + 9 constraints.
    ///
    /// - Parameters:
    ///   - z: the argument.
    ///   - sigmoid: the function.
    ///   - width: such that z + 8·2^inputFraction is a signed integer of so many bits; no witness
    ///     satisfies it otherwise. See `Sigmoid.argumentBits`.
    /// - Precondition: width is at least inputFraction + 5.
    public func sigmoid(_ z: Linear, _ sigmoid: Sigmoid, argumentBits width: Int) -> Linear {
        let fraction = sigmoid.inputFraction
        precondition(width >= fraction + 5)
        // z + 8 with an offset: its sign, whether it is below 16, its piece, its step, all read off the bits.
        let all = signedBits(of: z + powerOfTwo(fraction + 3), count: width)
        let isAtLeastLeft = all.isNonNegative
        let high = weighted(all.bits[(fraction + 4)...])
        let isInside = isEqual(high, Linear(powerOfTwo(width - 1 - fraction - 4)))
        let piece = Array(all.bits[(fraction + 1)..<(fraction + 4)])
        let step = weighted(all.bits[(fraction + 1 - sigmoid.stepBits)..<(fraction + 1)])
        let monomials = products(of: piece)
        let value = multiply(lookup(sigmoid.slopes, monomials), step) + lookup(sigmoid.bases, monomials)
        // Inside implies at least left, so what is left of the latter is "above".
        return multiply(isInside, value) + (isAtLeastLeft - isInside) * powerOfTwo(sigmoid.outputFraction)
    }

    /// Products of all subsets of three bits; entry i is the product of the bits whose positions are set in
    /// i. Four constraints.
    private func products(of bits: [Linear]) -> [Linear] {
        let (a, b, c) = (bits[0], bits[1], bits[2])
        let ab = multiply(a, b)
        let ac = multiply(a, c)
        let bc = multiply(b, c)
        return [.one, a, b, ab, c, ac, bc, multiply(ab, c)]
    }

    /// table[i] for the i that the monomials stand for: no constraint.
    private func lookup(_ table: [Int], _ monomials: [Linear]) -> Linear {
        // The coefficients of the multilinear polynomial, by inclusion and exclusion.
        var coefficients = table
        for bit in 0..<3 {
            for index in table.indices where index >> bit & 1 == 1 {
                coefficients[index] -= coefficients[index ^ (1 << bit)]
            }
        }
        return zip(monomials, coefficients).reduce(into: Linear.zero) {
            $0.add($1.0, times: Scalar(signed: $1.1))
        }
    }
}
