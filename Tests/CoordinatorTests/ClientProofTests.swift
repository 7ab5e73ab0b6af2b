// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import MartletClient
import Outcomes
import ProvingEngine
import SystemTestSupport
import TestSupport
import Testing

/// `MartletClient.prove`: one call from a key and a witness to a proof that was verified here.
@Suite struct ClientProofTests {
    private static let zkey = Multiplier.folder.appending(path: "circuit_final.zkey").path
    private static let witness = Multiplier.folder.appending(path: "witness.wtns").path

    /// Runs `body` with a client, and meanwhile what a worker does with the first job that comes.
    private func serve(
        _ work: @escaping @Sendable (TestCoordinator, Lease) async throws -> Void,
        _ body: (MartletClient) async throws -> Void
    ) async throws {
        try await withCoordinator { server in
            let worker = Task {
                while !Task.isCancelled {
                    if let lease = try await server.lease(wait: 5) { return try await work(server, lease) }
                }
            }
            let address = try #require(QueueAddress("http://127.0.0.1:\(server.port)"))
            let client = try MartletClient(address)
            do { try await body(client) } catch {
                worker.cancel()
                await client.close()
                throw error
            }
            await client.close()
            try await worker.value
        }
    }

    @Test func aKeyAndAWitnessBecomeAProof() async throws {
        try await serve { server, lease in
            let answer = try await server.complete(lease, try Multiplier.prove())
            #expect(answer.status == 200, "\(answer.text)")
        } _: { client in
            let received = try await client.prove(zkey: Self.zkey, witness: Self.witness, id: "a")
            #expect(received.job.state == .succeeded && received.job.id == "a")
            let expected = try String(
                contentsOf: Multiplier.folder.appending(path: "public.json"), encoding: .utf8)
            #expect(received.publicInputs.filter { !$0.isWhitespace } == expected.filter { !$0.isWhitespace })
            // The same call is the same job: nobody works any more.
            let again = try await client.prove(zkey: Self.zkey, witness: Self.witness, id: "a")
            #expect(again == received)
        }
    }

    @Test func aJobMayEndWithoutAProof() async throws {
        try await serve { server, lease in
            func fail(_ lease: Lease) async throws {
                let report = FailureReport(
                    epoch: lease.epoch, code: "unsatisfied",
                    message: "the witness does not satisfy the circuit")
                let answer = try await server.post("/v1/leases/\(lease.lease)/fail", report)
                #expect(answer.status == 200, "\(answer.text)")
            }
            // Once is one worker's word.
            try await fail(lease)
            try await fail(try #require(try await server.lease("another")))
        } _: { client in
            let error = await #expect(throws: ClientError.self) {
                try await client.prove(zkey: Self.zkey, witness: Self.witness)
            }
            #expect(error?.code == .unsatisfied, "\(String(describing: error))")
        }
    }

    @Test func aCoordinatorIsNotTrusted() async throws {
        let output = try Multiplier.prove()
        let publics = String(decoding: output.publicJSON, as: UTF8.self)
        let proof = String(decoding: output.proofJSON, as: UTF8.self)
        func verify(_ proof: String, _ publics: String, zkey: String = Self.zkey) async throws {
            try await MartletClient.verify(
                ReceivedProof(job: ResultDocument(state: .succeeded), proof: proof, publicInputs: publics),
                zkey: zkey, witness: Self.witness)
        }
        try await verify(proof, publics)
        // Public inputs of another statement, another witness's proof, no proof, another circuit's key.
        let swapped = publics.split(separator: "\"").filter { $0.allSatisfy(\.isNumber) }
        let reversed = "[\n \"" + swapped.reversed().joined(separator: "\",\n \"") + "\"\n]"
        #expect(swapped.count == 2 && swapped[0] != swapped[1])
        for wrong in [(proof, reversed), (proof, "[]"), ("{}", publics), (swapPoints(proof), publics)] {
            let error = await #expect(throws: ClientError.self) { try await verify(wrong.0, wrong.1) }
            guard case .wrongContent = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        let other = Vectors.url("snarkjs/groth16-bls12381-multiplier/circuit_final.zkey").path
        await #expect(throws: ClientError.self) { try await verify(proof, publics, zkey: other) }
    }

    /// A with C in its place: points of the curve that prove nothing.
    private func swapPoints(_ proof: String) -> String {
        proof.replacingOccurrences(of: "pi_a", with: "pi_x").replacingOccurrences(of: "pi_c", with: "pi_a")
            .replacingOccurrences(of: "pi_x", with: "pi_c")
    }
}
