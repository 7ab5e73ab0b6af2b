// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// Shares of a secret: values, at points that are not zero, of a polynomial of degree `threshold` − 1 whose
/// value at zero is the secret. Fewer than `threshold` say nothing of it.
///
/// - Reference: Shamir 1979, "How to share a secret".
package enum SecretSharing {
    /// A share, and where.
    package struct Share: Hashable, Sendable {
        package let point: Int
        package let value: Scalar

        /// - Precondition: the point is above zero.
        package init(point: Int, value: Scalar) {
            precondition(point > 0)
            self.point = point
            self.value = value
        }
    }

    /// The share at a point.
    ///
    /// - Parameters:
    ///   - coefficients: those of X, X² …, uniformly random; `threshold` − 1 of them.
    ///   - point: above zero.
    package static func share(of secret: Scalar, coefficients: [Scalar], at point: Int) -> Scalar {
        let x = Scalar(UInt64(point))
        return (coefficients.reversed().reduce(Scalar.zero) { $0 * x + $1 }) * x + secret
    }

    /// The secret that as many shares as the threshold belong to.
    ///
    /// - Precondition: all points are different.
    package static func secret(_ shares: [Share]) -> Scalar { value(shares, at: .zero) }

    /// The value at x of the polynomial of least degree through the shares.
    static func value(_ shares: [Share], at x: Scalar) -> Scalar {
        let points = shares.map { Scalar(UInt64($0.point)) }
        var divisors = points.enumerated().map { index, own in
            points.enumerated().reduce(Scalar.one) { $1.offset == index ? $0 : $0 * (own - $1.element) }
        }
        precondition(divisors.allSatisfy { !$0.isZero }, "two shares are at one point")
        Scalar.batchInvert(&divisors)
        return shares.indices.reduce(Scalar.zero) { sum, index in
            let factor = points.indices.reduce(divisors[index]) { $1 == index ? $0 : $0 * (x - points[$1]) }
            return sum + factor * shares[index].value
        }
    }

    /// The secret of which some shares may be wrong.
    ///
    /// - Parameters:
    ///   - shares: at different points.
    ///   - threshold: the shares that determine a secret.
    ///   - isRight: whether a secret is the one, by a commitment to it.
    /// - Returns: `nil` where there are not `threshold` right ones.
    /// - Complexity: all choices of `threshold` of the shares, where many are wrong.
    package static func secret(
        _ shares: [Share], threshold: Int, isRight: (Scalar) -> Bool
    ) -> Scalar? {
        guard shares.count >= threshold else { return nil }
        var choice = Array(0..<threshold)
        while true {
            let secret = secret(choice.map { shares[$0] })
            if isRight(secret) { return secret }
            // The next choice in lexical order.
            guard let place = (0..<threshold).last(where: { choice[$0] < shares.count - threshold + $0 })
            else { return nil }
            choice[place] += 1
            for later in (place + 1)..<max(threshold, place + 1) { choice[later] = choice[later - 1] + 1 }
        }
    }
}

extension CircuitBuilder {
    /// `SecretSharing.share`: no constraint.
    func share(of secret: Linear, coefficients: [Linear], at point: Int) -> Linear {
        let x = Scalar(UInt64(point))
        var (sum, power) = (secret, x)
        for coefficient in coefficients {
            sum.add(coefficient, times: power)
            power = power * x
        }
        return sum
    }
}
