// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// What the coefficients of a group's identity L = K·p + (X₀ − X)·C may be, and how K and C are cut so that
/// none of them wraps around the native prime (docs/recursion.md, "The bounds").
package struct GroupBounds: Hashable, Sendable {
    /// The bits of the three coefficients of a challenge ρ.
    package static let challengeBits = [43, 43, 40]

    /// The emulated prime and its shape.
    package struct Field: Hashable, Sendable {
        let modulus: Natural
        let shape: LimbShape
        let modulusLimbs: [Natural]
        /// The largest limbs.
        let largest: [Natural]
        /// |coefficients| of the product of two elements with the largest limbs.
        let product: [Natural]

        /// - Precondition: ρ(2^W) is below the prime for all ρ, and injective: W ≥ 43.
        package init(modulus: Natural, shape: LimbShape) {
            precondition(shape.base >= GroupBounds.challengeBits[0])
            precondition(2 * shape.base + GroupBounds.challengeBits[2] < modulus.bitLength)
            self.modulus = modulus
            self.shape = shape
            modulusLimbs = shape.limbs(of: modulus).map {
                Natural(words: [UInt64(truncatingIfNeeded: $0), UInt64($0 >> 64)])
            }
            largest = shape.limbBits.map { Natural.ones($0) }
            product = GroupBounds.convolution(largest, largest)
        }
    }

    /// |Lᵢ| at most; 2n + 1 of them for n limbs.
    package let sums: [Natural]
    /// b: −2^b ≤ K(X₀) < 2^b, in b + 1 bits.
    package let quotientBits: Int
    /// The number of coefficients of K: digits in base 2^W, the last one with K's sign.
    package let quotientCount: Int
    /// sᵢ: −2^sᵢ ≤ Cᵢ < 2^sᵢ, in sᵢ + 1 bits; for the coefficients that do not follow from K.
    package let carryBits: [Int]
    /// The number of coefficients of C, with those that follow from K.
    package let carryCount: Int
    /// The largest |Lᵢ| + |(K·p)ᵢ| + 2^W·|Cᵢ| + |Cᵢ₋₁| over all coefficients.
    package let largestCoefficient: Natural

    /// The bounds for a group whose checks have products of weight `products` and linear parts of weight
    /// `linear` in sum: Σ|c| of elements with the largest limbs.
    ///
    /// Every K and C of a true group are in their ranges. Nothing is said of wraps: see `cannotWrap`.
    package init(_ field: Field, products: Natural, linear: Natural) {
        let check = GroupBounds.check(field, products: products, linear: linear)
        let largestChallenge = GroupBounds.challengeBits.map { Natural.ones($0) }
        self.init(field, sums: GroupBounds.convolution(check, largestChallenge))
    }

    /// The bounds for given |Lᵢ|.
    init(_ field: Field, sums: [Natural], widened: Int? = nil) {
        self.sums = sums
        let width = field.shape.base
        // |K| ≤ |L(X₀)| / p
        let total = sums.enumerated().reduce(Natural.zero) { $0 + $1.element << (width * $1.offset) }
        var bits = max(0, total.bitLength - field.modulus.bitLength)
        while field.modulus << bits <= total { bits += 1 }
        quotientBits = bits
        quotientCount = bits / width + 1
        var quotient = [Natural](repeating: .ones(width), count: quotientCount)
        quotient[quotientCount - 1] = .powerOfTwo(bits % width)
        let multiple = GroupBounds.convolution(quotient, field.modulusLimbs)
        let count = max(sums.count, multiple.count)
        func at(_ vector: [Natural], _ index: Int) -> Natural {
            vector.indices.contains(index) ? vector[index] : .zero
        }
        carryCount = count - 1
        // From below: 2^W·Cᵢ = Lᵢ − (K·p)ᵢ + Cᵢ₋₁.
        let free = min(carryCount, sums.count - 1)
        var carryBits: [Int] = []
        var carries = [Natural](repeating: .zero, count: count)
        for index in 0..<free {
            let most = (sums[index] + at(multiple, index) + at(carries, index - 1)) >> width
            carryBits.append(widened ?? most.bitLength)
            carries[index] = .powerOfTwo(carryBits[index])
        }
        self.carryBits = carryBits
        // From above, where L has no coefficients: Cᵢ₋₁ = 2^W·Cᵢ + (K·p)ᵢ.
        for index in (free..<carryCount).reversed() {
            carries[index] = carries[index + 1] << width + at(multiple, index + 1)
        }
        largestCoefficient = (0..<count).map { index in
            at(sums, index) + at(multiple, index) + carries[index] << width + at(carries, index - 1)
        }.max()!
    }

    /// The bits of K and C.
    package var bitCount: Int { quotientBits + 1 + carryBits.reduce(0) { $0 + $1 + 1 } }

    /// Whether no coefficient of the identity can reach the native prime, so that equality mod q is equality.
    package var cannotWrap: Bool { largestCoefficient < GroupBounds.nativeModulus }

    static let nativeModulus = Natural(BN254.Fr.modulus)

    /// |coefficients| of a check e with these weights: 2n − 1 of them.
    static func check(_ field: Field, products: Natural, linear: Natural) -> [Natural] {
        field.product.enumerated().map { index, own in
            products * own + (index < field.largest.count ? linear * field.largest[index] : .zero)
        }
    }

    /// The weight of products beyond which a group is refused, where linear parts have at most the weight
    /// 2^60.
    static func productLimit(_ field: Field) -> Int {
        // Monotonous: a larger weight gives larger bounds.
        var (low, high) = (0, 1 << 60)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            let bounds = GroupBounds(
                field, products: Natural(UInt64(middle)), linear: .powerOfTwo(linearLimitBits))
            if bounds.cannotWrap { low = middle } else { high = middle }
        }
        return low
    }

    /// log₂ of the largest weight of linear parts.
    static let linearLimitBits = 60

    static func convolution(_ a: [Natural], _ b: [Natural]) -> [Natural] {
        var result = [Natural](repeating: .zero, count: a.count + b.count - 1)
        for i in a.indices {
            for j in b.indices { result[i + j] += a[i] * b[j] }
        }
        return result
    }
}
