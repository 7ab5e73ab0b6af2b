// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Curves
import Foundation
import ProofFixtures
import SystemTestSupport
import TestSupport
import Testing

/// The command from end to end, at sizes that take no time. Nothing here looks at how long anything took.
@Suite struct BenchCommandTests {
    static func report(_ text: String) throws -> BenchmarkReport {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(BenchmarkReport.self, from: Data(text.utf8))
    }

    static func check(_ results: [BenchmarkResult]) {
        for result in results {
            let title = result.title
            #expect(result.cpuSeconds.min >= 0 && result.cpuSeconds.median > 0, "\(title)")
            #expect(result.cpuSeconds.min <= result.cpuSeconds.median, "\(title)")
            #expect(result.cpuSeconds.median <= result.cpuSeconds.max, "\(title)")
            #expect(result.wallSeconds.median > 0, "\(title)")
            #expect(result.peakMemoryBytes > result.inputBytes, "\(title)")
        }
    }

    /// Scalars of a witness' kind matter to sums alone.
    @Test func sumsOfWitnesses() throws {
        let outcome = try MartletCommand.run([
            "bench", "--suite", "msm", "--size", "6", "--runs", "2", "--threads", "2", "--seed", "11",
            "--scalars", "witness", "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try Self.report(outcome.output)
        #expect(report.scalars.rawValue == "witness" && !report.results.isEmpty)
        Self.check(report.results)
        #expect(report.results.allSatisfy { $0.kind == .msm && ($0.productsPerPoint ?? 0) > 1 })
    }

    @Test func allSuites() throws {
        let outcome = try MartletCommand.run([
            "bench", "--size", "6", "--runs", "2", "--threads", "2", "--seed", "11", "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try Self.report(outcome.output)
        #expect(report.seed == 11)
        #expect(report.scalars.rawValue == "uniform")
        Self.check(report.results)
        let names = BenchmarkBackends.supported.map(\.name)
        for backend in names {
            for curve in ["bn254", "bls12381", "bls12377"] {
                let works = report.results.filter { $0.backend == backend && $0.curve.rawValue == curve }.map(
                    \.work)
                #expect(
                    Set(works).isSuperset(of: [
                        "fp-mul", "fr-inverse", "g1-add", "g2-multiply", "msm-g1", "msm-g2", "ntt", "intt",
                        "pairing", "g2-membership",
                    ]))
                #expect(Set(works).count == works.count)
            }
        }
        func works(_ curve: BenchmarkCurve) -> Set<String> {
            Set(report.results.filter { $0.curve == curve }.map(\.work))
        }
        #expect(works(.grumpkin) == ["add", "double", "multiply", "msm-g1"])
        #expect(works(.babyJubJub) == ["add", "double", "multiply", "ecdh"])
        for result in report.results where result.kind == .msm {
            #expect(result.logSize == 6)
            #expect((result.productsPerPoint ?? 0) > 1, "\(result.title)")
            #expect(
                result.inputBytes == 64
                    * (([BenchmarkCurve.suite(.bn254), .grumpkin].contains(result.curve) ? 64 : 96)
                        * (result.work == "msm-g2" ? 2 : 1) + 32))
        }
        for result in report.results where result.kind == .ntt {
            #expect((result.unitNanoseconds ?? 0) > 0, "\(result.title)")
        }
    }

    @Test(arguments: ["groth16-bn128-multiplier", "groth16-bls12381-multiplier"])
    func proofs(_ circuit: String) throws {
        let folder = Vectors.url("snarkjs/\(circuit)")
        let outcome = try MartletCommand.run([
            "bench", "--suite", "prove", "--zkey", folder.appending(path: "circuit_final.zkey").path,
            "--witness", folder.appending(path: "witness.wtns").path, "--runs", "1", "--backend",
            "cpu-portable",
            "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try Self.report(outcome.output)
        Self.check(report.results)
        #expect(report.results.map(\.work) == [circuit, circuit + "-loaded-key"])
        #expect(report.results.allSatisfy { $0.backend == "cpu-portable" })
    }

    @Test func filesAndPeers() throws {
        let folder = try TemporaryFolder()
        let paths = ["peers.csv", "a.json", "a.csv", "a.html"].map { folder.url.appending(path: $0).path }
        let peers = "\(PeerFigure.columns.joined(separator: ","))\nother,1,msm-g1,bn254,7,1,0.25,m\n"
        try peers.write(toFile: paths[0], atomically: true, encoding: .utf8)
        let outcome = try MartletCommand.run([
            "bench", "--suite", "msm,ntt", "--curve", "bn254", "--group", "g1", "--size", "6-7", "--runs",
            "1",
            "--backend", "cpu-portable", "--compare", paths[0], "--output-json", paths[1], "--output-csv",
            paths[2],
            "--report", paths[3],
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try Self.report(String(contentsOfFile: paths[1], encoding: .utf8))
        #expect(
            report.results.map { "\($0.work) \($0.logSize ?? 0)" }
                == ["msm-g1 6", "msm-g1 7", "ntt 6", "intt 6", "ntt 7", "intt 7"])
        #expect(report.results.map(\.peers.count) == [0, 1, 0, 0, 0, 0])
        let ratio = report.results[1].cpuSeconds.median / 0.25
        #expect(abs((report.results[1].peers.first?.ratio ?? 0) - ratio) < 1e-9)
        #expect(outcome.output.contains("seed \(report.seed)"))
        #expect(outcome.output.contains("other 250 ms"))
        #expect(try String(contentsOfFile: paths[2], encoding: .utf8) == report.csv)
        #expect(try String(contentsOfFile: paths[3], encoding: .utf8) == report.html)
    }

    @Test(arguments: [
        ["--suite", "magic"], ["--backend", "cpu-z80"], ["--curve", "p256"], ["--group", "g3"],
        ["--size", "40"],
        ["--runs", "0"], ["--threads", "-1"], ["--scalars", "small"], ["--suite", "prove"], ["--zkey", "a"],
        ["--compare", "/no/such/file"], ["--suite", "prove", "--zkey", "/no/such/key", "--witness", "w"],
        // What a curve does not have is not measured in silence.
        ["--curve", "babyjubjub", "--suite", "pairing"],
        ["--curve", "grumpkin", "--suite", "msm", "--group", "g2", "--size", "4"],
    ])
    func wrongUsage(_ arguments: [String]) throws {
        let outcome = try MartletCommand.run(["bench"] + arguments)
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(!outcome.errors.isEmpty)
    }
}
