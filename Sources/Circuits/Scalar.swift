// SPDX-License-Identifier: Apache-2.0

public import Curves
public import FiniteFields

/// The field that circuits are over: BN254's scalars, as Poseidon's constants and the EVM's precompiles
/// demand.
public typealias Scalar = BN254.Fr

extension Scalar {
    /// 2^exponent.
    ///
    /// - Precondition: `exponent` is below 254 (2^253 is below the group order).
    public static func powerOfTwo(_ exponent: Int) -> Scalar {
        precondition((0..<254).contains(exponent))
        var limbs = Limbs.zero
        limbs[exponent / 64] = 1 << UInt64(exponent % 64)
        return Scalar(canonical: limbs)!
    }

    /// A signed integer, negative ones as p − |value|.
    @inlinable
    public init(signed value: Int) {
        let magnitude = Scalar(UInt64(value.magnitude))
        self = value < 0 ? -magnitude : magnitude
    }

    /// The integer between −2^62 and 2^62 that this is, with p − k for −k; `nil` for all other elements.
    public var signed: Int? {
        let limit: UInt64 = 1 << 62
        let own = canonical
        if own[1] == 0 && own[2] == 0 && own[3] == 0 && own[0] < limit { return Int(own[0]) }
        let negative = (-self).canonical
        if negative[1] == 0 && negative[2] == 0 && negative[3] == 0 && negative[0] < limit {
            return -Int(negative[0])
        }
        return nil
    }
}
