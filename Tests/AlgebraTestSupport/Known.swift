// SPDX-License-Identifier: Apache-2.0

package import Curves
public import EllipticCurves
public import FiniteFields

/// What the vector files under Tests/Vectors hold: decimal strings, nested in arrays for extensions and
/// points.
package protocol VectorValue {
    static func decode(from decoder: any Decoder) throws -> Self
}

/// A value of a vector file, for use in `Decodable` structs.
///
/// That it is a `VectorValue` is looked up when it is read: so tests are generic over `CurveSuite`, and no
/// curve takes a line here.
package struct Known<Value>: Decodable {
    package let value: Value

    package init(from decoder: any Decoder) throws {
        guard let type = Value.self as? any VectorValue.Type,
            let value = try type.decode(from: decoder) as? Value
        else {
            throw DecodingError.typeMismatch(
                Value.self,
                .init(codingPath: decoder.codingPath, debugDescription: "\(Value.self) is no VectorValue"))
        }
        self.value = value
    }
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

/// A curve as a test's argument: `CurveUnderTest.all` runs a test on every one, whose id's raw value is its
/// key in the vector files.
package struct CurveUnderTest: Sendable, CustomStringConvertible {
    package let suite: any CurveSuite.Type

    package var description: String { suite.id.rawValue }

    package static let all = CurveID.allCases.map { CurveUnderTest(suite: $0.suite) }
}
