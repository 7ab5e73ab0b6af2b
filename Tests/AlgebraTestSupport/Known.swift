// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
public import FiniteFields

/// What the vector files under Tests/Vectors hold: decimal strings, nested in arrays for extensions and
/// points.
package protocol VectorValue {
    static func decode(from decoder: any Decoder) throws -> Self
}

/// A value of a vector file, for use in `Decodable` structs.
package struct Known<Value: VectorValue>: Decodable {
    package let value: Value

    package init(from decoder: any Decoder) throws { value = try Value.decode(from: decoder) }
}

/// Decodes the next element of an array.
func next<T: VectorValue>(_ container: inout any UnkeyedDecodingContainer) throws -> T {
    try container.decode(Known<T>.self).value
}

/// Fails when an array has elements left over.
func finish(_ container: any UnkeyedDecodingContainer) throws {
    guard container.isAtEnd else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "too many elements")
    }
}

extension MontgomeryField: VectorValue {
    /// A canonical decimal string.
    package static func decode(from decoder: any Decoder) throws -> Self {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(decimal: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(text) is not in \(Self.name)")
        }
        return value
    }
}

extension Fp2: VectorValue where Fp: VectorValue {
    /// `[c0, c1]`.
    package static func decode(from decoder: any Decoder) throws -> Self {
        var container = try decoder.unkeyedContainer()
        let value = Self(try next(&container), try next(&container))
        try finish(container)
        return value
    }
}

extension Fp6: VectorValue where Parameters.Fp: VectorValue {
    /// `[c0, c1, c2]`.
    package static func decode(from decoder: any Decoder) throws -> Self {
        var container = try decoder.unkeyedContainer()
        let value = Self(try next(&container), try next(&container), try next(&container))
        try finish(container)
        return value
    }
}

extension Fp12: VectorValue where Parameters.Fp: VectorValue {
    /// `[c0, c1]`.
    package static func decode(from decoder: any Decoder) throws -> Self {
        var container = try decoder.unkeyedContainer()
        let value = Self(try next(&container), try next(&container))
        try finish(container)
        return value
    }
}

extension Affine: VectorValue where Group.BaseField: VectorValue {
    /// `[x, y]`, with `null` for the identity; snarkjs' third coordinate is skipped. Nothing is checked.
    package static func decode(from decoder: any Decoder) throws -> Self {
        if try decoder.singleValueContainer().decodeNil() { return .identity }
        var container = try decoder.unkeyedContainer()
        return Self(x: try next(&container), y: try next(&container))
    }
}

extension EdwardsAffine: VectorValue where Group.BaseField: VectorValue {
    /// `[x, y]`. Nothing is checked.
    package static func decode(from decoder: any Decoder) throws -> Self {
        var container = try decoder.unkeyedContainer()
        let value = Self(x: try next(&container), y: try next(&container))
        try finish(container)
        return value
    }
}

/// A pairing-friendly curve of the vector files; `id.rawValue` is its key there.
package protocol VectorSuite: CurveSuite
where
    Fp: VectorValue, Fr: VectorValue, Tower.Fp: VectorValue,
    G1.BaseField: VectorValue, G2.BaseField: VectorValue
{}

extension BN254: VectorSuite {}
extension BLS12381: VectorSuite {}
extension BLS12377: VectorSuite {}

/// A curve as a test's argument: `CurveUnderTest.all` runs a test on every one.
package struct CurveUnderTest: Sendable, CustomStringConvertible {
    package let suite: any VectorSuite.Type

    package var description: String { suite.id.rawValue }

    package static let all = [
        CurveUnderTest(suite: BN254.self),
        CurveUnderTest(suite: BLS12381.self),
        CurveUnderTest(suite: BLS12377.self),
    ]
}
