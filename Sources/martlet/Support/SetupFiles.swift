// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import Failures
import FiniteFields
import Groth16
import SnarkFormats
import TrustedSetup

/// What a key for development says of itself, on standard error.
enum InsecureNotice {
    enum What: String {
        case key = "This is a key for development: whoever made it can forge proofs."
        case keys = "These are keys for development: whoever made them can forge proofs."
        case powers =
            "These are powers of tau for development: whoever made them can\n**  forge proofs with every key that is made from them."
    }

    static func print(_ path: String, _ what: What = .key) {
        Console.error(
            """
            ***********************************************************************
            **  INSECURE: \(path)
            **  \(what.rawValue)
            **  For anything of worth use powers of tau of a public ceremony (--ptau)
            **  and contributions of several parties (martlet zkey contribute).
            ***********************************************************************
            """)
    }
}

/// Files of a setup, with errors as commands report them.
enum SetupFiles {
    /// The powers for a setup's domain, checked.
    ///
    /// - Throws: what cannot be used, by the file's name.
    static func powers<Suite: ComputeSuite>(
        _ path: String, log: Int, of suite: Suite.Type, _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws -> PowersOfTau<Suite> {
        try naming(path) { try checkedPowers(path, log: log, of: suite, parallel, using: &generator) }
    }

    /// The same, where a file whose points contradict each other is a finding.
    ///
    /// - Throws: a `SetupError` for that, and a `FormatError` for a file that cannot be read.
    static func checkedPowers<Suite: ComputeSuite>(
        _ path: String, log: Int, of _: Suite.Type, _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws -> PowersOfTau<Suite> {
        Console.progress("checking \(path)")
        let file = try PtauFile(MappedFile(path: path))
        guard file.curve == Suite.id else {
            throw FormatError(
                .curveMismatch(expected: Suite.id.rawValue, found: file.curve.rawValue), file: path)
        }
        if file.contributionCount == 0 {
            Console.endProgress()
            Console.error(
                "martlet: warning: \(path): nobody is listed as a contributor: whoever made these powers of tau can forge proofs with every key made from them"
            )
        }
        do throws(PowersOfTau<Suite>.Unusable) {
            return try PowersOfTau(
                file, logDomainSize: log, parallel: parallel, using: &generator)
        } catch {
            switch error {
            case .format(let error): throw error
            case .setup(let error): throw error
            }
        }
    }

    static func write<Suite: CurveSuite>(
        _ key: ProvingKey<Suite>, _ transcript: SetupTranscript<Suite>, to path: String
    ) throws(FormatError) {
        try Groth16ZKey.write(key, transcript: transcript, to: path)
    }

    /// The setup of a circuit with commitments.
    ///
    /// - Throws: `.badInput`, by the name of the circuit's file, for one that has none or is too large.
    static func committedSetup<Suite: ComputeSuite>(
        _ system: R1CS<Suite.Fr>, of _: Suite.Type, _ path: String, _ parallel: Parallel
    ) throws -> CommittedSetup<Suite> {
        if let setup = CommittedSetup<Suite>(system, parallel: parallel) { return setup }
        throw JobFailure(
            code: .badInput,
            message: system.commitments.isEmpty
                ? "\(path): the circuit has no commitments, and the key has"
                : "\(path): \(SetupError.tooLarge(rows: system.constraintCount, limit: Suite.Fr.twoAdicity - 2))"
        )
    }
}
