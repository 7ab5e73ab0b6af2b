// SPDX-License-Identifier: Apache-2.0

/// The proof systems of zkeys, by their id in section 1: those of snarkjs, and one of our own.
public enum ProofSystem: UInt32, Sendable, CaseIterable, Codable {
    /// Groth 2016.
    case groth16 = 1
    /// Gabizon, Williamson and Ciobotaru 2019.
    case plonk = 2
    /// Gabizon and Williamson 2021; on BN254 only.
    case fflonk = 10
    /// Groth 2016 for circuits with commitments (`CommittedZKey`): a number of our own, which snarkjs and all
    /// that read its files refuse.
    case committedGroth16 = 0x4d43_0001

    /// The name in JSON files.
    public var name: String {
        switch self {
        case .groth16: "groth16"
        case .plonk: "plonk"
        case .fflonk: "fflonk"
        case .committedGroth16: "groth16-commitments"
        }
    }
}
