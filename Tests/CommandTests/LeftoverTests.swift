// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Kills the program with SIGKILL at points and at random moments, and looks for what it leaves of a witness.
@Suite struct LeftoverTests {
    private static let task = """
        {"format": "martlet-fl-task/1", "name": "small", "model": {"layers": [3, 2]}, "arithmetic": {"featureBits": 5,
        "featureFraction": 3, "weightBits": 12, "weightFraction": 9, "activationFraction": 6, "probabilityFraction": 12,
        "sigmoidStepBits": 6}, "batchSize": 4, "datasetDepth": 1, "registryDepth": 3, "normBound": 100, "clientsPerRound": 2,
        "minimumClients": 1, "learningRate": 0.5, "aggregator": "fedavg", "settlement": "attested"}
        """

    /// A folder with everything that a killed process may leave files in.
    private struct Place {
        let folder: TemporaryFolder
        /// What no file may have: the beginning of a witness file, and a value that only a witness has.
        var needles: [Data] = [Data("wtns".utf8) + Data([2, 0, 0, 0])]

        init() throws {
            folder = try TemporaryFolder()
            for name in ["tmp", "here"] {
                try FileManager.default.createDirectory(
                    atPath: folder.path(name), withIntermediateDirectories: false)
            }
        }

        /// Starts the program in `here`, with `tmp` for temporary files.
        func start(_ arguments: [String], fault: String? = nil, input: Any = FileHandle.nullDevice) throws
            -> Process
        {
            let process = Process()
            process.executableURL = try BuiltProgram.url("martlet")
            process.arguments = arguments
            process.currentDirectoryURL = URL(filePath: folder.path("here"))
            process.environment = ProcessInfo.processInfo.environment
            process.environment?["TMPDIR"] = folder.path("tmp")
            process.environment?["MARTLET_FAULT"] = fault
            process.standardInput = input
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            return process
        }

        func expectNoWitness(_ when: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            for place in [folder.url.path] {
                for path in FileManager.default.enumerator(atPath: place)?.allObjects ?? [] {
                    guard let path = path as? String, !path.hasSuffix(".zkey"),
                        !path.hasSuffix("identity.json"),
                        let data = try? Data(contentsOf: URL(filePath: "\(place)/\(path)"))
                    else { continue }
                    for needle in needles {
                        #expect(
                            data.range(of: needle) == nil, "\(when): \(place)/\(path)",
                            sourceLocation: sourceLocation)
                    }
                }
            }
        }
    }

    @Test func aKilledTrainingLeavesNoWitness() throws {
        var generator = SeededGenerator.fresh()
        var place = try Place()
        let folder = place.folder
        try Self.task.write(toFile: folder.path("task.json"), atomically: true, encoding: .utf8)
        let published = folder.path("published")
        func run(_ arguments: [String]) throws {
            let outcome = try MartletCommand.run(["fl"] + arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        try run(["init", published, "--task", folder.path("task.json"), "--insecure-dev"])
        // CR LF ends these lines.
        let lines = (0..<8).map { "\(Double($0) * 0.125),0.25,-0.5,\($0 % 2)\r\n" }
        try ("\u{feff}" + lines.joined()).write(
            toFile: folder.path("ann.csv"), atomically: true, encoding: .utf8)
        let enrolled = try MartletCommand.enroll(
            folder.path("ann"), in: published, name: "ann", data: folder.path("ann.csv"))
        #expect(enrolled.status == 0, "\(enrolled.errors)")
        try run(["start", published])
        struct Identity: Decodable { var secret: String }
        let secret = try JSONDecoder().decode(
            Identity.self, from: Data(contentsOf: URL(filePath: folder.path("ann/identity.json")))
        ).secret
        #expect(secret.count > 60)
        place.needles.append(Data(secret.utf8))

        let train = [
            "fl", "train", folder.path("ann"), "--federation", published, "--output", folder.path("ann.json"),
            "--backend", "cpu",
        ]
        for point in ["witness-made", "proving-witness", "proving-quotient", "proving-verify", "proof-made"] {
            let process = try place.start(train, fault: point)
            process.waitUntilExit()
            #expect(process.terminationStatus == SIGKILL, "\(point)")
            try place.expectNoWitness(point)
        }
        let whole = Date()
        let process = try place.start(train)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let seconds = Date().timeIntervalSince(whole)
        for _ in 0..<12 {
            let delay = Double.random(in: 0...seconds, using: &generator)
            // What was kept would be sent again, without a proof.
            try? FileManager.default.removeItem(atPath: folder.path("ann/kept-update.json"))
            let process = try place.start(train)
            usleep(UInt32(delay * 1e6))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try place.expectNoWitness("after \(delay) s")
        }
        // By the workers of a queue the witness goes to the queue, and nowhere else.
        try? FileManager.default.removeItem(atPath: folder.path("ann/kept-update.json"))
        let queued = try place.start(
            train.dropLast(2) + ["--queue", "spool:" + folder.path("spool")], fault: "submit-staged")
        queued.waitUntilExit()
        #expect(queued.terminationStatus == SIGKILL)
        try FileManager.default.removeItem(atPath: folder.path("spool"))
        try place.expectNoWitness("submit-staged")
    }

    @Test func aWitnessThroughAPipeIsKeptNowhere() throws {
        let place = try Place()
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let witness = try Data(contentsOf: circuit.appending(path: "witness.wtns"))
        var generator = SeededGenerator.fresh()
        for round in 0..<8 {
            // Smaller than a pipe's buffer.
            let pipe = Pipe()
            try pipe.fileHandleForWriting.write(contentsOf: witness)
            try pipe.fileHandleForWriting.close()
            let process = try place.start(
                [
                    "prove", "--zkey", circuit.appending(path: "circuit_final.zkey").path, "--witness",
                    round % 2 == 0 ? "-" : "/dev/stdin",
                ], input: pipe)
            if round > 0 {
                usleep(UInt32.random(in: 0...60_000, using: &generator))
                kill(process.processIdentifier, SIGKILL)
            }
            process.waitUntilExit()
            if round == 0 { #expect(process.terminationStatus == 0) }
            try place.expectNoWitness("round \(round)")
        }
    }
}
