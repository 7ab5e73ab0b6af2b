// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Curves
import Foundation
import FoundationXML
import ProofFixtures
import Testing

@Suite struct ReportTests {
    private static func result(
        _ kind: BenchmarkKind, _ work: String, _ logSize: Int?, _ backend: String, _ seconds: Double,
        peers: [PeerComparison] = []
    ) -> BenchmarkResult {
        BenchmarkResult(
            kind: kind, work: work, curve: .suite(.bn254), logSize: logSize, backend: backend, threads: 2,
            runs: 3,
            operationsPerRun: 1, cpuSeconds: Summary([seconds, seconds * 0.911, seconds * 1.37]),
            wallSeconds: Summary([seconds * 0.553]), unitNanoseconds: logSize.map { _ in 321 },
            productNanoseconds: nil, productsPerPoint: nil, inputBytes: 64, peakMemoryBytes: 123_400_000,
            workingMemoryBytes: 5_670_000, peakIsOwn: work != "ntt", peers: peers)
    }

    private static let peer = PeerComparison(
        peer: "R&D <prover>", version: "1", threads: 1, cpuSeconds: 0.0777, machine: "\"quiet\"", ratio: 0.42)

    private static func report(_ results: [BenchmarkResult]) -> BenchmarkReport {
        BenchmarkReport(
            version: "1.2.3", platform: "test", date: Date(timeIntervalSince1970: 1_800_000_000),
            commandLine: ["martlet", "bench", "--circuit", "<a> & \u{1}"],
            machine: MachineFacts(
                processor: "A & B <fast>", cores: 2, memoryBytes: 8_000_000_000, system: "Linux",
                loadAverage: 1.5),
            seed: 42, scalars: .uniform, results: results)
    }

    private static let full = report([
        result(.msm, "msm-g1", 10, "cpu-adx", 0.00812, peers: [peer]),
        result(.msm, "msm-g1", 10, "cpu-portable", 0.0123),
        result(.msm, "msm-g1", 12, "cpu-adx", 0.0305),
        result(.ntt, "ntt", 10, "cpu-adx", 0.000213),
        result(.pairing, "pairing", nil, "cpu-adx", 0.000531, peers: [peer]),
        result(.field, "fp-mul", nil, "cpu-adx", 2.27e-8),
    ])

    @Test func htmlIsWellFormed() {
        for report in [Self.full, Self.report([]), Self.report(Array(Self.full.results.prefix(1)))] {
            let parser = XMLParser(data: Data(report.html.utf8))
            #expect(parser.parse(), "\(String(describing: parser.parserError)), line \(parser.lineNumber)")
        }
    }

    @Test func htmlHasEveryFigure() {
        let html = Self.full.html
        for figure in [
            "8.12 ms", "7.40 ms", "11.1 ms", "4.49 ms", "12.3 ms", "30.5 ms", "213 µs", "531 µs", "22.7 ns",
            "321 ns/butterfly", "123 MB", "123 MB*", "5.67 MB", "77.7 ms", "×0.42",
            // Bars show the time of a point: 8.12 ms over 1024.
            "7.93 µs",
        ] {
            #expect(html.contains(figure), "\(figure)")
        }
        for fact in [
            "A &amp; B &lt;fast&gt;", "R&amp;D &lt;prover&gt;", "2027-01-15T08:00:00Z", "martlet 1.2.3",
        ] {
            #expect(html.contains(fact), "\(fact)")
        }
    }

    @Test func htmlNeedsNothingElse() {
        let html = Self.full.html.replacingOccurrences(of: "http://www.w3.org/", with: "")
        for link in ["http:", "https:", "<script", "src=", "href=", "@import", "url("] {
            #expect(!html.contains(link), "\(link)")
        }
        #expect(html.contains("prefers-color-scheme: dark"))
    }

    @Test func jsonComesBackEqual() throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try decoder.decode(BenchmarkReport.self, from: Self.full.json()) == Self.full)
    }

    @Test func csvHasALineACase() {
        let lines = Self.full.csv.split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines[1].hasPrefix("msm,msm-g1,bn254,10,cpu-adx,2,3,0.00812,"))
        #expect(Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [26])
    }

    @Test func tableHasPeersOnlyWhereThereAreSome() {
        #expect(Self.full.tableRows.allSatisfy { $0.count == 11 })
        #expect(Self.full.tableRows[1].last == "R&D <prover> 77.7 ms ×0.42")
        #expect(Self.report(Array(Self.full.results[1...3])).tableRows.allSatisfy { $0.count == 10 })
    }
}
