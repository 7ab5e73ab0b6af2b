// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// The programs in Examples/Library, which see no more of this package than its users do.
@Suite struct ExampleTests {
    private func run(_ name: String, _ arguments: [String] = []) throws -> String {
        let outcome = try MartletCommand.run(BuiltProgram.url(name), arguments)
        #expect(outcome.status == 0, "\(name): \(outcome.errors)")
        return outcome.output
    }

    @Test(
        arguments: ["example-prove", "example-groth16"],
        ["groth16-bn128-multiplier", "groth16-bls12381-multiplier"])
    func aProofIsMadeAndVerified(program: String, name: String) throws {
        let folder = Vectors.url("snarkjs/\(name)")
        let lines = try run(
            program, ["circuit_final.zkey", "witness.wtns"].map { folder.appending(path: $0).path }
        ).split(separator: "\n")
        #expect(lines.last == "valid")
        // What stands before is a proof that the command takes.
        let place = try TemporaryFolder()
        try lines.dropLast().joined(separator: "\n")
            .write(toFile: place.path("proof.json"), atomically: true, encoding: .utf8)
        let check = try MartletCommand.run([
            "verify", "--vkey", folder.appending(path: "verification_key.json").path, "--public",
            folder.appending(path: "public.json").path, "--proof", place.path("proof.json"),
        ])
        #expect(check.status == 0, "\(check.errors)")
    }

    @Test func aCircuitBecomesAContract() throws {
        let text = try run("example-circuit")
        #expect(text.contains("# pragma version") || text.contains("#pragma version"))
        #expect(text.contains("def verify"))
    }

    @Test func aKernelIsMeasured() throws {
        let lines = try run("example-kernel", ["8"]).split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.contains("of 2^8 on cpu-") }, "\(lines)")
    }
}
