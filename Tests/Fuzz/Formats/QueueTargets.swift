// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import FuzzSupport
import Outcomes
import StrictJSON

@testable import JobQueue

/// What submitters and workers say to the queues: names in a spool, records beside them, bodies of requests.
enum QueueTargets {
    static let all = [names, records, requests]

    /// Names of entries and files in a spool. What is taken for a name is written the same.
    private static let names = FuzzTarget(
        "spool-names", lengthLimit: 300,
        words: [
            ".", "@", "9999999999", "0000000000", "000", "999", "_2e", "_", "..", "/", "job.json", "lease",
        ].map { Array($0.utf8) },
        seeds: {
            let worker = WorkerIdentity(host: "a.host_1", pid: 77, boot: "0123abcd")
            let queued = QueuedName(
                priority: 5, deadline: 1_800_000_000, attempt: 2, id: try JobID("job-1_A"))
            return [
                "job-1_A", queued.text,
                QueuedName(priority: 9, deadline: nil, attempt: 0, id: .generate()).text,
                RunningName(queued: queued, worker: worker, epoch: 1_800_000_000_123).text, "witness.wtns",
            ].map { Array($0.utf8) }
        },
        read: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            if let name = QueuedName(text) {
                demand(QueuedName(name.text) == name, "another entry")
                demand(
                    name.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f }, "no name for a file")
            }
            if let name = RunningName(text) {
                demand(RunningName(name.text) == name, "another entry that is claimed")
                demand(!name.text.utf8.contains { $0 < 0x20 || $0 == 0x2f }, "no name for a file")
            }
            if (try? SpoolQueue.checkFileName(text)) != nil {
                demand(
                    !text.isEmpty && text.first != "." && !text.utf8.contains { $0 < 0x20 || $0 == 0x2f },
                    "no name for a file")
            }
            let id = try JobID(text)
            demand(id.text == text && !text.isEmpty && text.utf8.count <= JobID.maximumLength, "another job")
        })

    /// The records that a spool keeps in JSON.
    private static let records = FuzzTarget(
        "spool-records", lengthLimit: 1_000,
        words: jsonWords(["\"history\":", "\"attempts\":", "\"code\":", "\"pid\":"]),
        seeds: {
            let event = AttemptEvent(
                event: "failed", attempt: 1, time: 1.5, host: "h", pid: 7, boot: "00000000",
                code: "bad-input", message: "no")
            var result = ResultDocument(id: "job", state: .succeeded)
            result.facts.timings = .init(phases: [.init(phase: "key", seconds: 0.5)], total: 1)
            let reason = DeadReason(
                version: 1, id: "job", code: "deadline", message: "late", attempts: 3, time: 1.75e9,
                priority: 5, deadline: 7,
                history: [event])
            return [jsonData(event), jsonData(reason), jsonData(WorkerIdentity.current()), jsonData(result)]
                .map { Array($0) }
        },
        read: { bytes in
            let data = Data(bytes)
            same(jsonValue(DeadReason.self, data)) { jsonValue(DeadReason.self, $0) }
            same(jsonValue(ResultDocument.self, data)) { jsonValue(ResultDocument.self, $0) }
            same(jsonValue(AttemptEvent.self, data)) { jsonValue(AttemptEvent.self, $0) }
            same(jsonValue(WorkerIdentity.self, data)) { jsonValue(WorkerIdentity.self, $0) }
        })

    /// The bodies of requests to a coordinator.
    private static let requests = FuzzTarget(
        "requests", lengthLimit: 1_500,
        words: jsonWords([
            "\"id\":", "\"circuit\":", "\"witness\":", "\"sha256\":", "\"size\":", "\"callback\":",
            "\"witnessData\":", "\"epoch\":",
            "\"report\":", "\"phases\":", "\"progress\":", "\"wait\":", "\"slot\":", "\"devices\":",
        ]),
        seeds: {
            let digest = String(repeating: "0a", count: 32)
            let specification = JobSpecification(
                id: "job", circuit: digest,
                witness: BlobReference(sha256: digest, size: 268),
                deadline: 1_800_000_000_000,
                callback: "https://example.org/x?y=1")
            let report = ProofFacts(
                backend: "cpu", timings: .init(phases: [.init(phase: "key", seconds: 0.5)], total: 1),
                martlet: "0.1", platform: "p")
            let completion = Completion(epoch: 2, proof: "{}", publicInputs: "[\"1\"]", report: report)
            return [
                jsonData(JobRequest(specification, witnessData: Data([1, 2, 3]))), jsonData(completion),
                jsonData(
                    LeaseRequest(
                        worker: "w", incarnation: "i", devices: ["cpu"], loadedCircuits: [digest], wait: 5)),
                jsonData(Renewal(epoch: 1, phase: "key", progress: 0.5)), jsonData(Release(epoch: 1)),
                jsonData(FailureReport(epoch: 1, code: "bad-input", message: "no")),
            ].map { Array($0) }
        },
        read: { bytes in
            let data = Data(bytes)
            let request = try? decode(JobRequest.self, data)
            if let request, (try? request.specification.validate()) != nil {
                same(request) { try? decode(JobRequest.self, $0) }
            }
            same(try? decode(LeaseRequest.self, data)) { try? decode(LeaseRequest.self, $0) }
            same(try? decode(Renewal.self, data)) { try? decode(Renewal.self, $0) }
            same(try? decode(FailureReport.self, data)) { try? decode(FailureReport.self, $0) }
            same(try? decode(Completion.self, data)) { try? decode(Completion.self, $0) }
            _ = try decode(Release.self, data)
        })

    /// As the coordinator decodes bodies.
    private static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
        try StrictJSONDecoder(unknownKeys: .refuse).decode(type, from: data)
    }

    private static func same<Value: Encodable & Equatable>(_ value: Value?, _ read: (Data) -> Value?) {
        guard let value else { return }
        demand(read(jsonData(value)) == value, "another \(Value.self)")
    }
}
