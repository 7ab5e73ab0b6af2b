// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EmulatedArithmetic
import FiniteFields

/// Short solutions of linear equations over the native field: what a forger computes.
enum Lattice {
    /// Small integers cᵢ with Σ cᵢ·tⁱ = value; as elements, negative ones as q − |c|.
    ///
    /// The vectors with Σ vᵢ·tⁱ = 0 are reduced, and then the solution (value, 0 …) by them.
    ///
    /// - Reference: Lenstra, Lenstra and Lovász 1982; in integers as in Cohen 1993, "A Course in
    ///   Computational Algebraic Number Theory", algorithm 2.6.7. Babai 1986 for the solution: the nearest
    ///   plane.
    static func combination(_ value: Scalar, of t: Scalar, count: Int) -> [Scalar] {
        var vectors = (0..<count).map { row in
            (0..<count).map { column -> Signed in
                if column == 0 {
                    return row == 0
                        ? Signed(Natural(Scalar.modulus))
                        : Signed(Natural(t.power(UInt64(row)).canonical), isNegative: true)
                }
                return Signed(row == column ? .one : .zero)
            }
        }
        var row = 1
        while row < count {
            shorten(row, of: &vectors)
            let own = orthogonalized(vectors, through: row)
            let (before, last) = (own.determinants[row], own.products[row][row - 1])
            let left = own.determinants[row + 1] * own.determinants[row - 1] + last * last
            if (left * 4).magnitude < (before * before * 3).magnitude {
                vectors.swapAt(row, row - 1)
                row = max(row - 1, 1)
            } else {
                row += 1
            }
        }
        let target = Signed(Natural(value.canonical))
        vectors.append([target] + [Signed](repeating: Signed(.zero), count: count - 1))
        shorten(count, of: &vectors)
        return vectors[count].map(\.scalar)
    }

    /// Takes off the vectors before it, the last first, each as often as its share in this one says.
    private static func shorten(_ row: Int, of vectors: inout [[Signed]]) {
        for other in (0..<row).reversed() {
            let own = orthogonalized(vectors, through: row)
            let factor = own.products[row][other].rounded(by: own.determinants[other + 1].magnitude)
            if factor.magnitude == .zero { continue }
            vectors[row] = zip(vectors[row], vectors[other]).map { $0 - $1 * factor }
        }
    }

    /// The Gram determinants d₀ = 1, d₁ … of the first vectors, and λ with λᵢⱼ/dⱼ₊₁ the share of the
    /// orthogonal part of vector j in vector i: all of them integers.
    private static func orthogonalized(_ vectors: [[Signed]], through last: Int) -> (
        determinants: [Signed], products: [[Signed]]
    ) {
        var determinants = [Signed(.one)]
        var products: [[Signed]] = []
        for i in 0...last {
            products.append([])
            for j in 0...i {
                var product = dot(vectors[i], vectors[j])
                for k in 0..<j {
                    product = (determinants[k + 1] * product - products[i][k] * products[j][k])
                        .divided(by: determinants[k])
                }
                products[i].append(product)
            }
            determinants.append(products[i][i])
        }
        return (determinants, products)
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

    static func * (a: Signed, factor: UInt64) -> Signed { a * Signed(Natural(factor)) }

    /// The quotient, where it is one.
    func divided(by divisor: Signed) -> Signed {
        Signed(
            magnitude.divided(by: divisor.magnitude).quotient, isNegative: isNegative != divisor.isNegative)
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
    /// Some thirty bits of the quotient at a time, from leading bits.
    func divided(by divisor: Natural) -> (quotient: Natural, rest: Natural) {
        var (quotient, rest) = (Natural.zero, self)
        let width = divisor.bitLength
        let leading = UInt64(divisor.digit(at: max(0, width - 32), width: 32)) + (width > 32 ? 1 : 0)
        while divisor <= rest {
            // Never more than the quotient, for the divisor's leading bits are rounded up.
            let start = max(0, rest.bitLength - 63)
            let share = UInt64(rest.digit(at: start, width: 63)) / leading
            let shift = start - max(0, width - 32)
            var step = shift < 0 ? Natural(share) >> -shift : Natural(share) << shift
            if step == .zero { step = .one }
            quotient += step
            rest = rest.subtracting(divisor * step)
        }
        return (quotient, rest)
    }
}
