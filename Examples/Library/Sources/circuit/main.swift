// SPDX-License-Identifier: Apache-2.0

// A circuit of one's own, from its description to a proof and a verifier contract: a member of a group shows
// that it is one, and leaves a mark by which nobody can vote twice, without saying who it is.
//
//     swift run circuit > Verifier.vy

import Circuits
import Compute
import Curves
import FiniteFields
import Groth16
import TrustedSetup
import VerifierContracts

let depth = 8

/// What only the member knows.
struct Member {
    var secret: Scalar
    var index: Int
    var path: [Scalar]
}

/// Public inputs: the group's root, the election, and the mark that this member leaves in it.
func vote(_ builder: CircuitBuilder, by member: Member?, in election: Scalar) {
    // Values are asked for only where a witness is made; where constraints are recorded there is no member.
    let secret = builder.wire(member!.secret)
    let index = (0..<depth).map { level in builder.boolean(member!.index >> level & 1 == 1) }
    let path = (0..<depth).map { level in builder.wire(member!.path[level]) }
    let leaf = builder.poseidon(secret, .zero)
    builder.bindPublic(0, to: builder.merkleRoot(leaf: leaf, index: index, path: path))
    let election = builder.wire(election)
    builder.bindPublic(1, to: election)
    builder.bindPublic(2, to: builder.poseidon(secret, election))
}

// Once for all: the constraints and their key. A development key is for trying things out: who made it can
// forge.
let constraints = CircuitBuilder(.constraints, publicCount: 3)
vote(constraints, by: nil, in: .zero)
var generator = SystemRandomNumberGenerator()
let setup = try Groth16Setup<BN254>(constraints.constraintSystem(), parallel: .allCores)
let key = setup.development(using: &generator).key

// A group of five, and the third of them votes.
let secrets = (0..<5).map { _ in Scalar.random(using: &generator) }
let group = MerkleTree(depth: depth, leaves: secrets.map { Poseidon.hash($0, .zero) })
let run = CircuitBuilder(.witness, publicCount: 3)
vote(run, by: Member(secret: secrets[2], index: 2, path: group.path(2)), in: Scalar(2026))
let witness = run.witness()
run.wipe()

let prover = Prover(backend: CPUBackend<BN254>(parallel: .allCores), parallel: .allCores)
let verifier = Verifier(key.verifyingKey)
let proof = try prover.prove(key: key, verifier: verifier, witness: witness, using: &generator)
let inputs = [group.root, Scalar(2026), Poseidon.hash(secrets[2], Scalar(2026))]
guard verifier.verify(proof, publicInputs: inputs.map(\.canonical), parallel: .allCores) == .valid else {
    fatalError("the proof does not verify")
}

// The same check for a chain.
let origin = ContractOrigin(generator: "library-examples", keyDigest: "of a development key")
print(try VerifierContract(key.verifyingKey, kind: .single, language: .vyper, origin: origin).text)
