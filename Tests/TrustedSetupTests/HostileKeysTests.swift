// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

private let parallel = Parallel.allCores

/// A small circuit with its key after two contributions, made from powers of which every secret is known.
private struct Ceremony<Suite: ComputeSuite> {
    typealias Scalar = Suite.Fr

    let file: HostilePowers<Suite>
    let setup: Groth16Setup<Suite>
    let witness: [Scalar]
    let powers: PowersOfTau<Suite>
    let start: (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>)
    var key: ProvingKey<Suite>
    var transcript: SetupTranscript<Suite>
    let delta: Scalar

    /// - Parameter room: how many powers of two the file is larger than the circuit's domain.
    init(
        room: Int = 0, last: HostilePowers<Suite>.Last = .missing, using generator: inout SeededGenerator
    ) throws {
        let (system, witness) = randomSystem(Scalar.self, constraints: 6, publics: 1, using: &generator)
        self.witness = witness
        setup = try Groth16Setup<Suite>(system, parallel: parallel)
        file = HostilePowers(power: setup.logDomainSize + room, last: last, using: &generator)
        powers = try file.read(log: setup.logDomainSize, parallel, using: &generator)
        start = setup.initialKey(powers)
        (key, transcript) = start
        var delta = Scalar.one
        for name in ["one", "two"] {
            let factor = Scalar.random(using: &generator)
            (key, transcript) = Self.contribute(factor, to: key, transcript, name: name, using: &generator)
            delta *= factor
        }
        self.delta = delta
    }

    /// A contribution with a known factor, of which `change` may make anything before it is hashed, and
    /// `forge` after.
    static func contribute(
        _ factor: Scalar, to key: ProvingKey<Suite>, _ transcript: SetupTranscript<Suite>, name: String = "x",
        change: (inout SetupContribution<Suite>) -> Void = { _ in },
        forge: (inout SetupContribution<Suite>) -> Void = { _ in }, proving proved: Scalar? = nil,
        using generator: inout SeededGenerator
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        var next = key
        scale(&next, by: factor)
        let s = Affine<Suite.G1>.random(using: &generator)
        var contribution = SetupContribution<Suite>(
            deltaAfter: next.delta1, g1S: s, g1SX: s.multiplied(by: proved ?? factor).affine,
            g2SPX: .identity, transcript: [], kind: 0,
            parameters: SetupContribution<Suite>.parameters(name: name))
        change(&contribution)
        var history = transcript
        contribution.transcript = transcript.hash(
            before: transcript.contributions.count, contribution.g1S, contribution.g1SX)
        forge(&contribution)
        contribution.g2SPX =
            SetupTranscript<Suite>.challenge(contribution.transcript).multiplied(
                by: proved ?? factor
            ).affine
        history.contributions.append(contribution)
        return (next, history)
    }

    /// Multiplies δ, and divides C and H.
    static func scale(_ key: inout ProvingKey<Suite>, by factor: Scalar) {
        key.verifyingKey.delta2 = key.verifyingKey.delta2.multiplied(by: factor).affine
        key.delta1 = key.delta1.multiplied(by: factor).affine
        key.c = PointTable(Suite.G1.cpuMultiplyAll(key.c, by: factor.inverse()!, parallel))
        key.h = PointTable(Suite.G1.cpuMultiplyAll(key.h, by: factor.inverse()!, parallel))
    }

    /// Adds scalar·G to a point of a table.
    static func add(_ scalar: Scalar, to table: inout PointTable<Suite.G1>, at index: Int) {
        add(Suite.G1.generator.multiplied(by: scalar).affine, to: &table, at: index)
    }

    static func add(_ point: Affine<Suite.G1>, to table: inout PointTable<Suite.G1>, at index: Int) {
        table = PointTable(
            (0..<table.count).map { $0 == index ? (Jacobian(table[$0]) + point).affine : table[$0] })
    }

