// SPDX-License-Identifier: Apache-2.0

// The same as `prove`, on the libraries below `ProvingEngine`: for programs that have keys, witnesses or
// backends of their own.
//
//     swift run groth16 circuit_final.zkey witness.wtns

import Compute
import Curves
import Groth16
import SnarkFormats

guard CommandLine.arguments.count == 3 else { fatalError("usage: groth16 ZKEY WITNESS") }
let (zkey, witness) = (CommandLine.arguments[1], CommandLine.arguments[2])

// The file says on which curve it is; what follows is written once for all of them.
try prove(Groth16ZKey.load(MappedFile(path: zkey), threads: Parallel.availableCores))

func prove<Key: ProvingKeyOnCurve>(_ file: Key) throws {
    typealias Suite = Key.Suite
    let key = file.key
    let values = try WitnessFile(MappedFile(path: witness, access: .onDemand))
        .values(of: Suite.self, variableCount: key.variableCount)
    let publicInputs = (1..<key.publicCount + 1).map { values[$0] }

    // The blinding factors come from the system's generator: they must be fresh and secret.
    var generator = SystemRandomNumberGenerator()
    let verifier = Verifier(key.verifyingKey)
    let prover = Prover(backend: CPUBackend<Suite>(parallel: .allCores), parallel: .allCores)
    let proof = try prover.prove(key: key, verifier: verifier, witness: values, using: &generator)

    // The prover lets no proof go that does not verify. Whoever gets it checks it with the verifying key
    // alone.
    let verdict = verifier.verify(proof, publicInputs: publicInputs, parallel: .allCores)
    print(Groth16JSON.text(proof))
    print("\(verdict)")
}
