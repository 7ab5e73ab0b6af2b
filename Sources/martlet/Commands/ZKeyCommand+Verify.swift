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

extension ZKeyCommand {
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Checks that a Groth16 key belongs to a circuit, and how it was made.",
            discussion: """
                With --ptau everything is checked: matrices, every point, each contribution, and that somebody contributed. \
                Exit code 1 names the first thing that differs. Without --ptau only the sizes and the matrices A and B are \
                compared (a zkey does not hold C), which says nothing about the points: exit code 1, or 0 with --matrices-only.
                """)

        @Option(help: ArgumentHelp("The circuit.", valueName: "file"), completion: .file())
        var r1cs: String

        @Option(
            help: ArgumentHelp("The powers of tau that the key was made from.", valueName: "file"),
            completion: .file())
        var ptau: String?

        @Option(help: ArgumentHelp("The key.", valueName: "file"), completion: .file())
        var zkey: String

        @Flag(help: "Check only the matrices A and B, not the points.")
        var matricesOnly = false

        @Option(
            help: ArgumentHelp(
                "With --ptau: repeats up to 2^n hashes of a beacon (default: \(SetupContribution<BN254>.usualBeaconLimit)); a beacon that announces more is refused.",
                valueName: "n"))
        var beaconLimit: Int?

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard ptau == nil || !matricesOnly else {
                throw ValidationError("--matrices-only cannot be used with --ptau.")
            }
            guard let beaconLimit else { return }
            guard ptau != nil else { throw ValidationError("--beacon-limit goes with --ptau only.") }
            guard (0...63).contains(beaconLimit) else {
                throw ValidationError("--beacon-limit must be from 0 to 63.")
            }
        }

        struct Report: Encodable {
            struct Contribution: Encodable {
                var name: String?
                var kind: String
                var transcript: String
            }
            enum Scope: String, Encodable {
                /// Sizes and matrices alone: there are no powers of tau to check the rest against.
                case matrices
                case full
            }
            var zkey: String
            /// All of it was checked and holds, and somebody contributed. Nil where no more than the matrices
            /// was asked for, and they hold: whether the key is valid, nobody knows then.
            var valid: Bool?
            var checked: Scope
            /// Sizes and the matrices A and B are the circuit's.
            var matricesMatch: Bool
            /// Why it is not valid, or not known to be.
            var reason: String?
            /// A key for development, or one under which anybody can forge.
            var insecure: Bool
            var circuitHash: String?
            var contributions: [Contribution]
        }

        func run() throws {
            defer { Console.endProgress() }
            Console.progress("reading \(zkey)")
            let parallel = Parallel.allCores
            let file = try ZKeyFile(MappedFile(path: zkey))
            let system: AnyR1CS
            let report: Report
            if file.header.proofSystem == .committedGroth16 {
                let key = try CommittedZKey.load(file, threads: parallel.threads, indexed: false)
                system = try AnyR1CS.load(MappedFile(path: r1cs))
                report = try verify(key, system, parallel)
            } else {
                let key = try Groth16ZKey.load(file, threads: parallel.threads)
                system = try AnyR1CS.load(MappedFile(path: r1cs))
                report = try verify(key, file, system, parallel)
            }
            Console.endProgress()
            try show(report)
            guard report.valid != false else { throw Exit.invalid }
        }

        private func show(_ report: Report) throws {
            if report.insecure, report.contributions.isEmpty,
                report.checked == .matrices || report.valid == true
            {
                InsecureNotice.print(zkey)
            }
            if let reason = report.reason { Console.error("martlet: \(zkey): \(reason)") }
            if json { return try Console.printJSON(report) }
            let verdict =
                if report.checked == .matrices && report.matricesMatch {
                    "sizes and matrices A and B are the circuit's (a zkey does not hold C); not checked against powers of tau"
                } else if report.valid == true {
                    "valid"
                } else {
                    "INVALID"
                }
            print("\(zkey): \(verdict)")
            // Of a key that does not hold nothing else is to be believed.
            guard report.valid == true || report.checked == .matrices && report.matricesMatch else { return }
            for (index, contribution) in report.contributions.enumerated() {
                let name = contribution.name.map { " \($0)" } ?? ""
                print(
                    "contribution \(index + 1)\(name) (\(contribution.kind)): \(contribution.transcript.prefix(32))…"
                )
            }
        }

        private func verify<Key: ProvingKeyOnCurve>(
            _ read: Key, _ file: ZKeyFile, _ any: AnyR1CS, _ parallel: Parallel
        ) throws -> Report {
            typealias Suite = Key.Suite
            let key = read.key
            guard let system = any.system(on: Suite.self) else {
                throw JobFailure(code: .badInput, message: "\(zkey) and \(r1cs) are for different curves")
            }
            let transcript: SetupTranscript<Suite>? =
                file.contributionCount == nil
                ? nil
                : try Groth16ZKey.transcript(of: file, Suite.self)
            let setup = try naming(r1cs) { try Groth16Setup<Suite>(system, parallel: parallel) }
            let openSecret = key.verifyingKey.openSecret
            let isDevelopment = transcript.map { Groth16Setup<Suite>.isDevelopment($0) } ?? false
            return try report(
                openSecret, isDevelopment: isDevelopment, circuitHash: transcript?.circuitHash,
                contributions: transcript?.contributions ?? []
            ) {
                try setup.verifyMatrices(of: key)
            } points: { ptau in
                guard let transcript else {
                    throw SetupError.keyDiffers("it has no section 10, so no history to verify")
                }
                var generator = SystemRandomNumberGenerator()
                let powers = try SetupFiles.checkedPowers(
                    ptau, log: setup.logDomainSize, of: Suite.self, parallel, using: &generator)
                try setup.verify(
                    key, transcript, against: powers,
                    beaconLimit: beaconLimit ?? SetupContribution<Suite>.usualBeaconLimit, using: &generator
                ) { Console.progress("verifying: \($0)") }
            }
        }

        private func verify<Key: CommittedKeyOnCurve>(
            _ read: Key, _ any: AnyR1CS, _ parallel: Parallel
        ) throws -> Report {
            typealias Suite = Key.Suite
            let key = read.committed
            guard let system = any.system(on: Suite.self) else {
                throw JobFailure(code: .badInput, message: "\(zkey) and \(r1cs) are for different curves")
            }
            let setup = try SetupFiles.committedSetup(system, of: Suite.self, r1cs, parallel)
            return try report(
                key.verifyingKey.openSecret, isDevelopment: key.transcript.isDevelopment,
                circuitHash: key.transcript.circuitHash,
                contributions: key.transcript.contributions.map(\.delta)
            ) {
                try setup.verifyCircuit(of: key)
            } points: { ptau in
                var generator = SystemRandomNumberGenerator()
                let powers = try SetupFiles.checkedPowers(
                    ptau, log: setup.logDomainSize, of: Suite.self, parallel, using: &generator)
                try setup.verify(
                    key, against: powers,
                    beaconLimit: beaconLimit ?? SetupContribution<Suite>.usualBeaconLimit, using: &generator
                ) { Console.progress("verifying: \($0)") }
            }
        }

        /// What is found of a key.
        ///
        /// - Parameters:
        ///   - matrices: what can be checked without powers of tau.
        ///   - points: all the rest, with the file of the powers.
        private func report<Suite: ComputeSuite>(
            _ openSecret: OpenSecret?, isDevelopment: Bool, circuitHash: [UInt8]?,
            contributions: [SetupContribution<Suite>], matrices: () throws -> Void,
            points: (String) throws -> Void
        ) throws -> Report {
            var report = Report(
                zkey: zkey, valid: false, checked: ptau == nil ? .matrices : .full,
                matricesMatch: false,
                insecure: isDevelopment || openSecret != nil,
                circuitHash: circuitHash.map { $0.hexadecimal },
                contributions: contributions.map {
                    Report.Contribution(
                        name: $0.name.map { ForeignText.plain($0) },
                        kind: $0.kind == 1 ? "beacon" : "contribution",
                        transcript: $0.transcript.hexadecimal)
                })
            do {
                try matrices()
                report.matricesMatch = true
                guard let ptau else {
                    report.reason =
                        if let openSecret {
                            "\(openSecret)"
                        } else if matricesOnly {
                            nil
                        } else {
                            "its points were not checked: give --ptau, or --matrices-only if the matrices are enough"
                        }
                    if report.reason == nil { report.valid = nil }
                    return report
                }
                try points(ptau)
                report.valid = true
            } catch SetupError.inconsistentPowers(let what) {
                report.reason = "\(ptau ?? ""): \(SetupError.inconsistentPowers(what))"
            } catch SetupError.keyDiffers(let what) {
                report.reason = what
            } catch SetupError.nobodyContributed {
                report.insecure = true
                report.reason = "\(openSecret ?? .onlyBeacons)"
            } catch let error as SetupError {
                throw JobFailure(error, about: ptau ?? r1cs)
            }
            return report
        }
    }
}
