// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Compute
import Curves
import FiniteFields

/// The polynomials ρ that checks are combined with: three coefficients of 43, 43 and 40 bits each, from
/// canonical bits of hashes of the first challenge, two polynomials a hash.
struct ChallengePolynomials {
    /// The coefficients of each, the lowest first.
    let coefficients: [[Linear]]

    /// The bits of a challenge.
    static let bits = GroupBounds.challengeBits.reduce(0, +)

    /// The number of leading bits of a hash that are compared with those of the group order. A hash whose
    /// leading bits equal them is refused, though it is below the order: one in 2^83.
    static let comparedBits = {
        let order = Scalar.modulus
        // The last bit compared is one of the order's ones, so that "below or equal" ends in "below".
        return (80...).first { order.bit(Scalar.bitWidth - $0) }!
    }()

    /// `count` challenges: for every two of them 254 constraints for bits and some 60 for their being
    /// canonical, and 612 for every 32.
    init(
        _ builder: CircuitBuilder, first: Linear, count: Int, _ parallel: Parallel, _ tampering: Tampering?
    ) {
        let hashes = builder.poseidonStream(
            seed: first, domain: ChallengeDomain.combination, count: (count + 1) / 2)
        let pairs = builder.inParallel(hashes.count, parallel) { builder, index in
            Self.pair(builder, of: hashes[index], tampering)
        }
        coefficients = Array(pairs.joined().prefix(count))
    }

    /// The two challenges of a hash.
    private static func pair(
        _ builder: CircuitBuilder, of hash: Linear, _ tampering: Tampering?
    ) -> [[Linear]] {
        let isNarrow = tampering?.omitted.contains(.challengeWidth) == true
        let canonical = builder.hasValues ? hash.value.canonical : .zero
        let forged = builder.hasValues ? tampering?.challengeBits?(hash.value) : nil
        let bits = (0..<Scalar.bitWidth).map { index in
            builder.boolean(forged?[index] ?? canonical.bit(index))
        }
        builder.enforceEqual(builder.weighted(bits), hash)
        if tampering?.omitted.contains(.canonicalChallenges) != true {
            builder.enforceClearlyBelowOrder(bits)
        }
        var start = 0
        return (0..<2).map { _ in
            GroupBounds.challengeBits.map { width in
                defer { start += width }
                return builder.weighted(bits[start..<(start + (isNarrow ? 2 : width))])
            }
        }
    }

    /// The values at a point: two constraints each.
    func values(_ builder: CircuitBuilder, at point: Linear) -> [Linear] {
        coefficients.map { builder.horner($0, at: point) }
    }
}

extension CircuitBuilder {
    /// Demands that 254 bits, least significant first, are an integer whose leading 80 bits are below those
    /// of the group order: some 49 constraints. Then it is below the order.
    ///
    /// No witness has the bits of an integer below the order with the same 80 leading bits: one in 2^83 of a
    /// hash's, so this is for hashes alone.
    ///
    /// From the top down: while all bits so far equal the order's, a run of zeros there allows no one here.
    /// In the end they may not all be equal.
    package func enforceClearlyBelowOrder(_ bits: [Linear]) {
        let order = Scalar.modulus
        let least = Scalar.bitWidth - ChallengePolynomials.comparedBits
        var equal = Linear.one
        var index = Scalar.bitWidth - 1
        while index >= least {
            if order.bit(index) {
                if index == least {
                    enforce(equal, times: bits[index], equals: .zero)
                } else if index == Scalar.bitWidth - 1 {
                    equal = bits[index]
                } else {
                    equal = multiply(equal, bits[index])
                }
                index -= 1
            } else {
                var run = Linear.zero
                while !order.bit(index) {
                    run += bits[index]
                    index -= 1
                }
                enforce(equal, times: run, equals: .zero)
            }
        }
    }

    /// Σ cᵢ·xⁱ: one constraint for each coefficient but the first; the value is a wire, or the only
    /// coefficient.
    func horner(_ coefficients: [Linear], at x: Linear) -> Linear {
        var value = coefficients[coefficients.count - 1]
        for index in (0..<(coefficients.count - 1)).reversed() {
            // (what is above)·x = value − coefficient: so the value is one wire.
            let above = value
            value = wire(above.value * x.value + coefficients[index].value)
            enforce(above, times: x, equals: value - coefficients[index])
        }
        return value
    }

    /// Bits, the least significant first, as elements of 253 bits each: below the group order, so that
    /// different bits are different elements.
    func packed(_ bits: [Linear]) -> [Linear] {
        stride(from: 0, to: bits.count, by: Scalar.bitWidth - 1).map { start in
            weighted(bits[start..<min(start + Scalar.bitWidth - 1, bits.count)])
        }
    }
}

extension FixedLimbs {
    /// Bit `index` of the integer.
    func bit(_ index: Int) -> Bool { self[index / 64] >> UInt64(index % 64) & 1 == 1 }
}
