// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields

extension PlonkRun {
    /// The least elements that are worth a thread.
    static var grain: Int { 2048 }

    /// All wires from those of the witness, and the values of a, b and c.
    ///
    /// - Returns: the first gate that does not hold.
    func assign(_ witness: SecretScalars<F>) -> Int? {
        let (wires, parallel) = (UncheckedSendable(wires.elements), parallel)
        witness.withElements { values in
            let values = UncheckedSendable(values)
            parallel.forEachRange(values.value.count, minimum: Self.grain) { range in
                for index in range { wires.value[index] = F(canonical: values.value[index]) ?? .zero }
            }
        }
        // The constant one has no wire: constants are selectors.
        wires.value[0] = .zero
        for (index, addition) in key.additions.enumerated() {
            wires.value[key.witnessCount + index] =
                wires.value[addition.left] * addition.leftFactor
                + wires.value[addition.right] * addition.rightFactor
        }
        let gates = key.gates
        let firsts = Slots<Int?>(repeating: nil, count: (gates.count + Self.grain - 1) / Self.grain)
        parallel.forEach(firsts.count) { chunk in
            let range = chunk * Self.grain..<min((chunk + 1) * Self.grain, gates.count)
            firsts[chunk] = assign(range, wires.value)
        }
        return firsts.all.compactMap(\.self).first
    }

    private func assign(_ range: Range<Int>, _ wires: UnsafeMutableBufferPointer<F>) -> Int? {
        var violated: Int?
        for row in range {
            let gate = key.gates[row]
            let (a, b, c) = (wires[gate.a], wires[gate.b], wires[gate.c])
            (values[0][row], values[1][row], values[2][row]) = (a, b, c)
            // Every fourth root is an n-th one.
            var sum = key.qm.values[4 * row] * a * b + key.ql.values[4 * row] * a
            sum += key.qr.values[4 * row] * b + key.qo.values[4 * row] * c + key.qc.values[4 * row]
            if row < key.publicCount { sum -= wires[row + 1] }
            if !sum.isZero, violated == nil { violated = row }
        }
        return violated
    }

    /// The permutation's running product: 1 at the first root, and from each to the next what its row gives.
    func multiply(_ challenges: PlonkChallenges<Suite>, into product: Vector) {
        let (numerators, denominators) = (Vector(count: n), Vector(count: n))
        let (beta, gamma) = (challenges.beta, challenges.gamma)
        let (k1, k2) = (key.verifyingKey.k1, key.verifyingKey.k2)
        parallel.forEachRange(n, minimum: Self.grain) { range in
            var identity = beta * omega.power(range.lowerBound)
            for row in range {
                let (a, b, c) = (values[0][row] + gamma, values[1][row] + gamma, values[2][row] + gamma)
                numerators[row] = (a + identity) * (b + k1 * identity) * (c + k2 * identity)
                denominators[row] =
                    (a + beta * key.s1.values[4 * row]) * (b + beta * key.s2.values[4 * row])
                    * (c + beta * key.s3.values[4 * row])
                identity *= omega
            }
            invert(denominators, range)
        }
        product[0] = .one
        for row in 0..<n - 1 { product[row + 1] = product[row] * numerators[row] * denominators[row] }
    }

    /// The inverses of some of a vector's elements, by one inversion; zeros stay zeros.
    private func invert(_ vector: Vector, _ range: Range<Int>) {
        let products = Vector(count: range.count)
        var product = F.one
        for (index, place) in range.enumerated() {
            products[index] = product
            if !vector[place].isZero { product *= vector[place] }
        }
        var inverse = product.inverse() ?? .zero
        for (index, place) in range.enumerated().reversed() where !vector[place].isZero {
            let own = vector[place]
            vector[place] = inverse * products[index]
            inverse *= own
        }
    }

    /// Montgomery forms to integers.
    func canonical(_ polynomial: Vector, into scalars: UnsafeMutableBufferPointer<F.Limbs>) {
        let scalars = UncheckedSendable(scalars)
        parallel.forEachRange(polynomial.count, minimum: Self.grain) { range in
            for index in range { scalars.value[index] = polynomial[index].canonical }
        }
    }

    /// Puts each of 2^k elements at the place of its reversed index.
    static func reverse(_ elements: UnsafeMutableBufferPointer<F>) {
        let bits = elements.count.trailingZeroBitCount
        guard bits > 0 else { return }
        var reversed = 0
        for index in elements.indices {
            if index < reversed { elements.swapAt(index, reversed) }
            // One more, from the highest bit on.
            var bit = elements.count >> 1
            while reversed & bit != 0 {
                reversed ^= bit
                bit >>= 1
            }
            reversed |= bit
        }
    }
}

extension PrimeField {
    /// The element to a power that is not negative.
    func power(_ exponent: Int) -> Self {
        var (result, square, rest) = (Self.one, self, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square = square.squared()
            rest >>= 1
        }
        return result
    }
}
