// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import Testing

/// The example of a client, with a coordinator and a worker.
@Suite struct ExampleTests {
    @Test func theClientGetsItsProof() throws {
        let service = try Service(overTCP: true)
        let worker = try service.worker()
        let program = try BuiltProgram.url("example-client")
        func run(_ witness: String) throws -> String {
            try MartletCommand.run(program, [service.queue, Multiplier.zkey, witness]).output
        }
        let texts = try run(Multiplier.witness).components(separatedBy: "}\n")
        let output = service.folder.path("out")
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        try #require(texts.count == 2, "\(texts) \(worker.log)")
        try (texts[0] + "}").write(toFile: output + "/proof.json", atomically: true, encoding: .utf8)
        try texts[1].write(toFile: output + "/public.json", atomically: true, encoding: .utf8)
        #expect(try Multiplier.verifies(output))
        #expect(try run(Multiplier.unsatisfied).hasPrefix("no proof: "))
    }
}
