// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import ProofFixtures
import SnarkFormats
import SystemTestSupport
import TestSupport
import Testing
import VerifierContracts

/// Contracts for keys whose IC points do not fit among the instructions, in Vyper, executed.
@Suite(
    .enabled(if: ContractRunner.isPresent, "MARTLET_PYTHON names no Python with vyper, pyrevm and eth_abi"))
struct TableContractTests {
    typealias Fr = BN254.Fr

    /// What EIP-170 and EIP-3860 let a chain take.
    static func expectDeployable(
        _ outcome: ContractRunner.Outcome, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.refused == nil, sourceLocation: location)
        #expect(outcome.code > 0 && outcome.code <= 24_576, "\(outcome.code)", sourceLocation: location)
        #expect(outcome.initcode <= 49_152, "\(outcome.initcode)", sourceLocation: location)
    }

    /// A proof of a circuit, by the library's prover; then every input changed, one after the other.
    @Test(arguments: [77, 83, 200])
    func everyInputCounts(_ count: Int) throws {
        let circuit = try SyntheticProof<BN254>(
            logSize: 8, publicCount: count, shape: .witness, seed: UInt64(count))
        var generator = SeededGenerator.fresh()
        let inputs = Array(circuit.witness[1...count])
        let parallel = Parallel(threads: 2)
        let proof = try circuit.prove(
            SecretScalars(circuit.witness.map(\.canonical)), on: CPUBackend<BN254>(parallel: parallel),
            parallel: parallel)
        var calls = [SingleContractTests.call(proof, inputs)]
        var values = [inputs.map(\.decimal)]
        for i in 0..<count {
            var changed = inputs
            changed[i] += i % 2 == 0 ? .one : .random(using: &generator)
            values.append(changed.map(\.decimal))
            // The same number modulo r, and one that is no number modulo r at all.
            if [0, count / 2, count - 1].contains(i) {
                for alias in [Alias.plusOrder(inputs[i]), Fr.modulus.decimal] {
                    var spelt = inputs.map(\.decimal)
                    spelt[i] = alias
                    values.append(spelt)
                }
            }
        }
        for value in values.dropFirst() {
            var call = calls[0]
            call.arguments[3] = .list(value)
            calls.append(call)
        }
        // One input short, and one more than there are.
        for drop in [1, 32] {
            calls.append(calls[0])
            calls[calls.count - 1].drop = drop
        }
        let outcome = try ContractRunner.run(ContractKeys.text(circuit.verifyingKey, .single), calls)
        Self.expectDeployable(outcome)
        #expect(outcome.results[0].isTrue, "\(outcome.results[0])")
        for (i, result) in outcome.results.dropFirst().dropLast(2).enumerated() {
            #expect(result.isFalse, "call \(i + 1): \(result)")
        }
        #expect(outcome.results.suffix(2).allSatisfy { !$0.success })
        let gas = try #require(outcome.results[0].gas)
        print(
            "single, \(count) inputs: \(gas) gas, \(outcome.code) bytes, deployment \(outcome.deployment) by \(outcome.initcode) bytes"
        )
    }

    /// Everything of a proof counts, as in contracts without a table.
    @Test func everyPartOfAProofCounts() throws {
        var generator = SeededGenerator.fresh()
        let count = 77
        let key = SimulatedKey<BN254>(publicCount: count, unbound: [3], using: &generator)
        let inputs = (0..<count).map { _ in Fr.random(using: &generator) }
        let proof = key.proof(inputs, using: &generator)
        var cases: [(SingleContractTests.Wanted, Proof<BN254>, [Fr])] = [(.isTrue, proof, inputs)]
        func add(_ wanted: SingleContractTests.Wanted, _ change: (inout Proof<BN254>) -> Void) {
            var other = proof
            change(&other)
            cases.append((wanted, other, inputs))
        }
        add(.isTrue) { ($0.a, $0.b) = (-$0.a, -$0.b) }
        add(.isFalse) { $0.a = -$0.a }
        add(.isFalse) { $0.b = -$0.b }
        add(.isFalse) { $0.c = -$0.c }
        add(.isFalse) { $0.c = .identity }
        add(.revert("invalid point")) { $0.a.x += .one }
        add(.revert("invalid point")) { $0.b.y.c0 += .one }
        add(.revert("invalid point")) { $0.c.y += .one }
        let outside = ContractKeys.outsideSubgroup(&generator)
        add(.revert("invalid point")) { $0.b = outside }
        // An input whose point is the identity, where the table holds zeros, does not count.
        var free = inputs
        free[3] += .one
        cases.append((.isTrue, proof, free))
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .single),
            cases.map { SingleContractTests.call($0.1, $0.2) })
        for (i, (result, expected)) in zip(outcome.results, cases).enumerated() {
            SingleContractTests.check(result, expected.0, "case \(i)")
        }
    }

    @Test(arguments: [(77, 64), (83, 16), (200, 16)])
    func batches(_ count: Int, _ maximum: Int) throws {
        var generator = SeededGenerator.fresh()
        let key = SimulatedKey<BN254>(publicCount: count, using: &generator)
        let items: [BatchContractTests.Item] = (0..<3).map { _ in
            let inputs = (0..<count).map { _ in Fr.random(using: &generator) }
            return (key.proof(inputs, using: &generator), inputs)
        }
        var batches = [Array(items[..<1]), Array(items[..<2]), items]
        let valid = batches.count
        // Each input counts in the sums as it does alone: some of them will do.
        for i in [0, count - 1] + (0..<6).map({ _ in Int.random(in: 0..<count, using: &generator) }) {
            var changed = items
            changed[i % 3].inputs[i] += .one
            batches.append(changed)
        }
        // An error of one proof that the same error of another would cancel in a plain sum.
        var moved = items
        moved[0].inputs[count - 1] += .one
        moved[1].inputs[count - 1] = moved[1].inputs[count - 1] - .one
        batches.append(moved)
        batches.append(items)
        batches[batches.count - 1][2].proof.c = -items[2].proof.c
        var calls = batches.map(BatchContractTests.call)
        for place in [0, count - 1] {
            guard case .list(var list) = calls[2].arguments[0], case .list(var parts) = list[1] else {
                return
            }
            var spelt = items[1].inputs.map(\.decimal)
            spelt[place] = Alias.plusOrder(items[1].inputs[place])
            parts[3] = .list(spelt)
            list[1] = .list(parts)
            calls.append(ContractCall(function: "verify_batch", arguments: [.list(list)]))
        }
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .batch(maximum: maximum)), calls)
        Self.expectDeployable(outcome)
        for (i, result) in outcome.results.enumerated() {
            #expect(i < valid ? result.isTrue : result.isFalse, "call \(i): \(result)")
        }
        let gas = outcome.results.prefix(valid).compactMap(\.gas)
        print(
            "batch of at most \(maximum), \(count) inputs: \(gas) gas, \(outcome.code) bytes, deployment \(outcome.deployment)"
        )
    }

    /// The largest contracts that are given out can be deployed and called; one input more is refused with
    /// the number of bytes.
    @Test(arguments: [ContractKind.single, .batch(maximum: 16)])
    func theLargestContracts(_ kind: ContractKind) throws {
        var generator = SeededGenerator.fresh()
        let count = kind == .single ? 365 : 331
        let key = SimulatedKey<BN254>(publicCount: count, using: &generator)
        let inputs = (0..<count).map { _ in Fr.random(using: &generator) }
        let proof = key.proof(inputs, using: &generator)
        var wrong = inputs
        wrong[count - 1] += .one
        let calls = [inputs, wrong].map { inputs in
            kind == .single
                ? SingleContractTests.call(proof, inputs) : BatchContractTests.call([(proof, inputs)])
        }
        let outcome = try ContractRunner.run(ContractKeys.text(key.verifyingKey, kind), calls)
        Self.expectDeployable(outcome)
        #expect(outcome.results[0].isTrue && outcome.results[1].isFalse, "\(outcome)")
        let name = kind == .single ? "single" : "batch"
        print("\(name), \(count) inputs: \(outcome.results[0].gas ?? 0) gas, \(outcome.code) bytes")
        let larger = SimulatedKey<BN254>(publicCount: count + 1, using: &generator).verifyingKey
        let error = #expect(throws: ContractError.self) { try ContractKeys.text(larger, kind) }
        guard case .tooLarge(let inputs, let bytes, 24_576)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(inputs == count + 1 && bytes > 24_576 && bytes < 24_576 + 128)
        #expect(error?.message.contains("\(bytes) bytes of code") == true)
    }

    /// The published key of 77 inputs gives a contract that can be deployed.
    @Test(.enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES names no folder"))
    func aPublishedKey() throws {
        let folder = try #require(Fixtures.directory)
        let path = folder.appending(path: "reported/contract-60-inputs/credentialAtomicQueryMTPV2.json").path
        guard FileManager.default.fileExists(atPath: path) else { return }
        let any = try Groth16JSON.verifyingKey(MappedFile(path: path))
        let file = try #require(any as? VerifyingKeyFile<BN254>)
        var generator = SeededGenerator.fresh()
        let other = SimulatedKey<BN254>(publicCount: 77, using: &generator)
        let inputs = (0..<77).map { _ in Fr.random(using: &generator) }
        let outcome = try ContractRunner.run(
            ContractKeys.text(file.key, .single),
            [SingleContractTests.call(other.proof(inputs, using: &generator), inputs)])
        Self.expectDeployable(outcome)
        // The proof is another key's.
        #expect(outcome.results[0].isFalse, "\(outcome)")
    }
}

