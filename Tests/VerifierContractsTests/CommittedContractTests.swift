// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import SnarkFormats
import TestSupport
import Testing
import VerifierContracts

/// The contracts for one proof with commitments, in Vyper, executed.
@Suite(
    .enabled(if: ContractRunner.isPresent, "MARTLET_PYTHON names no Python with vyper, pyrevm and eth_abi"))
struct CommittedContractTests {
    private static func call(_ proof: CommittedProof<BN254>, _ inputs: [BN254.Fr]) -> ContractCall {
        ContractCall(
            function: "verify",
            arguments: ABIValue.proof(proof) + (inputs.isEmpty ? [] : [.list(inputs.map(\.decimal))]))
    }

    /// What proofs have: public inputs, and what each commitment hashes.
    private typealias Shape = (publicCount: Int, hashed: [[Int]])

    @Test(arguments: [CommitmentHash.sha256, .keccak256], [true, false])
    func proofsAndTheirMutations(hash: CommitmentHash, sharesGamma: Bool) throws {
        try check([(0, [[]]), (1, [[1]]), (2, [[1, 2]]), (3, [[3, 1]]), (2, [[]])], hash, sharesGamma)
    }

    /// Later commitments hash earlier challenges, which are numbered behind the public inputs.
    @Test(arguments: zip([CommitmentHash.sha256, .keccak256], [true, false]))
    func severalCommitments(hash: CommitmentHash, sharesGamma: Bool) throws {
        try check([(2, [[2, 1], [3, 1]]), (0, [[], [1], [2, 1]])], hash, sharesGamma)
    }

