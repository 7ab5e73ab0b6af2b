// SPDX-License-Identifier: Apache-2.0

/// The formats that this module knows.
public enum FileKind: String, Sendable, CaseIterable, Codable {
    /// Constraints of circom.
    case r1cs
    /// Values of all wires.
    case witness = "wtns"
    /// A proving key of any proof system.
    case provingKey = "zkey"
    /// The first phase of a setup.
    case powersOfTau = "ptau"
    /// A verification key of any proof system.
    case verifyingKey = "verification_key.json"
    /// A proof of any proof system.
    case proof = "proof.json"
    /// The public inputs and outputs of a proof, in the order of the wires.
    case publicInputs = "public.json"
    /// One proof of many, which `martlet aggregate prove` makes.
    case aggregate
    /// What aggregates are verified with, which `martlet aggregate key` makes.
    case aggregationKey = "aggregation_key.json"
    /// What verifies Groth16 proofs, as gnark writes it.
    case gnarkVerifyingKey = "gnark vk"
    /// A Groth16 proof, as gnark writes it.
    case gnarkProof = "gnark proof"
    /// A Groth16 proving key, as gnark writes it.
    case gnarkProvingKey = "gnark pk"
    /// A constraint system, as gnark writes it.
    case gnarkConstraints = "gnark r1cs"
    /// Values of inputs, as gnark writes them.
    case gnarkWitness = "gnark witness"

    /// What a file of the kind is, for people.
    public var description: String {
        switch self {
        case .r1cs: "a circuit (r1cs)"
        case .witness: "a witness (wtns)"
        case .provingKey: "a proving key (zkey)"
        case .powersOfTau: "powers of tau (ptau)"
        case .verifyingKey: "a verification key"
        case .proof: "a proof"
        case .publicInputs: "public inputs"
        case .aggregate: "an aggregate of proofs (martlet aggregate prove)"
        case .aggregationKey: "the key that verifies aggregates (martlet aggregate key)"
        case .gnarkVerifyingKey: "a verification key (gnark)"
        case .gnarkProof: "a proof (gnark)"
        case .gnarkProvingKey: "a proving key (gnark)"
        case .gnarkConstraints: "a circuit (gnark)"
        case .gnarkWitness: "values of inputs (gnark)"
        }
    }

    /// Whether the description is a plural.
    var isPlural: Bool { [.publicInputs, .powersOfTau, .gnarkWitness].contains(self) }

    /// What people call such a file.
    var noun: String {
        switch self {
        case .r1cs: "constraints (r1cs)"
        case .witness: "witness (wtns)"
        case .provingKey: "proving key (zkey)"
        case .powersOfTau: "powers of tau (ptau)"
        case .verifyingKey: "verification key"
        case .proof: "proof"
        case .publicInputs: "public inputs"
        case .aggregate: "aggregate of proofs"
        case .aggregationKey: "key that verifies aggregates"
        case .gnarkVerifyingKey: "verification key"
        case .gnarkProof: "proof"
        case .gnarkProvingKey: "proving key"
        case .gnarkConstraints: "constraints"
        case .gnarkWitness: "values of inputs"
        }
    }
}