/// The texts of contracts with a table, in both languages.
@Suite struct TableTextTests {
    static let kinds: [ContractKind] = [.single, .batch(maximum: 7)]

    @Test(arguments: kinds, ContractLanguage.allCases)
    func theTableIsTheKeys(_ kind: ContractKind, _ language: ContractLanguage) throws {
        var generator = SeededGenerator.fresh()
        let count = VerifierContract.inlineLimit + 1
        let key = SimulatedKey<BN254>(publicCount: count, unbound: [5], using: &generator).verifyingKey
        let text = try ContractKeys.text(key, kind, language)
        let points = key.ic.map { -$0 }
        func hex(_ value: BN254.Fp) -> String {
            value.bigEndianBytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        let lines = points.map {
            language == .vyper
                ? "        [\($0.x.decimal), \($0.y.decimal)]," : "        hex\"\(hex($0.x))\(hex($0.y))\""
        }
        #expect(text.contains(lines.joined(separator: "\n")))
        #expect(!text.contains("IC0_X") && !text.contains("IC1_X"))
        #expect(text.contains("WARNING: IC[6] is the identity"))
        #expect(ContractTextTests.constant("ALPHA_X", in: text) == (-key.alpha1).x.decimal)
        #expect(text.hasSuffix("\n") && !text.contains(" \n") && !text.contains("\t"))
        #expect(try ContractKeys.text(key, kind, language) == text)
        // At the limit nothing has changed: no table.
        let small = SimulatedKey<BN254>(publicCount: count - 1, using: &generator).verifyingKey
        let inline = try ContractKeys.text(small, kind, language)
        #expect(
            inline.contains("IC\(count - 1)_X") && !inline.contains("immutable") && !inline.contains("hex\""))
    }

