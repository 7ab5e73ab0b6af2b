// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofAggregation
import ProofFixtures
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

private let parallel = Parallel(threads: 2)

/// A circuit's key with known secrets, two setups of powers, and proofs with public inputs.
struct Aggregation<Suite: ComputeSuite> {
    let circuit: SimulatedKey<Suite>
    let key: AggregationKey<Suite>
    let items: [Aggregator<Suite>.Item]

    init(proofs: Int, publicCount: Int = 2, capacity: Int, using generator: inout SeededGenerator) {
        circuit = SimulatedKey(publicCount: publicCount, using: &generator)
        key = AggregationKey(
            first: Self.powers(of: .random(using: &generator), capacity),
            second: Self.powers(of: .random(using: &generator), capacity))
        var items: [Aggregator<Suite>.Item] = []
        for _ in 0..<proofs {
            let inputs = (0..<publicCount).map { _ in Suite.Fr.random(using: &generator) }
            items.append((circuit.proof(inputs, using: &generator), inputs.map(\.canonical)))
        }
        self.items = items
    }

    static func powers(of secret: Suite.Fr, _ capacity: Int) -> AggregationKey<Suite>.Powers {
        var powers: [Suite.Fr] = [.one]
        while powers.count < 2 * capacity { powers.append(powers[powers.count - 1] * secret) }
        return .init(
            g1: PointTable(Suite.G1.cpuMultiplyGenerator(by: powers, parallel)),
            g2: PointTable(Suite.G2.cpuMultiplyGenerator(by: Array(powers[..<capacity]), parallel)))
    }

    var verifier: AggregateVerifier<Suite> {
        get throws { AggregateVerifier(try key.verifyingKey(), for: circuit.verifyingKey) }
    }

    func aggregate(_ items: [Aggregator<Suite>.Item]? = nil) throws -> AggregateProof<Suite> {
        try Aggregator(key, for: circuit.verifyingKey, parallel: parallel).aggregate(items ?? self.items)
    }

    func verify(
        _ proof: AggregateProof<Suite>, _ inputs: [[Suite.Fr.Limbs]]? = nil,
        using generator: inout SeededGenerator
    ) throws -> AggregateVerdict {
        try verifier.verify(
            proof, publicInputs: inputs ?? items.map(\.publicInputs), parallel: parallel, using: &generator)
    }
}

