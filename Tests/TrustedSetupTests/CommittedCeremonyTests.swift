// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import TestSupport
import Testing
import TrustedSetup

private let parallel = Parallel(threads: 2)

/// Keys with commitments from powers of tau: contributions, beacons, and what each check of them is for.
@Suite struct CommittedCeremonyTests {
    /// A circuit, powers of which every secret is known, and the key after two contributions.
    private struct Ceremony<Suite: ComputeSuite> {
        typealias Scalar = Suite.Fr

        let setup: CommittedSetup<Suite>
        let powers: PowersOfTau<Suite>
        let start, key: CommittedKey<Suite>

        init(hash: CommitmentHash = .sha256, using generator: inout SeededGenerator) throws {
            setup = try #require(
                CommittedSetup<Suite>(CommittedCircuit<Suite>.system(), parallel: parallel))
            let file = HostilePowers<Suite>(power: setup.logDomainSize, using: &generator)
            powers = try file.read(log: setup.logDomainSize, parallel, using: &generator)
            start = try setup.initialKey(powers, hash: hash)
            key = try start.contributing(name: "one", parallel: parallel, using: &generator)
                .contributing(name: "two", parallel: parallel, using: &generator)
        }

        func fault(
            _ key: CommittedKey<Suite>, without skipped: CommittedCheck? = nil,
            using generator: inout SeededGenerator
        ) -> SetupError? {
            do throws(SetupError) {
                try setup.verify(
                    key, against: powers, beaconLimit: 10, without: skipped, using: &generator)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func keysOfCeremoniesProve() throws {
        var generator = SeededGenerator.fresh()
        try keysProve(BN254.self, .poseidon, &generator)
        try keysProve(BLS12381.self, .sha256, &generator)
    }

    private func keysProve<Suite: ComputeSuite>(
        _: Suite.Type, _ hash: CommitmentHash, _ generator: inout SeededGenerator
    ) throws {
        let ceremony = try Ceremony<Suite>(hash: hash, using: &generator)
        // The same start from the same powers, whoever makes it.
        #expect(
            ceremony.start.verifyingKey
                == (try ceremony.setup.initialKey(ceremony.powers, hash: hash)).verifyingKey)
        #expect(ceremony.start.verifyingKey.openSecret == .deltaIsGamma)
        #expect(ceremony.fault(ceremony.start, using: &generator) == .nobodyContributed)
        #expect(ceremony.fault(ceremony.key, using: &generator) == nil)
        #expect(try CommittedCircuit<Suite>.proves(ceremony.key, using: &generator))
        let beacon = SetupContribution<Suite>.Beacon(value: [1, 2, 3], logIterations: 4)
        let last = try ceremony.key.contributing(beacon: beacon, name: "beacon", parallel: parallel)
        #expect(ceremony.fault(last, using: &generator) == nil)
        #expect(last.verifyingKey.openSecret == nil)
        #expect(try CommittedCircuit<Suite>.proves(last, using: &generator))
        let entries = last.transcript.contributions.map(\.delta)
        #expect(entries.map(\.name) == ["one", "two", "beacon"] && entries[2].beacon == beacon)
        // What is checked before a contribution holds at every step, before the first one as well.
        for key in [ceremony.start, ceremony.key, last] {
            try key.verifyBeforeContribution(parallel: parallel, using: &generator)
        }
        let development = try ceremony.setup.developmentKey(hash: hash, using: &generator)
        #expect(development.transcript.isDevelopment && !last.transcript.isDevelopment)
        let next = try development.contributing(name: "", parallel: parallel, using: &generator)
        try next.verifyBeforeContribution(parallel: parallel, using: &generator)
        #expect(try CommittedCircuit<Suite>.proves(next, using: &generator))
        #expect(throws: SetupError.self) {
            try ceremony.setup.verify(next, against: ceremony.powers, using: &generator)
        }
    }

