import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Real processes are killed at random while jobs go through: five minutes in all, or as many seconds each as
/// `MARTLET_CHAOS_SECONDS` says. `make soak` runs for longer.
@Suite(.serialized) struct ChaosTests {
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let seconds =
        ProcessInfo.processInfo.environment["MARTLET_CHAOS_SECONDS"].flatMap(Int.init) ?? 150

    @Test(.enabled(if: python != nil, "no Python 3 here"), arguments: ["sqlite", "postgres"])
    func nothingIsLost(store: String) throws {
        let python = try #require(Self.python)
        let vectors = Vectors.url("snarkjs/groth16-bn128-multiplier").path
        let outcome = try MartletCommand.run(
            URL(filePath: python),
            [
                Vectors.directory.deletingLastPathComponent().appending(path: "Scripts/chaos.py").path,
                "--martlet", try BuiltProgram.url("martlet").path, "--vectors", vectors, "--store", store,
                "--seconds",
                "\(Self.seconds)", "--jobs", "500",
            ], limit: Double(Self.seconds) + 600)
        print(outcome.output)
        #expect(outcome.status == 0, "\(outcome.output.suffix(20_000)) \(outcome.errors)")
    }
}
