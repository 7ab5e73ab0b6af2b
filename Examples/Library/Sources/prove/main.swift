// SPDX-License-Identifier: Apache-2.0

// Proves a witness, verifies the proof as its receiver does, and prints it as snarkjs writes it.
//
//     swift run prove circuit_final.zkey witness.wtns

import Foundation
import ProvingEngine

guard CommandLine.arguments.count == 3 else { fatalError("usage: prove ZKEY WITNESS") }
let (zkey, witness) = (URL(filePath: CommandLine.arguments[1]), URL(filePath: CommandLine.arguments[2]))

// Two lines. A prover serves for any number of witnesses, and lets no proof go that does not verify.
let prover = try CircuitProver(zkey: zkey)
let proof = try prover.prove(witness: witness)
print(String(decoding: proof.proofJSON, as: UTF8.self))

// Whoever gets the proof has the verification key, and that alone.
let verifier = try CircuitVerifier(verificationKeyJSON: prover.verificationKeyJSON)
let isValid = try verifier.verify(proofJSON: proof.proofJSON, publicJSON: proof.publicJSON)
print(isValid ? "valid" : "invalid")
