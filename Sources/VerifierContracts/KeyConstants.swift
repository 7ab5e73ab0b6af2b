// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import Groth16

/// A key as named numbers, with the signs that spare a contract all negations.
///
/// The identity is (0, 0), as EIP-196 wants it: negating a coordinate of zero gives zero here, never p.
struct KeyConstants {
    /// A coordinate: its name in the contract and its value in decimal digits.
    struct Entry: Equatable {
        var name: String
        var value: String
    }

    let publicCount: Int
    /// −α, β, γ, −δ and, in the inline form, −IC₀, −IC₁, …; a point of G2 with c1 before c0, the order of
    /// EIP-197.
    let entries: [Entry]
    /// How the contract holds the IC points.
    let form: ContractForm
    /// −IC₀, −IC₁, …
    let ic: [Affine<BN254.G1>]
    /// The public inputs that no proof depends on.
    let unboundInputs: [Int]

    init(_ key: VerifyingKey<BN254>) {
        publicCount = key.publicCount
        form = ContractForm(publicCount: key.publicCount)
        ic = key.ic.map { -$0 }
        let others =
            Self.g1("ALPHA", -key.alpha1) + Self.g2("BETA", key.beta2) + Self.g2("GAMMA", key.gamma2)
            + Self.g2("DELTA", -key.delta2)
        entries =
            switch form {
            case .inline: others + ic.enumerated().flatMap { Self.g1("IC\($0)", $1) }
            case .table: others
            }
        unboundInputs = (0..<key.publicCount).filter { key.ic[$0 + 1].isIdentity }
    }

    /// The group order.
    static var order: String { BN254.Fr.modulus.decimal }

    /// The names of a point's coordinates in the order in which precompiles take them.
    static func g1Names(_ name: String) -> [String] { ["\(name)_X", "\(name)_Y"] }
    static func g2Names(_ name: String) -> [String] {
        ["\(name)_X1", "\(name)_X0", "\(name)_Y1", "\(name)_Y0"]
    }

    static func g1(_ name: String, _ point: Affine<BN254.G1>) -> [Entry] {
        zip(g1Names(name), [point.x, point.y]).map { Entry(name: $0, value: $1.decimal) }
    }

    static func g2(_ name: String, _ point: Affine<BN254.G2>) -> [Entry] {
        zip(g2Names(name), [point.x.c1, point.x.c0, point.y.c1, point.y.c0])
            .map { Entry(name: $0, value: $1.decimal) }
    }
}
