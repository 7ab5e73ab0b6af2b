// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import NIOHTTP1
import Testing

/// A key that nobody knows is refused in every request, in each of its objects.
@Suite struct RequestKeyTests {
    /// For each type that the coordinator reads bodies as, a body with all of its objects, and its path.
    private static let bodies: [String: (path: String, body: String)] = [
        "JobRequest": (
            "/v1/jobs", #"{"circuit":"c","witness":{"sha256":"s","size":1},"id":"a","witnessData":"AQ=="}"#
        ),
        "Batch": ("/v1/jobs/batch", #"{"jobs":[{"circuit":"c","witness":{"sha256":"s","size":1}}]}"#),
        "Registration": ("/v1/circuits", #"{"zkey":"z"}"#),
        "LeaseRequest": ("/v1/leases", #"{"worker":"w","incarnation":"i","slot":0,"devices":[],"wait":0}"#),
        "Renewal": ("/v1/leases/x/renew", #"{"epoch":1,"phase":"key","progress":0.5}"#),
        "FailureReport": ("/v1/leases/x/fail", #"{"epoch":1,"code":"internal","message":"m"}"#),
        "Release": ("/v1/leases/x/release", #"{"epoch":1}"#),
        "Completion": (
            "/v1/leases/x/complete",
            #"{"epoch":1,"proof":"","publicInputs":"","report":{"backend":"","timings":{"phases":[{"phase":"p","seconds":1}],"total":0},"martlet":""}}"#
        ),
        "Choice": ("/v1/workers/w/cordon", #"{"token":"t","reason":"r"}"#),
    ]

    /// The list above has all types that the sources of the coordinator read.
    @Test func allRequestsAreHere() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/Coordinator")
        var types: Set<String> = []
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            types.formUnion(text.matches(of: #/await body\((\w+)\.self/#).map { String($0.1) })
        }
        #expect(types == Set(Self.bodies.keys))
    }

    @Test func unknownKeysAreRefusedEverywhere() async throws {
        try await withCoordinator { server in
            for (type, (path, body)) in Self.bodies {
                let value = try JSONSerialization.jsonObject(with: Data(body.utf8))
                let places = Self.places(of: value)
                for place in places {
                    let altered = try JSONSerialization.data(
                        withJSONObject: Self.adding("surplus", at: place[...], to: value))
                    let answer = try await server.post(text: String(decoding: altered, as: UTF8.self), path)
                    #expect(answer.status == 400 && answer.code == "invalid", "\(type): \(answer.text)")
                    let prefix = place.isEmpty ? "the body" : Self.text(place)
                    #expect(
                        answer.text.contains(#""message":"\#(prefix): unknown member \"surplus\" (line"#),
                        "\(type): \(answer.text)")
                }
            }
        }
    }

    /// One job of a batch with a member that nobody knows is named with its line, and no job is taken in: the
    /// good ones neither.
    @Test func aBatchWithAnUnknownMemberIsRefusedWhole() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            let jobs = try ["a", "b", "c"].map { id in
                String(
                    decoding: try JSONEncoder().encode(server.specification(id, circuit)), as: UTF8.self)
            }
            func batch(_ second: String) async throws -> TestCoordinator.Answer {
                let lines = [jobs[0], second, jobs[2]].joined(separator: ",\n")
                return try await server.post(text: "{\"jobs\":[\n\(lines)\n]}", "/v1/jobs/batch")
            }
            let answer = try await batch("{\"surplus\":1," + jobs[1].dropFirst())
            #expect(answer.status == 400 && answer.code == "invalid", "\(answer.text)")
            #expect(
                answer.text.contains(#""jobs[1]: unknown member \"surplus\" (line 3, column 2)""#),
                "\(answer.text)")
            for id in ["a", "b", "c"] {
                #expect(try await server.send(.GET, "/v1/jobs/\(id)").status == 404)
            }
            #expect(try await batch(jobs[1]).status == 200)
            for id in ["a", "b", "c"] {
                #expect(try await server.send(.GET, "/v1/jobs/\(id)").status == 200)
            }
        }
    }

    /// What only answers have counts as unknown.
    @Test func answersKeysAreUnknownInRequests() async throws {
        try await withCoordinator { server in
            for (type, place, key) in [
                ("JobRequest", ["witness"], "tag"), ("JobRequest", ["witness"], "key"),
                ("Completion", ["report"], "system"), ("Completion", ["report"], "curve"),
                ("Completion", ["report"], "circuit"), ("Completion", ["report"], "digests"),
            ] {
                let (path, body) = try #require(Self.bodies[type])
                let value = try JSONSerialization.jsonObject(with: Data(body.utf8))
                let altered = try JSONSerialization.data(
                    withJSONObject: Self.adding(key, at: place[...], to: value))
                let answer = try await server.post(text: String(decoding: altered, as: UTF8.self), path)
                #expect(
                    answer.status == 400 && answer.text.contains(#"unknown member \"\#(key)\""#),
                    "\(answer.text)")
            }
        }
    }

    /// What may be left out, or be `null`, is what the OpenAPI document says.
    @Test func theDocumentSaysWhatMayBeLeftOut() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            let job = try server.specification("a", circuit)
            let report: [String: Any] = [
                "backend": "cpu", "timings": ["phases": [], "total": 1], "martlet": "1", "platform": "p",
            ]
            let completion: [String: Any] = ["epoch": 1, "proof": "", "publicInputs": "", "report": report]
            let requests: [(schema: String, path: String, body: [String: Any], inside: String?)] = [
                (
                    "JobRequest", "/v1/jobs",
                    [
                        "id": "a", "circuit": circuit, "priority": 5, "maxAttempts": 3,
                        "deadline": 9_000_000_000_000,
                        "witness": ["sha256": job.witness.sha256 ?? "", "size": job.witness.size],
                    ], nil
                ),
                ("CircuitRegistration", "/v1/circuits", ["zkey": circuit], nil),
                (
                    "LeaseRequest", "/v1/leases",
                    [
                        "worker": "w", "incarnation": "i", "slot": 0, "devices": [], "loadedCircuits": [],
                        "freeBytes": 1, "wait": 0, "inlineWitness": 0,
                    ], nil
                ),
                ("Renewal", "/v1/leases/x/renew", ["epoch": 1, "phase": "key", "progress": 0.5], nil),
                (
                    "FailureReport", "/v1/leases/x/fail", ["epoch": 1, "code": "internal", "message": "m"],
                    nil
                ),
                ("Release", "/v1/leases/x/release", ["epoch": 1], nil),
                ("Completion", "/v1/leases/x/complete", completion, nil),
                ("ProofReport", "/v1/leases/x/complete", completion, "report"),
                ("WorkerChoice", "/v1/workers/w/uncordon", ["token": "t", "reason": "r"], nil),
            ]
            let text = try await server.send(.GET, "/openapi.json").body
            let document = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
            let components = try #require(document["components"] as? [String: Any])
            let schemas = try #require(components["schemas"] as? [String: [String: Any]])
            for (name, path, body, inside) in requests {
                let schema = try #require(schemas[name])
                let properties = try #require(schema["properties"] as? [String: [String: Any]])
                let required = schema["required"] as? [String] ?? []
                func isTaken(_ member: String, _ value: Any?) async throws -> Bool {
                    var altered = body
                    if let inside {
                        var inner = body[inside] as? [String: Any] ?? [:]
                        inner[member] = value
                        altered[inside] = inner
                    } else {
                        altered[member] = value
                    }
                    let data = try JSONSerialization.data(withJSONObject: altered)
                    let answer = try await server.post(text: String(decoding: data, as: UTF8.self), path)
                    return answer.status != 400
                }
                for (member, facts) in properties {
                    let mayBeNull = (facts["type"] as? [String])?.contains("null") == true
                    #expect(
                        try await isTaken(member, nil) != required.contains(member), "\(name).\(member)")
                    #expect(try await isTaken(member, NSNull()) == mayBeNull, "\(name).\(member): null")
                }
            }
        }
    }

    // MARK: Places in a value: names of members, and indices of items

    private static func places(of value: Any) -> [[String]] {
        switch value {
        case let object as [String: Any]:
            return [[]] + object.flatMap { name, value in places(of: value).map { [name] + $0 } }
        case let array as [Any]:
            return array.enumerated().flatMap { index, value in places(of: value).map { ["\(index)"] + $0 } }
        default: return []
        }
    }

    private static func adding(_ key: String, at place: ArraySlice<String>, to value: Any) -> Any {
        var rest = place
        let first = rest.popFirst()
        switch value {
        case var object as [String: Any]:
            if let first, let inner = object[first] {
                object[first] = adding(key, at: rest, to: inner)
            } else {
                object[key] = 1
            }
            return object
        case var array as [Any]:
            if let index = first.flatMap({ Int($0) }) {
                array[index] = adding(key, at: rest, to: array[index])
            }
            return array
        default: return value
        }
    }

    /// `jobs[0].witness`.
    private static func text(_ place: [String]) -> String {
        place.reduce(into: "") { text, step in
            text += Int(step) != nil ? "[\(step)]" : (text.isEmpty ? "" : ".") + step
        }
    }
}
