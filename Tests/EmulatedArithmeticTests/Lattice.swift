// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EmulatedArithmetic
import FiniteFields

/// Short solutions of linear equations over the native field: what a forger computes.
enum Lattice {
    /// Small integers cᵢ with Σ cᵢ·tⁱ = value; as elements, negative ones as q − |c|.
    ///
    /// The vectors with Σ vᵢ·tⁱ = 0 are made shorter in pairs, and then the solution (value, 0 …) by them.
    static func combination(_ value: Scalar, of t: Scalar, count: Int) -> [Scalar] {
        var basis = (0..<count).map { row in
            (0..<count).map { column -> Signed in
                if column == 0 {
                    return row == 0
                        ? Signed(Natural(Scalar.modulus))
                        : Signed(Natural(t.power(UInt64(row)).canonical), isNegative: true)
                }
                return Signed(row == column ? .one : .zero)
            }
        }
        var isChanging = true
        while isChanging {
            isChanging = false
            for row in 0..<count {
                for other in 0..<count where other != row {
                    if reduce(&basis[row], by: basis[other]) { isChanging = true }
                }
            }
        }
        var solution = [Signed](repeating: Signed(.zero), count: count)
        solution[0] = Signed(Natural(value.canonical))
        isChanging = true
        while isChanging {
            isChanging = basis.reduce(false) { reduce(&solution, by: $1) || $0 }
        }
        return solution.map(\.scalar)
    }

    /// Takes off as many times the other vector as makes this one shortest; whether its square loses a
    /// sixteenth. Without that share each of millions of steps may take off next to nothing.
    private static func reduce(_ vector: inout [Signed], by other: [Signed]) -> Bool {
        let factor = dot(vector, other).rounded(by: dot(other, other).magnitude)
        guard !factor.magnitude.words.isEmpty else { return false }
        let shorter = zip(vector, other).map { $0 - $1 * factor }
        guard (dot(shorter, shorter).magnitude << 4) < dot(vector, vector).magnitude * Natural(15) else {
            return false
        }
        vector = shorter
        return true
    }

    private static func dot(_ a: [Signed], _ b: [Signed]) -> Signed {
        zip(a, b).reduce(Signed(.zero)) { $0 + $1.0 * $1.1 }
    }
}

/// An integer of any size.
private struct Signed {
    let magnitude: Natural
    let isNegative: Bool

    init(_ magnitude: Natural, isNegative: Bool = false) {
        self.magnitude = magnitude
        self.isNegative = isNegative
    }

    static func + (a: Signed, b: Signed) -> Signed {
        if a.isNegative == b.isNegative { return Signed(a.magnitude + b.magnitude, isNegative: a.isNegative) }
        return a.magnitude < b.magnitude
            ? Signed(b.magnitude.subtracting(a.magnitude), isNegative: b.isNegative)
            : Signed(a.magnitude.subtracting(b.magnitude), isNegative: a.isNegative)
    }

    static func - (a: Signed, b: Signed) -> Signed { a + Signed(b.magnitude, isNegative: !b.isNegative) }

    static func * (a: Signed, b: Signed) -> Signed {
        Signed(a.magnitude * b.magnitude, isNegative: a.isNegative != b.isNegative)
    }

    /// The nearest integer to the quotient.
    func rounded(by divisor: Natural) -> Signed {
        Signed(
            (magnitude + magnitude + divisor).divided(by: divisor + divisor).quotient, isNegative: isNegative)
    }

    var scalar: Scalar {
        var limbs = Scalar.Limbs.zero
        for (index, word) in magnitude.words.enumerated() { limbs[index] = word }
        let own = Scalar(canonical: limbs)!
        return isNegative ? -own : own
    }
}

extension Natural {
    /// By shifts and differences.
    func divided(by divisor: Natural) -> (quotient: Natural, rest: Natural) {
        var (quotient, rest) = (Natural.zero, self)
        for shift in (0...max(0, bitLength - divisor.bitLength)).reversed() where divisor << shift <= rest {
            rest = rest.subtracting(divisor << shift)
            quotient += .powerOfTwo(shift)
        }
        return (quotient, rest)
    }
}
