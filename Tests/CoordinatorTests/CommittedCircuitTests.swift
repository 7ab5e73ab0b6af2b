// SPDX-License-Identifier: Apache-2.0

import Coordination
import Coordinator
import Foundation
import MartletClient
import NIOHTTP1
import Outcomes
import ProvingEngine
import SystemTestSupport
import TestSupport
import Testing

/// Circuits whose keys have commitments at a coordinator.
@Suite struct CommittedCircuitTests {
    private static let folder = Vectors.url("committed")
    private static let zkey = folder.appending(path: "circuit.zkey")
    private static let witness = folder.appending(path: "witness.wtns")

    private func prove(_ zkey: URL, _ witness: URL) throws -> ProofOutput {
        let engine = try Multiplier.engine.get()
        return try engine.prove(key: engine.loadKey(path: zkey.path), witnessPath: witness.path)
    }

    /// What a sick worker sends is refused, each time as a failed attempt; then a proof is taken.
    @Test func onlyAValidProofIsTaken() async throws {
        let output = try prove(Self.zkey, Self.witness)
        let proof = try #require(
            try JSONSerialization.jsonObject(with: output.proofJSON) as? [String: Any])
        let commitments = try #require(proof["commitments"] as? [Any])
        func changed(_ name: String, _ value: Any?) throws -> String {
            var changed = proof
            changed[name] = value
            return String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
        }
        let forged = [
            (try changed("pi_a", proof["pi_c"]), "does not verify"),
            (try changed("commitments", Array(commitments.reversed())), "does not verify"),
            (try changed("commitments", [commitments[0]]), "does not verify"),
            (try changed("commitment_pok", proof["pi_c"]), "does not verify"),
            (try changed("protocol", "groth16"), "groth16-commitments"),
        ]
        try await withCoordinator { server in
            let circuit = try await server.addCircuit(Data(contentsOf: Self.zkey))
            let told = try await server.send(.GET, "/v1/circuits/\(circuit)").value(Circuit.self)
            #expect(told.system == "groth16-commitments" && told.variables == 10 && told.publics == 1)
            for (number, (text, word)) in forged.enumerated() {
                try await server.addJob("\(number)", circuit, witness: Data(contentsOf: Self.witness))
                let lease = try #require(try await server.lease("sick\(number)"))
                var completion = TestCoordinator.completion(lease, output)
                completion.proof = text
                let refused = try await server.post("/v1/leases/\(lease.lease)/complete", completion)
                #expect(refused.status == 422 && refused.text.contains(word), "\(number): \(refused.text)")
                let failed = try await server.send(.GET, "/v1/jobs/\(number)").value(ResultDocument.self)
                #expect(failed.failures == 1 && failed.error?.code == "invalid-proof", "\(number)")
                let again = try #require(try await server.lease("well"))
                let taken = try await server.complete(again, output)
                #expect(taken.status == 200, "\(number): \(taken.text)")
            }
            let served = try await server.send(.GET, "/v1/jobs/0/proof")
            #expect(served.text.contains("commitment_pok"), "\(served.text)")
            let job = try await server.send(.GET, "/v1/jobs/0").value(ResultDocument.self)
            #expect(job.state == .succeeded && job.facts.system == "groth16-commitments")
            let metrics = try await server.send(.GET, "/metrics").text
            #expect(
                metrics.contains(#"phase="commitments",system="groth16-commitments""#)
                    && !metrics.contains(#"phase="other""#), "\(metrics)")
        }
    }

    /// A client verifies what comes, against the key and the witness that it has.
    @Test func aClientVerifiesWhatComes() async throws {
        let output = try prove(Self.zkey, Self.witness)
        func verify(_ proof: Data) async throws {
            try await MartletClient.verify(
                ReceivedProof(
                    job: ResultDocument(state: .succeeded), proof: String(decoding: proof, as: UTF8.self),
                    publicInputs: String(decoding: output.publicJSON, as: UTF8.self)),
                zkey: Self.zkey.path, witness: Self.witness.path)
        }
        try await verify(output.proofJSON)
        var proof = try #require(
            try JSONSerialization.jsonObject(with: output.proofJSON) as? [String: Any])
        proof["pi_c"] = proof["pi_a"]
        let forged = try JSONSerialization.data(withJSONObject: proof)
        await #expect(throws: ClientError.self) { try await verify(forged) }
        // Nor is a plain proof one of this key's.
        let plain = try Multiplier.prove().proofJSON
        await #expect(throws: ClientError.self) { try await verify(plain) }
    }
}