    /// Contracts for few inputs are, byte for byte, what they were before there were tables: SHA-256 of the
    /// texts of the multiplier's key. Whoever changes a contract on purpose changes these.
    @Test func contractsWithoutATableAreAsTheyWere() throws {
        let two = try ContractKeys.Multiplier().key.verifyingKey
        // A round's key has one input more.
        var three = two
        three.ic.append(BN254.G1.generator)
        let folder = try TemporaryFolder()
        for (language, kind, digest) in [
            (.vyper, .single, "7417ca35fd39c6757fe25bffdaeca3707fb45d2facb64cad737e4a6ca518494f"),
            (.vyper, .batch(maximum: 7), "42b73e9a9ad30dd8cf5812b75b4e9b88c3b78e26eb898296bec2dc77a3e2d700"),
            (.vyper, .round, "65c0cf529bb73eb402270086d8956993f40c46d4a78ff511603a1094813c87ae"),
            (.vyper, .attestedRound, "76688f0a48bd8dd0b0a2aebb0773fea12273fa6a826ab894579841202696b3d2"),
            (.solidity, .single, "e234ec26b1f897e0e3e8715386aababf60254c48652e2864f060f2c003efb1a2"),
            (
                .solidity, .batch(maximum: 7),
                "56610a719ed2ecd1ffac171be306bc9bf7310509251714be5b87cfb873013b85"
            ),
            (.solidity, .round, "62181a798123bac3a8d65c6000d07953e3ceaf5572bb76377f96c7983013854e"),
            (.solidity, .attestedRound, "baa45f0853255bb5218a2575e7c497a51f9b58925c5ac28e84ef4782608728c9"),
        ] as [(ContractLanguage, ContractKind, String)] {
            let path = folder.path("contract")
            try ContractKeys.text(ContractTextTests.isRound(kind) ? three : two, kind, language).write(
                toFile: path, atomically: true, encoding: .utf8)
            let sum = try MartletCommand.run(URL(filePath: "/usr/bin/env"), ["sha256sum", path])
            #expect(sum.output.hasPrefix(digest), "\(language) \(kind): \(sum.output)")
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        var generator = SeededGenerator.fresh()
        func error(_ count: Int, _ kind: ContractKind, _ language: ContractLanguage) -> ContractError? {
            let key = SimulatedKey<BN254>(publicCount: count, using: &generator).verifyingKey
            return #expect(throws: ContractError.self) { try ContractKeys.text(key, kind, language) }
        }
        for (language, count) in [(ContractLanguage.vyper, 400), (.solidity, 300)] {
            guard case .tooLarge(count, let bytes, 24_576)? = error(count, .single, language) else {
                Issue.record("\(language)")
                continue
            }
            #expect(bytes >= 64 * (count + 1))
        }
        // What every call would pay for room for the largest batch is bounded.
        guard case .batchMemory(300, 256, let gas, 16_777_216)? = error(300, .batch(maximum: 256), .vyper)
        else {
            Issue.record("no limit of memory")
            return
        }
        #expect(gas > 16_777_216 / 2)
        let key = SimulatedKey<BN254>(publicCount: 300, using: &generator).verifyingKey
        #expect(throws: Never.self) { try ContractKeys.text(key, .batch(maximum: 64)) }
        #expect(error(77, .round, .vyper) == .roundInputs(found: 77))
    }
}
