// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import TestSupport
import Testing
import VerifierContracts

/// What proofs a chain of rounds has.
enum RoundProofs: CaseIterable, CustomTestStringConvertible {
    /// By the library's prover, of a synthetic circuit.
    case plain
    /// With a commitment, of a key whose secrets are known.
    case keccak256, sha256
    /// The same with a G that is not γ.
    case ownGenerator
    /// With two, the second of which hashes the first one's challenge.
    case twoCommitments

    var testDescription: String {
        switch self {
        case .plain: "without commitments"
        case .keccak256: "with a commitment, Keccak-256"
        case .sha256: "with a commitment, SHA-256"
        case .ownGenerator: "with a commitment, Keccak-256, G ≠ γ"
        case .twoCommitments: "with two commitments, Keccak-256"
        }
    }
}

/// A chain of states and what proves its steps.
struct RoundChain {
    typealias Fr = BN254.Fr
    /// A proof, with commitments or none.
    typealias RoundProof = CommittedProof<BN254>

    static let nobody = "0x" + String(repeating: "00", count: 20)
    static let operatorAddress = "0x" + String(repeating: "ab", count: 20)
    static let registrar = "0x" + String(repeating: "ef", count: 20)
    static let stranger = "0x" + String(repeating: "cd", count: 20)

    let states: [Fr]
    /// Roots of registries, for a round each or for tests to choose from.
    let registries: [Fr]
    /// One proof for each round, under the first registry.
    private(set) var proofs: [RoundProof] = []
    private let key: Key

    private enum Key {
        case plain(SyntheticProof<BN254>)
        case committed(SimulatedCommittedKey<BN254>)
    }

    init(_ kind: RoundProofs, rounds: Int, using generator: inout SeededGenerator) throws {
        func committed(
            _ hash: CommitmentHash, sharesGamma: Bool, hashed: [[Int]] = [[1, 2, 3]]
        ) throws -> Key {
            .committed(
                try SimulatedCommittedKey<BN254>(
                    publicCount: 3, hashed: hashed, hash: hash, sharesGamma: sharesGamma,
                    using: &generator))
        }
        key =
            switch kind {
            case .plain:
                .plain(
                    try SyntheticProof<BN254>(
                        logSize: 4, publicCount: 3, shape: .uniform, seed: generator.next()))
            case .keccak256: try committed(.keccak256, sharesGamma: true)
            case .sha256: try committed(.sha256, sharesGamma: true)
            case .ownGenerator: try committed(.keccak256, sharesGamma: false)
            case .twoCommitments:
                try committed(.keccak256, sharesGamma: true, hashed: [[1, 2, 3], [1, 4]])
            }
        states = (0...rounds).map { _ in .random(using: &generator) }
        registries = (0..<3).map { _ in .random(using: &generator) }
        for round in 0..<rounds {
            proofs.append(
                try prove([states[round], states[round + 1], registries[0]], using: &generator))
        }
    }

    func prove(_ inputs: [Fr], using generator: inout SeededGenerator) throws -> RoundProof {
        switch key {
        case .plain(let circuit):
            let parallel = Parallel(threads: 2)
            let witness = SecretScalars<Fr>(circuit.witness(publicInputs: inputs).map(\.canonical))
            let proof = try circuit.prove(
                witness, on: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
            return RoundProof(a: proof.a, b: proof.b, c: proof.c, commitments: [], knowledge: .identity)
        case .committed(let key): return key.proof(inputs, using: &generator)
        }
    }

    func text(_ kind: ContractKind) throws -> ContractText {
        switch key {
        case .plain(let circuit): try ContractKeys.text(circuit.verifyingKey, kind)
        case .committed(let key): try ContractKeys.text(key.verifyingKey, kind)
        }
    }

    /// The arguments of the constructor.
    func constructor(
        genesis: Fr? = nil, operator: String = nobody, registrar: String = registrar
    ) -> [ABIValue] {
        [
            .element(genesis ?? states[0]), .element(registries[0]), .number(`operator`), .number(registrar),
        ]
    }

    func submission(_ round: Int, sender: String? = nil) -> ContractCall {
        Self.submission(proofs[round], states[round + 1].decimal, sender: sender)
    }

    static func submission(
        _ proof: RoundProof, _ state: String, sender: String? = nil
    ) -> ContractCall {
        ContractCall(
            function: "submit_round", arguments: ABIValue.proof(proof) + [.number(state)], sender: sender)
    }

    static func setRegistry(_ root: String, sender: String? = registrar) -> ContractCall {
        ContractCall(function: "set_registry", arguments: [.number(root)], sender: sender)
    }
}