@Suite struct AggregationTests {
    private func checkCounts<Suite: ComputeSuite>(
        _ suite: Suite.Type, _ counts: [Int]
    ) throws {
        var generator = SeededGenerator.fresh()
        for count in counts {
            for publicCount in [0, 3] {
                let setting = Aggregation<Suite>(
                    proofs: count, publicCount: publicCount, capacity: 64, using: &generator)
                let proof = try setting.aggregate()
                #expect(try setting.verify(proof, using: &generator) == .valid, "\(count)")
                let bytes = proof.encoded
                #expect(try AggregateProof<Suite>(encoded: bytes) == proof)
                // Ten pairing values and two points of G1 a round.
                let rounds = AggregateProof<Suite>.roundCount(for: count)
                #expect(1 << rounds >= max(2, count) && 1 << rounds < max(3, 2 * count))
                let size = Suite.Fp.byteCount
                #expect(
                    bytes.count == 16 + (5 * 6 + 2 + 3 * 2 + 5 * 4 + 4 * 2 - 2 + rounds * (10 * 6 + 4)) * size
                )
            }
        }
    }

    @Test func aggregatesOnBN254Hold() throws { try checkCounts(BN254.self, [1, 2, 3, 4, 5, 8, 33, 64]) }
    @Test func aggregatesOnBLS12381Hold() throws { try checkCounts(BLS12381.self, [1, 2, 5]) }
    @Test func aggregatesOnBLS12377Hold() throws { try checkCounts(BLS12377.self, [1, 3]) }

    /// One invalid proof, wrong inputs, another order, key or setup: nothing of that holds.
    @Test func nothingElseHolds() throws {
        var generator = SeededGenerator.fresh()
        let setting = Aggregation<BN254>(proofs: 6, capacity: 8, using: &generator)
        let proof = try setting.aggregate()
        let inputs = setting.items.map(\.publicInputs)
        #expect(try setting.verify(proof, using: &generator) == .valid)
        for place in 0..<6 {
            for index in 0..<2 {
                var others = inputs
                others[place][index] = BN254.Fr.random(using: &generator).canonical
                #expect(try setting.verify(proof, others, using: &generator) != .valid)
            }
            var items = setting.items
            items[place].proof.c = .random(using: &generator)
            #expect(
                try setting.verify(setting.aggregate(items), using: &generator) == .equationFails, "\(place)")
            items = setting.items
            items[place].proof.a = -items[place].proof.a
            #expect(try setting.verify(setting.aggregate(items), using: &generator) == .equationFails)
        }
        var swapped = inputs
        swapped.swapAt(1, 2)
        #expect(try setting.verify(proof, swapped, using: &generator) != .valid)
        // Two proofs whose errors cancel in an unweighted sum.
        var items = setting.items
        let error = BN254.G1.generator
        items[0].proof.c = (Jacobian(items[0].proof.c) + error).affine
        items[1].proof.c = (Jacobian(items[1].proof.c) + -error).affine
        #expect(try setting.verify(setting.aggregate(items), using: &generator) == .equationFails)
        // The proofs that fill up count as the last one.
        #expect(
            try setting.verify(proof, inputs + [inputs[5], inputs[5]], using: &generator)
                == .count(expected: 8, found: 6))
        let other = Aggregation<BN254>(proofs: 6, capacity: 8, using: &generator)
        #expect(
            try AggregateVerifier(other.key.verifyingKey(), for: setting.circuit.verifyingKey).verify(
                proof, publicInputs: inputs, parallel: parallel, using: &generator) != .valid)
        #expect(
            try AggregateVerifier(setting.key.verifyingKey(), for: other.circuit.verifyingKey).verify(
                proof, publicInputs: inputs, parallel: parallel, using: &generator) != .valid)
    }

    /// The challenges depend on all that is to be shown: whoever could choose public inputs after them could
    /// make their weighted sums fit.
    @Test func theChallengesDependOnTheStatement() throws {
        var generator = SeededGenerator.fresh()
        let setting = Aggregation<BN254>(proofs: 3, capacity: 4, using: &generator)
        let other = Aggregation<BN254>(proofs: 3, capacity: 4, using: &generator)
        let (key, vkey) = (try setting.key.verifyingKey(), setting.circuit.verifyingKey)
        let inputs = setting.items.map(\.publicInputs)
        func challenge(
            _ key: AggregationVerifyingKey<BN254>, _ vkey: VerifyingKey<BN254>, _ count: Int,
            _ inputs: [[BN254.Fr.Limbs]]
        ) -> BN254.Fr {
            var transcript = AggregationTranscript(key, vkey, count: count, publicInputs: inputs)
            return transcript.challenge()
        }
        let first = challenge(key, vkey, 3, inputs)
        #expect(first == challenge(key, vkey, 3, inputs))
        var seen: Set<BN254.Fr> = [first, challenge(key, vkey, 4, inputs)]
        func expectNew(_ challenge: BN254.Fr, _ what: String) {
            #expect(seen.insert(challenge).inserted, "\(what)")
        }
        for place in 0..<3 {
            for index in 0..<2 {
                var changed = inputs
                changed[place][index] = BN254.Fr.random(using: &generator).canonical
                expectNew(challenge(key, vkey, 3, changed), "input \(index) of \(place)")
            }
        }
        // The same numbers, divided otherwise.
        expectNew(challenge(key, vkey, 3, [inputs[0] + inputs[1], [], inputs[2]]), "division")
        expectNew(challenge(try other.key.verifyingKey(), vkey, 3, inputs), "aggregation key")
        for change: (inout VerifyingKey<BN254>) -> Void in [
            { $0.alpha1 = -$0.alpha1 }, { $0.beta2 = -$0.beta2 }, { $0.gamma2 = -$0.gamma2 },
            { $0.delta2 = -$0.delta2 }, { $0.ic[0] = -$0.ic[0] }, { $0.ic[2] = -$0.ic[2] },
        ] {
            var changed = vkey
            change(&changed)
            expectNew(challenge(key, changed, 3, inputs), "verification key")
        }
    }

    /// Each part of an aggregate, changed to another element of its group.
    @Test func everyPartCounts() throws {
        var generator = SeededGenerator.fresh()
        let setting = Aggregation<BN254>(proofs: 4, capacity: 4, using: &generator)
        let proof = try setting.aggregate()
        typealias Proof = AggregateProof<BN254>
        let target = BN254.pairing(.random(using: &generator), .random(using: &generator))
        var targets: [WritableKeyPath<Proof, Proof.Target>] = [
            \.ab.first, \.ab.second, \.c.first, \.c.second, \.product,
        ]
        var points: [WritableKeyPath<Proof, Proof.G1>] = [
            \.sum, \.finalA, \.finalC, \.keyW.first, \.keyW.second, \.openingW.first, \.openingW.second,
        ]
        let twists: [WritableKeyPath<Proof, Proof.G2>] = [
            \.finalB, \.keyV.first, \.keyV.second, \.openingV.first, \.openingV.second,
        ]
        let sides: [WritableKeyPath<Proof.Round, Proof.Round.Side>] = [\.left, \.right]
        for round in 0..<2 {
            let whole: WritableKeyPath<Proof, Proof.Round> = \.rounds[round]
            for side in sides {
                let side: WritableKeyPath<Proof, Proof.Round.Side> = whole.appending(path: side)
                targets += [
                    side.appending(path: \.ab.first), side.appending(path: \.ab.second),
                    side.appending(path: \.c.first), side.appending(path: \.c.second),
                    side.appending(path: \.product),
                ]
                points.append(side.appending(path: \.sum))
            }
        }
        func refused(_ what: String, _ change: (inout Proof) -> Void) throws {
            var changed = proof
            change(&changed)
            #expect(changed != proof)
            let verdict = try setting.verify(changed, using: &generator)
            #expect(verdict == .equationFails || verdict == .sumFails, "\(what): \(verdict)")
        }
        for (index, path) in targets.enumerated() {
            try refused("target \(index)") { $0[keyPath: path] *= target }
        }
        for (index, path) in points.enumerated() {
            try refused("point \(index)") {
                $0[keyPath: path] = (Jacobian($0[keyPath: path]) + BN254.G1.generator).affine
            }
        }
        for (index, path) in twists.enumerated() {
            try refused("twist \(index)") {
                $0[keyPath: path] = (Jacobian($0[keyPath: path]) + BN254.G2.generator).affine
            }
        }
    }

    @Test func elementsOfNoGroupAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let setting = Aggregation<BN254>(proofs: 3, capacity: 4, using: &generator)
        let proof = try setting.aggregate()
        func expect(_ part: String, _ change: (inout AggregateProof<BN254>) -> Void) throws {
            var changed = proof
            change(&changed)
            #expect(try setting.verify(changed, using: &generator) == .malformed(part))
        }
        // Of norm one and in the cyclotomic subgroup, but of another order.
        let random = Fp12<BN254.Tower>.random(using: &generator)
        let t = random.conjugate * (try #require(random.inverse()))
        let cyclotomic = t.frobeniusSquared() * t
        #expect(cyclotomic.isCyclotomic)
        for wrong in [Fp12.zero, -.one, t, cyclotomic, random] {
            try expect("the product") { $0.product = wrong }
            try expect("round 2, right: commitment 2 to C") { $0.rounds[1].right.c.second = wrong }
        }
        try expect("the last A") { $0.finalA.x += .one }
        try expect("opening 2 of v") { $0.openingV.second.y.c0 += .one }
        try expect("the number of rounds") { $0.rounds.removeLast() }
        var inputs = setting.items.map(\.publicInputs)
        inputs[1][0] = BN254.Fr.modulus
        #expect(
            try setting.verify(proof, inputs, using: &generator) == .publicInputOutOfRange(proof: 1, index: 0)
        )
        inputs[1] = [inputs[0][0]]
        #expect(
            try setting.verify(proof, inputs, using: &generator)
                == .publicCount(proof: 1, expected: 2, found: 1))
        #expect(try setting.verify(proof, [], using: &generator) == .count(expected: 0, found: 3))
    }

    @Test func unusableKeysAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let setting = Aggregation<BN254>(proofs: 3, capacity: 4, using: &generator)
        let (first, second) = (setting.key.first, setting.key.second)
        func expect(
            _ reason: String, _ first: AggregationKey<BN254>.Powers, _ second: AggregationKey<BN254>.Powers
        ) {
            #expect(throws: AggregationError.unusableKey(reason)) {
                try Aggregator(
                    AggregationKey(first: first, second: second), for: setting.circuit.verifyingKey,
                    parallel: parallel)
            }
        }
        expect("both secrets are the same: two ceremonies are needed", first, first)
        expect("the second secret is known", first, Aggregation<BN254>.powers(of: .one, 4))
        expect("the first secret is known", Aggregation<BN254>.powers(of: .zero, 4), second)
        expect("the first secret is known", Aggregation<BN254>.powers(of: -.one, 4), second)
        expect(
            "the first secret is not the same in both groups",
            .init(g1: first.g1, g2: second.g2), second)
        #expect(setting.key.capacity == 4)
        #expect(throws: AggregationError.tooFewPowers(needed: 8, capacity: 4)) {
            try setting.aggregate(setting.items + setting.items)
        }
        #expect(throws: AggregationError.noProofs) { try setting.aggregate([]) }
        var items = setting.items
        items[2].publicInputs.removeLast()
        #expect(throws: AggregationError.publicCount(proof: 2, expected: 2, found: 1)) {
            try setting.aggregate(items)
        }
        // Powers that are none: the aggregate does not hold.
        let wrong = first.g2
        var broken = setting
        broken = Aggregation(
            circuit: setting.circuit,
            key: AggregationKey(
                first: .init(
                    g1: first.g1,
                    g2: PointTable([wrong[0], wrong[1], wrong[3], wrong[2]])), second: second),
            items: setting.items)
        #expect(try broken.verify(broken.aggregate(), using: &generator) == .equationFails)
    }

    @Test func damagedFilesAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let setting = Aggregation<BN254>(proofs: 3, capacity: 4, using: &generator)
        let bytes = try setting.aggregate().encoded
        func fault(_ bytes: [UInt8]) -> AggregationError? {
            do {
                _ = try AggregateProof<BN254>(encoded: bytes)
                return nil
            } catch {
                return error
            }
        }
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(fault(Array(bytes[..<length])) != nil, "\(length)")
        }
        #expect(fault(bytes + [0]) == .malformed("1 bytes too many", offset: bytes.count))
        for (place, reason, offset) in [
            (0, "no aggregate proof", 0), (7, "version 0 is not known", 7), (8, "it is not on bn254", 8),
        ] {
            var changed = bytes
            changed[place] ^= 1
            #expect(fault(changed) == .malformed(reason, offset: offset))
        }
        var changed = bytes
        changed[12...15] = [0, 0, 0, 0]
        #expect(fault(changed) == .malformed("0 proofs are not 1 to 1048576", offset: 12))
        changed[12...15] = [255, 255, 255, 255]
        #expect(fault(changed) == .malformed("4294967295 proofs are not 1 to 1048576", offset: 12))
        changed = bytes
        for place in 16..<48 { changed[place] = 0xff }
        #expect(fault(changed) == .malformed("a coordinate is not below the modulus", offset: 16))
        #expect(throws: AggregationError.malformed("it is not on bls12381", offset: 8)) {
            try AggregateProof<BLS12381>(encoded: bytes)
        }
        // Any byte changed: no crash, and nothing valid.
        for _ in 0..<20 {
            var changed = bytes
            changed[Int.random(in: 16..<bytes.count, using: &generator)] ^= UInt8.random(
                in: 1...255, using: &generator)
            guard let proof = try? AggregateProof<BN254>(encoded: changed) else { continue }
            #expect(try setting.verify(proof, using: &generator) != .valid)
        }
    }
}

extension Aggregation {
    init(circuit: SimulatedKey<Suite>, key: AggregationKey<Suite>, items: [Aggregator<Suite>.Item]) {
        self.circuit = circuit
        self.key = key
        self.items = items
    }
}