    /// The circuit hash is over the lists of wires: another list is another ceremony.
    @Test func theCircuitHashCoversTheLists() throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<BN254>(using: &generator)
        var seen = [ceremony.start.transcript.circuitHash]
        func hash(_ change: (inout [WireCommitment]) -> Void) throws -> [UInt8] {
            var lists = CommittedCircuit<BN254>.commitments
            change(&lists)
            let setup = try #require(
                CommittedSetup<BN254>(
                    CommittedCircuit<BN254>.system(lists), parallel: parallel))
            return try setup.initialKey(ceremony.powers, hash: .sha256).transcript.circuitHash
        }
        #expect(try hash { _ in } == seen[0])
        seen.append(try hash { $0[0].committed = [3, 4] })
        seen.append(try hash { $0[0].hashed = [] })
        seen.append(try hash { $0[0].hashed = [1, 2] })
        seen.append(try hash { $0[1].hashed = [1] })
        seen.append(try hash { $0[1].challenge = 10 })
        seen.append(try hash { $0.removeLast() })
        #expect(Set(seen).count == seen.count)
        #expect(
            try ceremony.setup.initialKey(ceremony.powers, hash: .keccak256).transcript.circuitHash == seen[0]
        )
    }

    /// A hostile key for a check, what the check says of it, and whether nothing else refuses it.
    private struct Hostile<Suite: ComputeSuite> {
        var key: CommittedKey<Suite>
        var says: String
        var isAlone = true
    }

    private func hostile<Suite: ComputeSuite>(
        _ check: CommittedCheck, _ ceremony: Ceremony<Suite>, _ generator: inout SeededGenerator
    ) throws -> [Hostile<Suite>] {
        typealias Parts = CommittedKeyParts<Suite>
        func random() -> Suite.Fr { .random(using: &generator) }
        func point() -> Affine<Suite.G1> { .random(using: &generator) }
        func point2() -> Affine<Suite.G2> { .random(using: &generator) }
        func changed(
            _ says: String, alone: Bool = true, _ change: (inout Parts) -> Void
        ) throws -> Hostile<Suite> {
            var parts = Parts(ceremony.key)
            change(&parts)
            return Hostile(key: try parts.make(), says: says, isAlone: alone)
        }
        /// The same before the contributions.
        func begun(_ says: String, _ change: (inout Parts) -> Void) throws -> Hostile<Suite> {
            var parts = Parts(ceremony.start)
            change(&parts)
            parts.contribute([random(), random(), random()], using: &generator)
            return Hostile(key: try parts.make(), says: says)
        }
        func forged(
            _ says: String, _ forgery: Parts.Forgery = Parts.Forgery(), factors: [Suite.Fr]? = nil
        ) throws -> Hostile<Suite> {
            var parts = Parts(ceremony.key)
            parts.contribute(factors ?? [random(), random(), random()], forgery, using: &generator)
            return Hostile(key: try parts.make(), says: says)
        }
        switch check {
        case .matrices:
            let other = try #require(
                CommittedSetup<Suite>(CommittedCircuit<Suite>.system(scale: Suite.Fr(2)), parallel: parallel))
            let matrices = try other.developmentKey(hash: .sha256, using: &generator).provingKey.coefficients
            return [try changed("matrices") { $0.coefficients = matrices }]
        case .lists:
            return [
                try changed("commitment 0 hashes other wires") { $0.commitments[0].hashed = [] },
                try changed("commitment 1 hashes other wires") { $0.commitments[1].hashed = [7] },
                try changed("commitment 0 hashes other wires") { $0.commitments[0].hashed = [1, 2] },
                try changed("commitment 1 has another challenge") { $0.commitments[1].challenge = 10 },
                // One wire left out: everything else fits.
                try changed("commitment 0 is to other wires", alone: false) {
                    $0.commitments[0].committed.remove(at: 1)
                    $0.bases[0].remove(at: 1)
                    $0.sigmaBases[0].remove(at: 1)
                },
                try changed("commitment 0 is to other wires") { $0.commitments[0].committed = [3, 4, 6] },
            ]
        case .places:
            // a is committed to, and c is a challenge: with a point over delta each could be chosen anew.
            return try [3, 7].map { wire in
                try changed("has a point over delta") { $0.c[wire - 3] = point() }
            }
        case .alpha: return [try changed("alpha") { $0.alpha1 = point() }]
        case .beta:
            return [
                try changed("beta") { $0.beta1 = point() }, try changed("beta") { $0.beta2 = point2() },
            ]
        case .gamma: return [try changed("gamma is not one") { $0.gamma2 = point2() }]
        case .generator:
            let factor = random()
            return [
                try begun("generator") {
                    $0.generator = $0.generator.multiplied(by: factor).affine
                    $0.negativeSigmas = $0.negativeSigmas.map { $0.multiplied(by: factor).affine }
                }
            ]
        case .publicPoints:
            return try (0..<5).map { index in try changed("IC") { $0.ic[index] = point() } }
        case .aPoints: return [try changed("A points") { $0.a[3] = point() }]
        case .b1Points: return [try changed("B1 points") { $0.b1[3] = point() }]
        case .b2Points: return [try changed("B2 points") { $0.b2[3] = point2() }]
        case .bases:
            return try (0..<2).map { k in
                try begun("basis of commitment \(k) is not the circuit's") {
                    $0.bases[k][1] = point()
                    $0.sigmaBases[k][1] = $0.bases[k][1].multiplied(by: Suite.Fr(UInt64(k + 2))).affine
                }
            }
        case .circuitHash:
            return [try begun("circuit hash") { $0.transcript.circuitHash[7] ^= 1 }]
        case .inSubgroup:
            guard Suite.id == .bls12381 else { return [] }
            let stranger = pointOfOrderThree(Suite.self, using: &generator)
            func moved(_ point: Affine<Suite.G1>) -> Affine<Suite.G1> {
                (Jacobian(point) + stranger).affine
            }
            return [
                try changed("C points are outside") { $0.c[7] = moved($0.c[7]) },
                try changed("H points are outside") { $0.h[1] = moved($0.h[1]) },
                try changed("basis of commitment 1 times sigma is outside") {
                    $0.sigmaBases[1][0] = moved($0.sigmaBases[1][0])
                },
            ]
        case .cPoints: return [try changed("C points are not") { $0.c[7] = point() }]
        case .hPoints:
            return try [0, ceremony.key.provingKey.h.count - 2].map { index in
                try changed("H points are not") { $0.h[index] = point() }
            }
        case .hTop:
            return [try changed("degree 7") { $0.h[$0.h.count - 1] = point() }]
        case .sigmaBases:
            return [
                try changed("commitment 1 times sigma") { $0.sigmaBases[1][0] = point() },
                try changed("commitment 0 times sigma") { $0.sigmaBases[0].swapAt(0, 2) },
                // The first one's sigma for both.
                try changed("commitment 1 times sigma") { parts in
                    let inverse = Suite.Fr(3).inverse()! * Suite.Fr(2)
                    parts.sigmaBases[1] = parts.sigmaBases[1].map { $0.multiplied(by: inverse).affine }
                },
            ]
        case .contributed:
            let beacon = SetupContribution<Suite>.Beacon(value: [9], logIterations: 3)
            var cancelled = Parts(ceremony.start)
            let (x, y) = (random(), random())
            cancelled.contribute([x, y, random()], using: &generator)
            cancelled.contribute([random(), y.inverse()!, random()], using: &generator)
            // One number for several secrets, or its inverse, and with a beacon of which everybody knows the
            // factors.
            let related = try [[x, x, y], [x, y, x], [y, x, x], [y, x, -x], [x, x.inverse()!, y]].flatMap {
                factors in
                var parts = Parts(ceremony.start)
                parts.contribute(factors, using: &generator)
                let key = try parts.make()
                return try [key, key.contributing(beacon: beacon, name: "", parallel: parallel)].map {
                    Hostile(key: $0, says: "everybody knows")
                }
            }
            return related + [
                Hostile(key: ceremony.start, says: "nobody has contributed"),
                Hostile(
                    key: try ceremony.start.contributing(beacon: beacon, name: "", parallel: parallel),
                    says: "nobody has contributed"),
                // To all but one.
                try forged("left delta as it was", factors: [.one, x, y]),
                try forged("left sigma of commitment 0 as it was", factors: [x, -.one, y]),
                try forged("left sigma of commitment 1 as it was", factors: [x, y, .one]),
                Hostile(key: try cancelled.make(), says: "nobody has contributed"),
            ]
        case .parameters:
            return [
                try forged("of kind 2", Parts.Forgery(kind: 2)),
                try forged("parameters", Parts.Forgery(parameters: [1, 5, 65])),
            ]
        case .transcript:
            return [try forged("transcript is not the hash", Parts.Forgery(flips: true))]
        case .deltaKnowledge:
            return [try forged("proof of knowledge for delta", Parts.Forgery(pairs: [0: random()]))]
        case .sigmaKnowledge:
            return try (1...2).map { k in
                try forged(
                    "proof of knowledge for sigma of commitment \(k - 1)",
                    Parts.Forgery(shown: [k: random()]))
            }
        case .deltaFactor:
            let other = random()
            return [
                try forged("did not multiply delta", Parts.Forgery(pairs: [0: other], shown: [0: other]))
            ]
        case .sigmaFactor:
            let other = random()
            return try (1...2).map { k in
                try forged(
                    "did not multiply sigma of commitment \(k - 1)",
                    Parts.Forgery(pairs: [k: other], shown: [k: other]))
            }
        case .lastDelta: return [try changed("delta is not what") { $0.scaleDelta(by: random()) }]
        case .lastSigma:
            return try (0..<2).map { k in
                try changed("sigma of commitment \(k) is not what") { $0.scaleSigma(k, by: random()) }
            }
        case .sameDelta: return [try changed("delta differs") { $0.scaleDelta2(by: random()) }]
        case .beacon:
            let parameters: [UInt8] = [2, 3, 3, 2, 5, 6]
            return [try forged("do not follow", Parts.Forgery(kind: 1, parameters: parameters))]
        }
    }

    @Test(arguments: CommittedCheck.allCases)
    func everyCheckIsForSomething(check: CommittedCheck) throws {
        var generator = SeededGenerator.fresh()
        var count = try refuses(BN254.self, check, &generator)
        if check == .inSubgroup { count += try refuses(BLS12381.self, check, &generator) }
        #expect(count > 0)
    }

    private func refuses<Suite: ComputeSuite>(
        _: Suite.Type, _ check: CommittedCheck, _ generator: inout SeededGenerator
    ) throws -> Int {
        let ceremony = try Ceremony<Suite>(using: &generator)
        let keys = try hostile(check, ceremony, &generator)
        for (index, hostile) in keys.enumerated() {
            let found = ceremony.fault(hostile.key, using: &generator)
            #expect(found?.message.contains(hostile.says) == true, "\(index): \(String(describing: found))")
            guard hostile.isAlone else { continue }
            let without = ceremony.fault(hostile.key, without: check, using: &generator)
            #expect(without == nil, "\(index)")
        }
        return keys.count
    }

    /// A key that nothing mends is not contributed to.
    @Test func brokenKeysAreNotContributedTo() throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<BN254>(using: &generator)
        for check in [
            .gamma, .generator, .b2Points, .sigmaBases, .transcript, .deltaKnowledge, .sigmaKnowledge,
            .deltaFactor, .sigmaFactor, .lastDelta, .lastSigma, .sameDelta, .beacon, .parameters, .places,
            .hTop,
        ] as [CommittedCheck] {
            for hostile in try hostile(check, ceremony, &generator) {
                #expect(throws: SetupError.self, "\(check)") {
                    try hostile.key.verifyBeforeContribution(parallel: parallel, using: &generator)
                }
            }
        }
    }

    /// σ that everybody knows by another of the key's secrets.
    @Test func sigmaIsNoOtherSecret() throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<BN254>(using: &generator)
        for (name, point) in [
            ("delta", ceremony.key.verifyingKey.delta2), ("beta", -ceremony.key.verifyingKey.beta2),
        ] {
            var parts = CommittedKeyParts(ceremony.key)
            parts.negativeSigmas[1] = point
            #expect(
                try parts.make().verifyingKey.openSecret == .related("sigma of commitment 1 is \(name)"))
        }
        // Nor what everybody knows, where somebody contributed to δ alone.
        for k in 0..<2 {
            var parts = CommittedKeyParts(ceremony.start)
            parts.scaleDelta(by: .random(using: &generator))
            parts.scaleSigma(1 - k, by: .random(using: &generator))
            let secret = try parts.make().verifyingKey.openSecret
            #expect(
                secret == .related("sigma of commitment \(k) is \(k + 2): nobody has contributed to it"))
            #expect(secret?.description.contains("anybody can forge") == true)
        }
    }

    /// Contributors who took one random number for several secrets: their ratios are those of the beginning.
    @Test func secretsHaveFactorsOfTheirOwn() throws {
        var generator = SeededGenerator.fresh()
        let ceremony = try Ceremony<BN254>(using: &generator)
        func secret(_ delta: BN254.Fr, _ sigmas: [BN254.Fr]) throws -> OpenSecret? {
            var parts = CommittedKeyParts(ceremony.start)
            parts.scaleDelta(by: delta)
            for (k, sigma) in sigmas.enumerated() { parts.scaleSigma(k, by: sigma) }
            return try parts.make().verifyingKey.openSecret
        }
        let factors = (0..<3).map { _ in BN254.Fr.random(using: &generator) }
        #expect(try secret(factors[0], [factors[1], factors[2]]) == nil)
        for sign in [BN254.Fr.one, -.one] {
            #expect(
                try secret(factors[0], [factors[1], sign * factors[1]])
                    == .related("sigma of commitments 0 and 1 are as 2 to 3"))
            #expect(
                try secret(factors[0], [factors[1], sign * factors[0]])
                    == .related("sigma of commitment 1 is 3 times delta"))
        }
    }
}