    private func check(_ shapes: [Shape], _ hash: CommitmentHash, _ sharesGamma: Bool) throws {
        var generator = SeededGenerator.fresh()
        var requests: [ContractRunner.Request] = []
        var expectations: [[(what: String, wanted: SingleContractTests.Wanted)]] = []
        for (publicCount, hashed) in shapes {
            let key = try SimulatedCommittedKey<BN254>(
                publicCount: publicCount, hashed: hashed, hash: hash, sharesGamma: sharesGamma,
                using: &generator)
            let inputs = (0..<publicCount).map { _ in BN254.Fr.random(using: &generator) }
            let proof = key.proof(inputs, using: &generator)
            let verifier = CommittedVerifier(key.verifyingKey)
            var cases: [(what: String, call: ContractCall, wanted: SingleContractTests.Wanted)] = []
            func add(
                _ what: String, _ wanted: SingleContractTests.Wanted,
                _ change: (inout CommittedProof<BN254>) -> Void
            ) {
                var other = proof
                change(&other)
                cases.append((what, Self.call(other, inputs), wanted))
                // The library's verdict is the contract's.
                let verdict = verifier.verify(
                    other, publicInputs: inputs.map(\.canonical), parallel: Parallel(threads: 1))
                #expect((verdict == .valid) == (wanted == .isTrue), "\(what): \(verdict)")
            }
            add("valid", .isTrue) { _ in }
            add("−A, −B", .isTrue) { ($0.a, $0.b) = (-$0.a, -$0.b) }
            add("−A", .isFalse) { $0.a = -$0.a }
            add("−C", .isFalse) { $0.c = -$0.c }
            for k in hashed.indices {
                add("−D\(k)", .isFalse) { $0.commitments[k] = -$0.commitments[k] }
                add("D\(k) = 0", .isFalse) { $0.commitments[k] = .identity }
                if k > 0 { add("D0 and D\(k) exchanged", .isFalse) { $0.commitments.swapAt(0, k) } }
            }
            add("−P", .isFalse) { $0.knowledge = -$0.knowledge }
            add("P = 0", .isFalse) { $0.knowledge = .identity }
            add("D and P exchanged", .isFalse) { swap(&$0.commitments[0], &$0.knowledge) }
            // What the one equation lacks, the other has too much of.
            let (one, other) = (key.delta.inverse()!, key.generator.inverse()!)
            for sign in [other, -other] {
                add("faults that cancel", .isFalse) {
                    $0.c = (Jacobian($0.c) + BN254.G1.generator.multiplied(by: one)).affine
                    $0.knowledge =
                        (Jacobian($0.knowledge) + BN254.G1.generator.multiplied(by: sign)).affine
                }
            }
            let bad = SingleContractTests.Wanted.revert("invalid point")
            add("A.x", bad) { $0.a.x += .one }
            add("B.y.c1", bad) { $0.b.y.c1 += .one }
            add("C.y", bad) { $0.c.y += .one }
            for k in hashed.indices { add("D\(k).x", bad) { $0.commitments[k].x += .one } }
            add("P.y", bad) { $0.knowledge.y += .one }
            let outside = ContractKeys.outsideSubgroup(&generator)
            add("B outside the subgroup", bad) { $0.b = outside }
            for place in [3, 4] {
                let value = Self.call(proof, inputs).arguments[place]
                for word in value.words.indices {
                    for change in [Alias.plusModulus, { Alias.sum($0, "1") }] {
                        var call = Self.call(proof, inputs)
                        call.arguments[place] = value.changing(word: word, by: change)
                        cases.append(("word \(word) of argument \(place)", call, bad))
                    }
                }
            }
            // What `martlet export calldata` prints; without inputs its last list is none of the arguments.
            let calldata = try SingleContractTests.arguments(
                calldata: EVMCalldata.text(proof, publicInputs: inputs))
            cases.append(
                (
                    "calldata",
                    ContractCall(
                        function: "verify",
                        arguments: publicCount == 0 ? calldata.dropLast() : calldata),
                    .isTrue
                ))
            for i in inputs.indices {
                for value in [(inputs[i] + .one).decimal, Alias.plusOrder(inputs[i]), "0"] {
                    var values = inputs.map(\.decimal)
                    values[i] = value
                    var call = Self.call(proof, inputs)
                    call.arguments[5] = .list(values)
                    cases.append(("input \(i): \(value)", call, .isFalse))
                }
            }
            requests.append(
                .init(source: try ContractKeys.text(key.verifyingKey, .single), calls: cases.map(\.call)))
            expectations.append(cases.map { ($0.what, $0.wanted) })
        }
        let outcomes = try ContractRunner.run(requests)
        for ((outcome, cases), (publicCount, hashed)) in zip(zip(outcomes, expectations), shapes) {
            #expect(outcome.results.count == cases.count)
            for (result, expected) in zip(outcome.results, cases) {
                SingleContractTests.check(
                    result, expected.wanted, "\(publicCount) inputs, \(hashed), \(expected.what)")
            }
            let gas = try #require(outcome.results[0].gas)
            print(
                "\(hash.rawValue), \(publicCount) inputs, \(hashed.count) commitments, G \(sharesGamma ? "=" : "≠") gamma: \(gas) gas, \(outcome.code) bytes"
            )
            #expect(outcome.code <= 24_576)
            if publicCount == 2 { #expect(gas <= 320_000 + 50_000 * (hashed.count - 1)) }
        }
    }

    /// The largest contract fits, with all that it may have hashed: 22.7 kB; those of 1, 2 and 8 commitments
    /// with as many inputs as they may have are of 15.8, 17.0 and 19.5 kB.
    @Test(arguments: [15])
    func theLargestAreDeployed(commitments: Int) throws {
        var generator = SeededGenerator.fresh()
        let publicCount = 63 - 4 * commitments
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: publicCount,
            hashed: (0..<commitments).map { Array(1..<publicCount + 1 + $0) }, hash: .sha256,
            using: &generator)
        let inputs = (0..<publicCount).map { _ in BN254.Fr.random(using: &generator) }
        let proof = key.proof(inputs, using: &generator)
        var other = proof
        other.commitments[commitments - 1] = -proof.commitments[commitments - 1]
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .single),
            [Self.call(proof, inputs), Self.call(other, inputs)])
        #expect(outcome.results.map(\.isTrue) == [true, false], "\(outcome)")
        print("\(publicCount) inputs, \(commitments) commitments: \(outcome.code) bytes")
        #expect(outcome.code <= 24_576 && outcome.initcode <= 49_152)
    }

    @Test func keysWithoutAContract() throws {
        var generator = SeededGenerator.fresh()
        func error(
            _ publicCount: Int, _ hashed: [[Int]], _ hash: CommitmentHash, _ kind: ContractKind = .single,
            _ language: ContractLanguage = .vyper
        ) throws -> ContractError? {
            let key = try SimulatedCommittedKey<BN254>(
                publicCount: publicCount, hashed: hashed, hash: hash, using: &generator)
            do throws(ContractError) {
                _ = try VerifierContract(
                    key.verifyingKey, kind: kind, language: language, origin: ContractKeys.origin)
                return nil
            } catch {
                return error
            }
        }
        let many = [[Int]](repeating: [], count: 16)
        #expect(try error(1, many, .sha256) == .commitments(found: 16, limit: 15))
        for (count, limit) in [(2, 55), (15, 3)] {
            let some = Array(many.prefix(count))
            #expect(
                try error(limit + 1, some, .sha256) == .commitmentInputs(found: limit + 1, limit: limit))
            #expect(try error(limit, some, .sha256) == nil)
        }
        #expect(try error(1, [[1]], .poseidon) == .commitmentHash(.poseidon))
        #expect(try error(60, [[1]], .sha256) == .commitmentInputs(found: 60, limit: 59))
        #expect(try error(59, [[1]], .keccak256) == nil)
        for kind in [ContractKind.round, .attestedRound] {
            #expect(try error(3, [[1, 2, 3]], .sha256, kind) == nil)
            #expect(try error(3, [[1, 2, 3]], .poseidon, kind) == .commitmentHash(.poseidon))
            #expect(try error(3, [[1, 2, 3], [4]], .sha256, kind) == nil)
            for hashed in [[], [1, 2], [3, 2, 1]] {
                #expect(try error(3, [hashed, [1, 2, 3]], .sha256, kind) == .roundChallenge)
            }
            #expect(try error(3, many, .sha256, kind) == .commitments(found: 16, limit: 15))
            for count in [0, 2, 4] {
                #expect(try error(count, [[]], .keccak256, kind) == .roundInputs(found: count))
            }
        }
        let batch = ContractKind.batch(maximum: 2)
        #expect(try error(0, Array(many.prefix(11)), .keccak256, batch) == .commitments(found: 11, limit: 10))
        #expect(try error(37, [[1]], .keccak256, batch) == .commitmentInputs(found: 37, limit: 36))
        #expect(try error(36, [[1]], .keccak256, batch) == nil)
        for maximum in [0, 257] {
            #expect(
                try error(3, [[1]], .keccak256, .batch(maximum: maximum))
                    == .batchMaximum(found: maximum, limit: ContractKind.batchLimit))
        }
        for language in ContractLanguage.allCases {
            #expect(try error(3, [[1]], .poseidon, .single, language) == .commitmentHash(.poseidon))
            #expect(try error(3, [[1]], .keccak256, .round, language) == .roundChallenge)
        }
    }
}
