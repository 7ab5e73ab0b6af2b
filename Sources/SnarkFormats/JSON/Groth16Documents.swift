// SPDX-License-Identifier: Apache-2.0

/// The keys of a Groth16 `proof.json`.
struct Groth16ProofDocument: Decodable {
    var a: [String]
    var b: [[String]]
    var c: [String]
    var `protocol`: String
    /// Left out by rapidsnark.
    var curve: String?
    /// What proofs with commitments have.
    var commitments: Groth16KeyDocument.Presence?
    var knowledge: Groth16KeyDocument.Presence?

    private enum CodingKeys: String, CodingKey {
        case a = "pi_a"
        case b = "pi_b"
        case c = "pi_c"
        case `protocol`
        case curve
        case commitments
        case knowledge = "commitment_pok"
    }
}

/// The keys of a Groth16 `verification_key.json`.
struct Groth16KeyDocument: Decodable {
    var `protocol`: String
    var curve: String
    var publicCount: Int
    var alpha1: [String]
    var beta2: [[String]]
    var gamma2: [[String]]
    var delta2: [[String]]
    var alphaBeta: [[[String]]]?
    var ic: [[String]]
    /// What keys with commitments have.
    var commitments: Presence?

    /// Anything at all.
    struct Presence: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    private enum CodingKeys: String, CodingKey {
        case `protocol`
        case curve
        case publicCount = "nPublic"
        case alpha1 = "vk_alpha_1"
        case beta2 = "vk_beta_2"
        case gamma2 = "vk_gamma_2"
        case delta2 = "vk_delta_2"
        case alphaBeta = "vk_alphabeta_12"
        case ic = "IC"
        case commitments
    }
}
