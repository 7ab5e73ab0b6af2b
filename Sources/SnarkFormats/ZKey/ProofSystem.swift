// SPDX-License-Identifier: Apache-2.0

/// The proof systems that snarkjs makes keys for, by their id in section 1 of a zkey.
public enum ProofSystem: UInt32, Sendable, CaseIterable, Codable {
    /// Groth 2016.
    case groth16 = 1
    /// Gabizon, Williamson and Ciobotaru 2019.
    case plonk = 2
    /// Gabizon and Williamson 2021; on BN254 only.
    case fflonk = 10

    /// The name in JSON files.
    public var name: String {
        switch self {
        case .groth16: "groth16"
        case .plonk: "plonk"
        case .fflonk: "fflonk"
        }
    }

    /// What JSON files of Groth16 for circuits with commitments are called; no zkey is of it.
    static let committedGroth16 = "groth16-commitments"
}
