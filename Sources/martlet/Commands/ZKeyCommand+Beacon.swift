// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Compute
import Foundation
import Foundations
import Groth16
import SnarkFormats
import TrustedSetup

extension ZKeyCommand {
    struct Beacon: ParsableCommand, ContributionStep {
        static let configuration = CommandConfiguration(
            commandName: "beacon",
            abstract: "Adds public randomness as the last contribution to a Groth16 key.",
            discussion: """
                The value must have become public after the last contributor was done, such as the hash of a block that was \
                named beforehand. It hides nothing; everybody can repeat it, and `martlet zkey verify` does.
                """)

        @OptionGroup var arguments: ContributionArguments

        @Option(help: ArgumentHelp("The value, 1 to 255 bytes.", valueName: "hex"))
        var beacon: String

        @Option(help: ArgumentHelp("The value is hashed 2^n times, n from 10 to 63.", valueName: "n"))
        var iterations = 10

        private var value: [UInt8]? {
            let digits = Array((beacon.hasPrefix("0x") ? beacon.dropFirst(2) : beacon[...]).utf8)
            guard digits.count % 2 == 0, (1...255).contains(digits.count / 2) else { return nil }
            return [UInt8](hexadecimal: digits)
        }

        func validate() throws {
            guard value != nil else {
                throw ValidationError("--beacon must be 1 to 255 bytes in hexadecimal.")
            }
            guard (10...63).contains(iterations) else {
                throw ValidationError(
                    "--iterations must be from 10 to 63: the logarithm of the number of hashes.")
            }
        }

        func run() throws { try arguments.run(self) }

        func step<Suite: ComputeSuite>(
            _ transcript: SetupTranscript<Suite>, to key: ProvingKey<Suite>, _ parallel: Parallel
        ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
            Console.progress("hashing the beacon 2^\(iterations) times")
            return transcript.contributing(
                to: key, beacon: .init(value: value ?? [], logIterations: iterations), name: arguments.name,
                parallel: parallel)
        }

        func step<Suite: ComputeSuite>(
            _ key: CommittedKey<Suite>, _ parallel: Parallel
        ) throws(CommittedKeyFault) -> CommittedKey<Suite> {
            Console.progress("hashing the beacon 2^\(iterations) times")
            return try key.contributing(
                beacon: .init(value: value ?? [], logIterations: iterations), name: arguments.name,
                parallel: parallel)
        }
    }
}
