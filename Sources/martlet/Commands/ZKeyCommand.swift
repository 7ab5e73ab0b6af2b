// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Compute
import ConstraintSystems
import Curves
import Failures
import Foundation
import Foundations
import Groth16
import ProvingEngine
import SnarkFormats
import TrustedSetup

struct ZKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zkey", abstract: "Contributes to a key's setup, and verifies it.",
        subcommands: [Contribute.self, Beacon.self, Verify.self])

    struct Contribute: ParsableCommand, ContributionStep {
        static let configuration = CommandConfiguration(
            commandName: "contribute",
            abstract: "Multiplies a secret of this process into a Groth16 key, and forgets it.",
            discussion:
                "A key is sound if at least one of its contributors was honest. The secret comes from the system."
        )

        @OptionGroup var arguments: ContributionArguments

        func run() throws { try arguments.run(self) }

        func step<Suite: ComputeSuite>(
            _ transcript: SetupTranscript<Suite>, to key: ProvingKey<Suite>, _ parallel: Parallel
        ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
            Console.progress("contributing")
            var generator = SystemRandomNumberGenerator()
            return transcript.contributing(
                to: key, name: arguments.name, parallel: parallel, using: &generator)
        }

        func step<Suite: ComputeSuite>(
            _ key: CommittedKey<Suite>, _ parallel: Parallel
        ) throws(CommittedKeyFault) -> CommittedKey<Suite> {
            Console.progress("contributing")
            var generator = SystemRandomNumberGenerator()
            return try key.contributing(name: arguments.name, parallel: parallel, using: &generator)
        }
    }
}

/// A step of a key's second phase, on whichever curve.
protocol ContributionStep {
    func step<Suite: ComputeSuite>(
        _ transcript: SetupTranscript<Suite>, to key: ProvingKey<Suite>, _ parallel: Parallel
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>)

    /// The same for a key with commitments.
    func step<Suite: ComputeSuite>(
        _ key: CommittedKey<Suite>, _ parallel: Parallel
    ) throws(CommittedKeyFault) -> CommittedKey<Suite>
}

/// A key and the one that a step makes of it.
struct ContributionArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The key so far.", valueName: "file"), completion: .file())
    var zkey: String

    @Option(help: ArgumentHelp("Where the new key goes.", valueName: "file"), completion: .file())
    var output: String

    @Option(
        help:
            "Who contributes, or where a beacon comes from; cut to 64 bytes between characters."
    )
    var name = ""

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var zkey: String
        var contributions: Int
        var transcript: String
    }

    /// Reads the key, checks what it shows by itself, takes the step, writes what came of it, and tells its
    /// transcript.
    func run(_ step: some ContributionStep) throws {
        let files = try OutputFiles([output], inputs: [zkey], report: json ? "--json" : nil)
        defer { Console.endProgress() }
        Console.progress("reading \(zkey)")
        let parallel = Parallel.allCores
        let file = try ZKeyFile(MappedFile(path: zkey))
        let report =
            if file.header.proofSystem == .committedGroth16 {
                try take(
                    step,
                    CommittedZKey.load(
                        file, threads: parallel.threads, checksSubgroups: true, indexed: false), parallel)
            } else {
                try take(
                    step, Groth16ZKey.load(file, threads: parallel.threads, checksSubgroups: true), file,
                    parallel)
            }
        Console.endProgress()
        if json { return try Console.printJSON(report) }
        files.say(
            "\(OutputFiles.name(output)): contribution \(report.contributions), transcript \(report.transcript)"
        )
    }

    private func take<Key: ProvingKeyOnCurve>(
        _ step: some ContributionStep, _ key: Key, _ file: ZKeyFile, _ parallel: Parallel
    ) throws -> Report {
        let transcript = try Groth16ZKey.transcript(of: file, Key.Suite.self)
        Console.progress("checking \(zkey)")
        try admit(isDevelopment: Groth16Setup<Key.Suite>.isDevelopment(transcript)) {
            () throws(SetupError) in
            var generator = SystemRandomNumberGenerator()
            try transcript.verifyBeforeContribution(to: key.key, parallel: parallel, using: &generator)
        }
        let (next, history) = step.step(transcript, to: key.key, parallel)
        try SetupFiles.write(next, history, to: output)
        return Report(
            zkey: output, contributions: history.contributions.count,
            transcript: (history.contributions.last?.transcript ?? []).hexadecimal)
    }

    private func take<Key: CommittedKeyOnCurve>(
        _ step: some ContributionStep, _ read: Key, _ parallel: Parallel
    ) throws -> Report {
        let key = read.committed
        Console.progress("checking \(zkey)")
        try admit(isDevelopment: key.transcript.isDevelopment) { () throws(SetupError) in
            var generator = SystemRandomNumberGenerator()
            try key.verifyBeforeContribution(parallel: parallel, using: &generator)
        }
        let next = try step.step(key, parallel)
        try CommittedZKey.write(next, to: output)
        let history = next.transcript.contributions
        return Report(
            zkey: output, contributions: history.count,
            transcript: (history.last?.delta.transcript ?? []).hexadecimal)
    }

    /// Refuses a key that does not hold, and is loud about one for development.
    private func admit(isDevelopment: Bool, _ check: () throws(SetupError) -> Void) throws {
        do throws(SetupError) {
            try check()
        } catch {
            throw JobFailure(
                code: .badInput,
                message: "\(zkey): \(error): no contribution mends that, so none is added")
        }
        if isDevelopment {
            Console.endProgress()
            InsecureNotice.print(zkey)
        }
    }
}
