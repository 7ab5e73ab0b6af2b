// SPDX-License-Identifier: Apache-2.0

// Has a proof made by a service, and prints it as snarkjs writes it. With a coordinator and a worker on this
// machine (`martlet serve &` and `martlet worker --queue http://127.0.0.1:8080 &`):
//
//     swift run client http://127.0.0.1:8080 circuit_final.zkey witness.wtns

import MartletClient

guard CommandLine.arguments.count == 4, let address = QueueAddress(CommandLine.arguments[1]) else {
    fatalError("usage: client ADDRESS ZKEY WITNESS")
}

let client = try MartletClient(address)
do {
    // The key goes up once, the witness with each job. The proof is verified here before the call returns.
    let received = try await client.prove(zkey: CommandLine.arguments[2], witness: CommandLine.arguments[3])
    print(received.proof)
    print(received.publicInputs)
} catch {
    // `code` is for programs, `message` for people.
    print("no proof: \(error.message)")
}
await client.close()