    /// Adds delta·G to the coefficient of degree k of the H points: Σ −2·ω^((2i+1)k)·Hᵢ.
    static func addToH(_ delta: Scalar, degree k: Int, of key: inout ProvingKey<Suite>) {
        let n = key.domainSize
        let root = EvaluationDomain<Scalar>.root(log: key.logDomainSize + 1)
        let scale = (-Scalar(UInt64(2 * n))).inverse()! * delta
        for i in 0..<n {
            let factor = root.power(UInt64((2 * i + 1) * k)).inverse()!
            add(factor * scale, to: &key.h, at: i)
        }
    }

    func verify(
        _ key: ProvingKey<Suite>? = nil, _ transcript: SetupTranscript<Suite>? = nil,
        without skipped: SetupCheck? = nil, using generator: inout SeededGenerator
    ) throws {
        try setup.verify(
            key ?? self.key, transcript ?? self.transcript, against: powers, without: skipped,
            using: &generator)
    }
}

/// Keys and contributions of which one thing is wrong, on both curves.
@Suite struct HostileKeysTests {
    private func checkTop<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        typealias Scalar = Suite.Fr
        var generator = SeededGenerator.fresh()
        for (room, last) in [
            (0, HostilePowers<Suite>.Last.missing), (0, .power), (1, .missing),
        ] {
            let ceremony = try Ceremony<Suite>(room: room, last: last, using: &generator)
            try ceremony.verify(using: &generator)
            let n = ceremony.setup.logDomainSize == 0 ? 1 : 1 << ceremony.setup.logDomainSize
            let tau = ceremony.file.tau1
            let given = room > 0 ? tau[2 * n - 1] : ceremony.file.last
            let inverse = ceremony.delta.inverse()!
            func refuses(_ degree: Int, _ delta: Scalar) -> Bool {
                var key = ceremony.key
                Ceremony<Suite>.addToH(delta * inverse, degree: degree, of: &key)
                var generator = generator
                return (try? ceremony.verify(key, using: &generator)) == nil
            }
            for degree in 0..<n {
                #expect(refuses(degree, .random(using: &generator)), "degree \(degree) of \(n)")
            }
            // The coefficient of degree n − 1 is τ^(2n−1) − τ^(n−1) now, the first as the file gives it. It
            // may be zero, as of keys imported from bellman, and what a file without τ^(2n−1) gives.
            let coefficient = given - tau[n - 1]
            #expect(!refuses(n - 1, -coefficient), "zero, room \(room)")
            #expect(!refuses(n - 1, -given), "without the last power, room \(room)")
            // And nothing that is near.
            for wrong in [coefficient, tau[n - 1], -tau[n - 1] - given, .one, coefficient * ceremony.delta] {
                let allowed = [-coefficient, -given, .zero].contains(wrong)
                #expect(refuses(n - 1, wrong) != allowed, "room \(room)")
            }
            // Such keys prove.
            var key = ceremony.key
            Ceremony<Suite>.addToH(-coefficient * inverse, degree: n - 1, of: &key)
            #expect(try proves(key, ceremony.witness, using: &generator))
        }
    }

    /// Each coefficient of the H points, and what the one of degree n − 1 may be.
    @Test func theHPointsAreThePowersDegreeByDegree() throws {
        try checkTop(BN254.self)
        try checkTop(BLS12381.self)
    }

    private func checkPoints<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<Suite>(using: &generator)
        func expectRefused(_ what: String, _ change: (inout ProvingKey<Suite>) -> Void) {
            var key = ceremony.key
            change(&key)
            #expect(throws: SetupError.self, "\(what)") { try ceremony.verify(key, using: &generator) }
        }
        let delta = Suite.Fr.random(using: &generator)
        for index in 0..<ceremony.key.a.count {
            expectRefused("A \(index)") { Ceremony<Suite>.add(delta, to: &$0.a, at: index) }
            expectRefused("B1 \(index)") { Ceremony<Suite>.add(delta, to: &$0.b1, at: index) }
            expectRefused("B2 \(index)") { key in
                key.b2 = PointTable(
                    (0..<key.b2.count).map {
                        $0 == index ? Affine<Suite.G2>.random(using: &generator) : key.b2[$0]
                    })
            }
        }
        for index in 0..<ceremony.key.c.count {
            expectRefused("C \(index)") { Ceremony<Suite>.add(delta, to: &$0.c, at: index) }
        }
        for index in ceremony.key.verifyingKey.ic.indices {
            expectRefused("IC \(index)") { $0.verifyingKey.ic[index] = .random(using: &generator) }
        }
    }

    @Test func everyPointOfAKeyCounts() throws {
        try checkPoints(BN254.self)
        try checkPoints(BLS12381.self)
    }

    /// A key that only one check refuses, so that with it switched off it passes.
    private func passing<Suite: ComputeSuite>(
        without check: SetupCheck, _ ceremony: Ceremony<Suite>, using generator: inout SeededGenerator
    ) throws -> [(key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>)] {
        typealias Scalar = Suite.Fr
        typealias Made = Ceremony<Suite>
        var (key, transcript) = (ceremony.key, ceremony.transcript)
        let delta = Scalar.random(using: &generator)
        func contributed(
            _ factor: Scalar = delta, change: (inout SetupContribution<Suite>) -> Void = { _ in },
            forge: (inout SetupContribution<Suite>) -> Void = { _ in }, proving: Scalar? = nil
        ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
            Made.contribute(
                factor, to: key, transcript, change: change, forge: forge, proving: proving,
                using: &generator)
        }
        switch check {
        case .matrices:
            let system = ceremony.setup.system
            var other = R1CS<Scalar>(
                wireCount: system.wireCount, publicOutputCount: 0, publicInputCount: system.publicCount,
                privateInputCount: 0)
            for row in 0..<system.constraintCount {
                for matrix in 0..<3 {
                    other.append(
                        combination: system.combination(matrix, of: row).map {
                            R1CS<Scalar>.Term(wire: $0.wire, coefficient: $0.coefficient + .one)
                        })
                }
            }
            key.coefficients = try Groth16Setup<Suite>(other, parallel: parallel).development(
                using: &generator
            ).key.coefficients
        case .alpha: key.verifyingKey.alpha1 = .random(using: &generator)
        case .beta:
            var other = key
            other.verifyingKey.beta2 = .random(using: &generator)
            key.beta1 = .random(using: &generator)
            return [(key, transcript), (other, transcript)]
        case .gamma: key.verifyingKey.gamma2 = .random(using: &generator)
        case .publicPoints: key.verifyingKey.ic[1] = .random(using: &generator)
        case .aPoints: Made.add(delta, to: &key.a, at: 1)
        case .b1Points: Made.add(delta, to: &key.b1, at: 2)
        case .b2Points:
            key.b2 = PointTable((0..<key.b2.count).map { _ in .random(using: &generator) })
        case .cPoints: Made.add(delta, to: &key.c, at: 0)
        case .hPoints: Made.addToH(delta, degree: 1, of: &key)
        case .hTop: Made.addToH(delta, degree: key.domainSize - 1, of: &key)
        case .keyInSubgroup:
            guard Suite.id == .bls12381 else { return [] }
            var other = key
            Made.add(pointOfOrderThree(Suite.self, using: &generator), to: &key.c, at: 0)
            Made.add(pointOfOrderThree(Suite.self, using: &generator), to: &other.h, at: 3)
            return [(key, transcript), (other, transcript)]
        case .circuitHash:
            (key, transcript) = ceremony.start
            transcript.circuitHash[5] ^= 1
            return [contributed()]
        case .contributed:
            let start = ceremony.start
            func beacon(
                on made: (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>)
            ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
                made.transcript.contributing(
                    to: made.key, beacon: .init(value: [7], logIterations: 3), name: "", parallel: parallel)
            }
            func by(
                _ factor: Scalar, on made: (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>)
            ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
                Made.contribute(factor, to: made.key, made.transcript, using: &generator)
            }
            // Nobody; only a beacon; a factor of ±1; two factors that cancel: everybody knows δ.
            let cancelling = by(delta.inverse()!, on: by(delta, on: start))
            return [
                start, beacon(on: start), by(.one, on: start), beacon(on: by(.one, on: start)),
                beacon(on: by(-.one, on: start)), cancelling, beacon(on: cancelling),
            ]
        case .transcript: return [contributed(forge: { $0.transcript[7] ^= 1 })]
        case .knowledge:
            return [contributed(change: { $0.g1SX = .random(using: &generator) })]
        case .factor: return [contributed(proving: delta + .one)]
        case .lastDelta:
            Made.scale(&key, by: delta)
        case .sameDelta:
            // δ in G2 alone, with C and H over it.
            let delta1 = key.delta1
            Made.scale(&key, by: delta)
            key.delta1 = delta1
        case .parameters:
            return [
                contributed(change: { $0.kind = 2 }), contributed(change: { $0.kind = 1 }),
                contributed(change: { $0.parameters = [1, 9, 65] }),
                contributed(change: { $0.parameters = [4, 1, 65] }),
                contributed(change: { $0.parameters = [1, 1, 65, 1, 1, 66] }),
                contributed(change: { $0.parameters = [1, 2, 0xff, 0xfe] }),
                contributed(change: { $0.parameters = [2, 10, 3, 1, 7] }),
            ]
        case .beacon:
            return [
                contributed(change: {
                    $0.kind = 1
                    $0.parameters = [1, 1, 66, 2, 10, 3, 2, 1, 2]
                })
            ]
        default: return []
        }
        return [(key, transcript)]
    }

    private func check<Suite: ComputeSuite>(_ check: SetupCheck, _ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<Suite>(using: &generator)
        let files = try passing(without: check, ceremony, using: &generator)
        #expect(!files.isEmpty || check == .keyInSubgroup)
        for (number, file) in files.enumerated() {
            #expect(throws: SetupError.self, "\(check), key \(number)") {
                try ceremony.verify(file.key, file.transcript, using: &generator)
            }
            #expect(throws: Never.self, "\(check), key \(number) is refused without the check as well") {
                try ceremony.verify(file.key, file.transcript, without: check, using: &generator)
            }
        }
    }

    /// The checks that are not those of powers of tau.
    @Test(arguments: SetupCheck.allCases.drop { $0 != .matrices }) func eachCheckIsNeeded(
        _ check: SetupCheck
    ) throws {
        try self.check(check, BN254.self)
        try self.check(check, BLS12381.self)
    }

    private func checkBeforeContribution<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<Suite>(using: &generator)
        func refusal(
            _ key: ProvingKey<Suite>, _ transcript: SetupTranscript<Suite>
        ) -> String? {
            do throws(SetupError) {
                try transcript.verifyBeforeContribution(to: key, parallel: parallel, using: &generator)
                return nil
            } catch {
                return error.message
            }
        }
        // What may be continued: the beginning, contributions, beacons however long, and where everybody
        // knows δ.
        #expect(refusal(ceremony.start.key, ceremony.start.transcript) == nil)
        #expect(refusal(ceremony.key, ceremony.transcript) == nil)
        var open = try passing(without: .contributed, ceremony, using: &generator)
        // A contribution of ±1 says that nobody contributed, in every verification to come.
        let idle = open.remove(at: 2)
        #expect(refusal(idle.key, idle.transcript)?.contains("contribution 1: it left delta") == true)
        for file in [open[0], open[1], open[4], open[5]] {
            #expect(refusal(file.key, file.transcript) == nil)
        }
        var (key, transcript) = open[1]
        let at = transcript.contributions[0].parameters.firstIndex(of: 2)! + 1
        transcript.contributions[0].parameters[at] = 63
        #expect(refusal(key, transcript) == nil, "a beacon that nobody can repeat here")
        transcript.contributions[0].parameters[at] = 12
        #expect(refusal(key, transcript)?.contains("does not follow from the beacon") == true)
        // What may not.
        let expected: [(SetupCheck, String)] = [
            (.beta, "beta differs"), (.gamma, "gamma is not one"), (.b1Points, "the points of B differ"),
            (.b2Points, "the points of B differ"), (.transcript, "contribution 3: its transcript"),
            (.knowledge, "contribution 3: its proof of knowledge"),
            (.factor, "contribution 3: it did not multiply delta"),
            (.lastDelta, "delta is not what the contributions lead to"),
            (.sameDelta, "delta differs between G1 and G2"), (.parameters, "contribution 3: it"),
            (.beacon, "does not follow from the beacon"),
        ]
        for (check, words) in expected {
            for file in try passing(without: check, ceremony, using: &generator) {
                let found = refusal(file.key, file.transcript)
                #expect(found?.contains(words) == true, "\(check): \(found ?? "taken")")
            }
        }
        // α = 1, which no contribution to the second phase hides.
        (key, transcript) = (ceremony.key, ceremony.transcript)
        key.verifyingKey.alpha1 = -Suite.G1.generator
        #expect(refusal(key, transcript)?.contains("alpha is 1") == true)
        // An earlier contribution that is changed.
        transcript.contributions[0].g1S = .random(using: &generator)
        #expect(refusal(ceremony.key, transcript)?.contains("contribution 1: its transcript") == true)

        // A key for development has a first δ that nobody knows.
        let made = ceremony.setup.development(using: &generator)
        #expect(refusal(made.key, made.transcript) == nil)
        (key, transcript) = made.transcript.contributing(
            to: made.key, name: "one", parallel: parallel, using: &generator)
        (key, transcript) = transcript.contributing(
            to: key, name: "two", parallel: parallel, using: &generator)
        #expect(refusal(key, transcript) == nil)
        transcript.contributions[0].transcript[0] ^= 1
        #expect(refusal(key, transcript)?.contains("contribution 1: its transcript") == true)
        // And is no way around the checks for others.
        transcript = ceremony.transcript
        transcript.circuitHash = made.transcript.circuitHash
        #expect(refusal(ceremony.key, transcript)?.contains("contribution 1: its transcript") == true)
    }

    /// Nobody is to spend a contribution on a key that no verification accepts, as far as it shows it.
    @Test func whatIsSeenBeforeAContribution() throws {
        try checkBeforeContribution(BN254.self)
        try checkBeforeContribution(BLS12381.self)
    }

    /// A key's points in files, with one of them outside the subgroup.
    @Test func pointsOutsideTheSubgroupAreFoundInFiles() throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<BLS12381>(using: &generator)
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).zkey").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func refusal(_ key: ProvingKey<BLS12381>) throws -> FormatError? {
            try Groth16ZKey.write(key, transcript: ceremony.transcript, to: path)
            let file = try ZKeyFile(MappedFile(path: path))
            _ = try Groth16ZKey.load(file)
            do throws(FormatError) {
                _ = try Groth16ZKey.load(file, threads: 2, checksSubgroups: true)
                return nil
            } catch {
                return error
            }
        }
        #expect(try refusal(ceremony.key) == nil)
        let three = pointOfOrderThree(BLS12381.self, using: &generator)
        let tables: [(UInt32, WritableKeyPath<ProvingKey<BLS12381>, PointTable<BLS12381.G1>>)] = [
            (5, \.a), (6, \.b1), (8, \.c), (9, \.h),
        ]
        for (section, table) in tables {
            var key = ceremony.key
            Ceremony<BLS12381>.add(three, to: &key[keyPath: table], at: 2)
            let error = try refusal(key)
            #expect(error?.reason == .pointNotInSubgroup && error?.place.section == section)
            #expect(error?.place.index == 2)
        }
        var key = ceremony.key
        let outside = Self.pointOfTheTwist(using: &generator)
        key.b2 = PointTable((0..<key.b2.count).map { $0 == 1 ? outside : key.b2[$0] })
        let error = try refusal(key)
        #expect(error?.reason == .pointNotInSubgroup && error?.place.section == 7 && error?.place.index == 1)
    }

    /// A point that is on the twist and, as nearly all of its points, not in the subgroup.
    private static func pointOfTheTwist(using generator: inout SeededGenerator) -> Affine<BLS12381.G2> {
        while true {
            let x = BLS12381.Fp2.random(using: &generator)
            guard let y = (x.squared() * x + BLS12381.G2.b).squareRoot() else { continue }
            let point = Affine<BLS12381.G2>(x: x, y: y)
            if !BLS12381.G2.isInSubgroup(point) { return point }
        }
    }

    /// Powers whose doubled basis holds something else in the place of the last power, as the audit forged
    /// with: neither they nor keys of them pass.
    @Test func theAuditsForgeryIsRefused() throws {
        var generator = SeededGenerator.fresh()
        let (system, _) = randomSystem(BN254.Fr.self, constraints: 6, publics: 1, using: &generator)
        let setup = try Groth16Setup<BN254>(system, parallel: parallel)
        let good = HostilePowers<BN254>(power: setup.logDomainSize, using: &generator)
        var bad = good
        bad.last = .random(using: &generator)
        let error = #expect(throws: PowersOfTau<BN254>.Unusable.self) {
            try bad.read(log: setup.logDomainSize, parallel, using: &generator)
        }
        #expect(error.map { "\($0)".contains("can forge proofs") } == true)
        // A key of them against the powers that they should have been.
        let forged = setup.initialKey(
            try bad.read(
                log: setup.logDomainSize, without: .doubledLagrange, parallel, using: &generator))
        let (key, history) = forged.transcript.contributing(
            to: forged.key, name: "mallory", parallel: parallel, using: &generator)
        let powers = try good.read(log: setup.logDomainSize, parallel, using: &generator)
        let refused = #expect(throws: SetupError.self) {
            try setup.verify(key, history, against: powers, using: &generator)
        }
        #expect(
            refused.map { "\($0)".contains("can forge proofs") } == true, "\(String(describing: refused))")
    }

    private func checkBeacon<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<Suite>(using: &generator)
        let (key, transcript) = ceremony.transcript.contributing(
            to: ceremony.key, beacon: .init(value: [1, 2, 3], logIterations: 4), name: "round 7",
            parallel: parallel)
        try ceremony.verify(key, transcript, using: &generator)
        let change: [(inout SetupContribution<Suite>) -> Void] = [
            { $0.parameters[$0.parameters.count - 1] = 4 },
            { $0.parameters[$0.parameters.firstIndex(of: 2)! + 1] = 5 },
        ]
        for change in change {
            var other = transcript
            change(&other.contributions[2])
            let error = #expect(throws: SetupError.self) {
                try ceremony.verify(key, other, using: &generator)
            }
            #expect(error.map { "\($0)".contains("beacon") } == true)
        }
        // One that announces more than anybody waits for ends at once.
        var endless = transcript
        endless.contributions[2].parameters[endless.contributions[2].parameters.firstIndex(of: 2)! + 1] = 63
        let error = #expect(throws: SetupError.self) { try ceremony.verify(key, endless, using: &generator) }
        #expect(error.map { "\($0)".contains("2^63") } == true)
    }

    @Test func beaconsFollowFromTheirValue() throws {
        try checkBeacon(BN254.self)
        try checkBeacon(BLS12381.self)
    }
}
