// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Which kernels the program takes, with and without `MARTLET_CPU`.
///
/// What to expect comes from the flags that Linux lists, not from the code under test, and `portable` and
/// `ifma` (where the processor lacks it, its emulation) are expected to prove on any machine: so no machine
/// leaves nothing to check.
@Suite struct KernelChoiceTests {
    #if os(Linux) && arch(x86_64)
        /// The paths that this processor has instructions for, the slowest first.
        private func pathsOfThisProcessor() throws -> [String] {
            let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("flags") })
            let flags = Set(line.split(whereSeparator: { " \t:".contains($0) }).map(String.init))
            var paths = ["portable"]
            guard flags.isSuperset(of: ["adx", "bmi2"]) else { return paths }
            paths.append("adx")
            if flags.isSuperset(of: ["avx2", "fma"]) { paths.append("avx2") }
            let avx512: Set = ["avx512f", "avx512dq", "avx512vl", "avx512ifma"]
            if flags.isSuperset(of: avx512) { paths.append("ifma") }
            return paths
        }

        /// The widest vectors are the default. Where the processor halves them (Zen 1) they still take the
        /// least time: docs/lanes.md has the figures.
        @Test func theDefaultIsTheLastOfThoseThatTheProcessorHas() throws {
            #expect(try backend(wish: "") == "cpu-\(try pathsOfThisProcessor().last!)")
        }

        @Test(arguments: ["portable", "adx", "avx2", "ifma", "ifma-emulated"])
        func theEnvironmentChooses(wish: String) throws {
            let paths = try pathsOfThisProcessor()
            if paths.contains(wish) || wish == "ifma-emulated" {
                #expect(try backend(wish: wish) == "cpu-\(wish)")
            } else if wish == "ifma" {
                #expect(try backend(wish: wish) == "cpu-ifma-emulated")
            } else {
                let outcome = try prove(wish: wish)
                #expect(outcome.status == 2 && outcome.errors.contains(wish))
            }
        }
    #else
        @Test(arguments: ["portable", "ifma-emulated"])
        func theEnvironmentChooses(wish: String) throws {
            #expect(try backend(wish: wish) == "cpu-\(wish)")
        }
    #endif

    private func backend(wish: String) throws -> String {
        struct Report: Decodable { var backend: String }
        let outcome = try prove(wish: wish)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)).backend
    }

    private func prove(wish: String) throws -> MartletCommand.Outcome {
        let folder = try TemporaryFolder()
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        return try MartletCommand.run(
            [
                "prove", "--json", "--zkey", circuit.appending(path: "circuit_final.zkey").path,
                "--witness", circuit.appending(path: "witness.wtns").path,
                "--proof", folder.path("proof.json"), "--public", folder.path("public.json"),
            ], environment: ["MARTLET_CPU": wish])
    }
}
