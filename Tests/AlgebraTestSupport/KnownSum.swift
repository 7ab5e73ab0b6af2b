// SPDX-License-Identifier: Apache-2.0

package import EllipticCurves
package import FiniteFields

/// A sum of multiples of the vector files, `sums.json`.
package struct KnownSum<Group: CurveGroup>: Decodable {
    private struct Term: Decodable {
        let p: Known<Affine<Group>>?
        let k: String
    }

    private enum CodingKeys: String, CodingKey {
        case name = "case"
        case terms, sum
    }

    package let name: String
    package let points: [Affine<Group>]
    /// Canonical.
    package let scalars: [Group.Scalar.Limbs]
    package let sum: Affine<Group>

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        let terms = try container.decode([Term].self, forKey: .terms)
        points = terms.map { $0.p?.value ?? .identity }
        scalars = try terms.map {
            guard let scalar = Group.Scalar(decimal: $0.k) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .terms, in: container, debugDescription: "\($0.k) is not a scalar")
            }
            return scalar.canonical
        }
        sum = try container.decodeIfPresent(Known<Affine<Group>>.self, forKey: .sum)?.value ?? .identity
    }
}
