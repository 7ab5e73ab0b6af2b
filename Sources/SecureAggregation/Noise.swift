// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// The noise of a member in each coordinate of its update: a sum of uniform integers that follow from its
/// secret, so that nobody chooses his noise.
package struct NoiseShape: Hashable, Sendable {
    /// The bits of each uniform integer.
    package let bits: Int
    /// How many are added up in a coordinate.
    package let summands: Int
    /// The coordinates of an update.
    package let coordinates: Int

    /// The bits that are taken of an element below the group order q. Its lowest 200 bits are uniform but for
    /// a factor between 1 − 2^−53 and 1 + 2^−53: there are q/2^200 > 2^53 elements for each of their values.
    package static let usableBits = 200

    /// The most bits of an integer.
    package static let mostBits = 24

    /// - Precondition: 1 ≤ bits ≤ `mostBits`, 1 ≤ summands, bits·summands ≤ 200, 1 ≤ coordinates.
    package init(bits: Int, summands: Int, coordinates: Int) {
        precondition((1...Self.mostBits).contains(bits) && (1...Self.usableBits).contains(summands))
        precondition(bits * summands <= Self.usableBits && coordinates >= 1)
        self.bits = bits
        self.summands = summands
        self.coordinates = coordinates
    }

    /// The coordinates whose integers are bits of one element.
    var coordinatesPerElement: Int { Self.usableBits / (bits * summands) }
    /// The elements of the stream that the integers are of.
    var elements: Int { (coordinates + coordinatesPerElement - 1) / coordinatesPerElement }

    /// What is taken off each sum so that its mean is zero, or a half: `summands`·(2^bits − 1)/2, rounded
    /// down.
    package var mean: Int { summands * ((1 << bits) - 1) / 2 }
    /// The largest absolute value of a coordinate's noise.
    package var most: Int { summands * ((1 << bits) - 1) - mean }

    /// The noise of a member in a context: another one in each, so of each roster too. Were it the same in
    /// two rosters of one state, their sums would differ in exactly what one member more has sent. Each
    /// update that is sent is therefore one more use of its records (`DifferentialPrivacy`), also where its
    /// round came to nothing.
    package func values(_ secret: MemberSecret, _ context: CohortContext) -> [Int] {
        let stream = Poseidon.stream(
            seeds: [secret.element, context.digest], domain: HashDomain.noise.rawValue, count: elements)
        return (0..<coordinates).map { coordinate in
            let limbs = stream[coordinate / coordinatesPerElement].canonical
            let start = coordinate % coordinatesPerElement * summands * bits
            let integers = (0..<summands).map { summand in
                (0..<bits).reduce(0) { sum, bit in
                    let place = start + summand * bits + bit
                    return sum + Int(limbs[place / 64] >> UInt64(place % 64) & 1) << bit
                }
            }
            return integers.reduce(0, +) - mean
        }
    }
}

extension CircuitBuilder {
    /// `NoiseShape.values`: 303 constraints for each element of the stream, and 612 for every sixteen.
    package func noise(_ shape: NoiseShape, _ membership: CohortMembership) -> [Linear] {
        let stream = poseidonStream(
            seeds: [membership.secret, membership.context], domain: HashDomain.noise.rawValue,
            count: shape.elements)
        var values: [Linear] = []
        for element in stream {
            let bits = hashBits(of: element)
            for coordinate in 0..<min(shape.coordinatesPerElement, shape.coordinates - values.count) {
                var sum = Linear(Scalar(UInt64(shape.mean))) * -Scalar.one
                for summand in 0..<shape.summands {
                    let start = (coordinate * shape.summands + summand) * shape.bits
                    sum += weighted(bits[start..<(start + shape.bits)])
                }
                values.append(sum)
            }
        }
        return values
    }
}
