// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import MartletClient
import NIOHTTP1
import SystemTestSupport
import Testing

/// The SHA-256 of a witness with few secrets tells them to whoever tries: a coordinator keeps and tells tags
/// instead.
@Suite struct WitnessTagTests {
    /// As the coordinator keeps it: its answers say nothing of witnesses.
    private func job(_ server: TestCoordinator, _ id: String, tenant: String) async throws -> Job {
        try await server.store.job(id, tenant: tenant).job
    }

    @Test func aWitnessHasNoDigestAnywhere() async throws {
        let witness = try Multiplier.witness.get()
        let digest = Multiplier.digest(witness)
        let digits = Array(digest)
        let bytes = Data(
            stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0..<($0 + 2)]), radix: 16) })
        let needles = [Data(digest.utf8), bytes, Data(bytes.base64EncodedString().utf8)]
        try await withCoordinator { server in
            func search(_ data: Data, _ what: String) {
                for needle in needles { #expect(data.range(of: needle) == nil, "\(what)") }
            }
            let operators = try await server.token(.operator)
            let tokenA = try await server.token(.submitter, tenant: "a")
            let tokenB = try await server.token(.submitter, tenant: "b")
            let worker = try await server.token(.worker)
            let circuit = try await server.addCircuit(token: operators)
            // One brings the witness with the job, the other afterwards.
            let specification = try server.specification("j", circuit)
            let inline = try await server.post(
                "/v1/jobs", JobRequest(specification, witnessData: witness), token: tokenA)
            #expect(inline.status == 201, "\(inline.text)")
            search(inline.body, "the answer to a submission")
            let made = try await server.post("/v1/jobs", specification, token: tokenB)
            search(made.body, "the answer to a submission")
            let sent = try await server.send(.PUT, "/v1/jobs/j/witness", witness, token: tokenB)
            #expect(sent.status == 204, "\(sent.text)")

            // Equal witnesses have different tags in different tenants, and in different jobs.
            let (a, b) = (
                try await job(server, "j", tenant: "a"), try await job(server, "j", tenant: "b")
            )
            try await server.addJob("k", circuit, token: tokenA)
            let other = try await job(server, "k", tenant: "a")
            let tags = [a, b, other].compactMap(\.specification.witness.tag)
            #expect(Set(tags).count == 3 && tags.allSatisfy(BlobReference.isDigest))
            #expect([a, b, other].allSatisfy { $0.specification.witness.key == nil })

            // The same submission is the same job; with another witness it is a conflict.
            let again = try await server.post("/v1/jobs", specification, token: tokenA)
            #expect(again.status == 200, "\(again.text)")
            search(again.body, "the answer to the same submission")
            let changed = try server.specification("j", circuit, witness: Data(witness.reversed()))
            #expect(try await server.post("/v1/jobs", changed, token: tokenA).status == 409)
            // A tag is no way to submit, and a file that is another is refused without saying which it is.
            let forged = """
                {"id":"t","circuit":"\(circuit)","witness":{"tag":"\(tags[0])","size":\(witness.count)}}
                """
            #expect(try await server.post(text: forged, "/v1/jobs", token: tokenA).status == 400)
            let reversed = try server.specification("r", circuit, witness: Data(witness.reversed()))
            #expect(try await server.post("/v1/jobs", reversed, token: tokenA).status == 201)
            let refused = try await server.send(.PUT, "/v1/jobs/r/witness", witness, token: tokenA)
            #expect(refused.status == 422)
            search(refused.body, "the refusal of a witness")

            // A worker gets what it needs to check what it fetches, and only with its lease.
            let lease = try #require(try await server.lease(token: worker))
            let key = try #require(lease.witness.key)
            #expect(BlobReference.isDigest(key))
            for path in ["/v1/jobs", "/v1/jobs/j", "/metrics", "/v1/circuits", "/"] {
                let answer = try await server.send(.GET, path, token: operators)
                search(answer.body, path)
                #expect(answer.body.range(of: Data(key.utf8)) == nil, "\(path)")
            }
            for path in try FileManager.default.subpathsOfDirectory(atPath: server.folder.url.path) {
                search(FileManager.default.contents(atPath: server.folder.path(path)) ?? Data(), path)
            }
            let facts = try FileManager.default.attributesOfItem(atPath: server.folder.path("data/tags.key"))
            #expect(facts[.posixPermissions] as? Int == 0o600 && facts[.size] as? Int == 32)
        }
    }
}
