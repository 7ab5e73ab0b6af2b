// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import ProofFixtures
import TestSupport
import Testing
import VerifierContracts

/// The contract for batches of proofs with commitments, in Vyper, executed.
@Suite(
    .enabled(if: ContractRunner.isPresent, "MARTLET_PYTHON names no Python with vyper, pyrevm and eth_abi"))
struct CommittedBatchTests {
    typealias Fr = BN254.Fr
    typealias Item = (proof: CommittedProof<BN254>, inputs: [Fr])
    typealias Wanted = SingleContractTests.Wanted

    /// What proofs have, and how many there may be.
    struct Shape: Sendable {
        var publicCount: Int
        var hashed: [[Int]]
        var hash: CommitmentHash
        var sharesGamma: Bool
        var maximum = 4
    }

    private static func items(
        _ shape: Shape, count: Int, _ generator: inout SeededGenerator
    ) throws -> (SimulatedCommittedKey<BN254>, [Item]) {
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: shape.publicCount, hashed: shape.hashed, hash: shape.hash,
            sharesGamma: shape.sharesGamma, using: &generator)
        var items: [Item] = []
        for _ in 0..<count {
            let inputs = (0..<shape.publicCount).map { _ in Fr.random(using: &generator) }
            items.append((key.proof(inputs, using: &generator), inputs))
        }
        return (key, items)
    }

    private static func call(_ items: [Item]) -> ContractCall {
        ContractCall(
            function: "verify_batch",
            arguments: [
                .list(
                    items.map { item in
                        .list(
                            ABIValue.proof(item.proof)
                                + (item.inputs.isEmpty ? [] : [.list(item.inputs.map(\.decimal))]))
                    })
            ])
    }

    @Test(arguments: [
        Shape(publicCount: 2, hashed: [[2, 1], [3, 1]], hash: .sha256, sharesGamma: true),
        Shape(publicCount: 1, hashed: [[1]], hash: .keccak256, sharesGamma: true, maximum: 16),
        Shape(publicCount: 0, hashed: [[], [1]], hash: .keccak256, sharesGamma: false),
    ])
    func batchesAndTheirMutations(_ shape: Shape) throws {
        var generator = SeededGenerator.fresh()
        let (key, items) = try Self.items(shape, count: shape.maximum, &generator)
        let shift = Jacobian(BN254.G1.generator.multiplied(by: .random(using: &generator)).affine)
        var cases: [(what: String, call: ContractCall, wanted: Wanted)] = []
        func add(_ what: String, _ wanted: Wanted, _ change: (inout [Item]) -> Void) {
            var other = Array(items.prefix(3))
            change(&other)
            cases.append((what, Self.call(other), wanted))
        }
        func move(_ point: inout Affine<BN254.G1>, _ by: Jacobian<BN254.G1>) {
            point = (Jacobian(point) + by).affine
        }
        for count in [1, 2, shape.maximum] {
            cases.append(("\(count) valid", Self.call(Array(items.prefix(count))), .isTrue))
        }
        add("one proof twice", .isTrue) { $0[2] = $0[0] }
        let (delta, generatorInverse) = (key.delta.inverse()!, key.generator.inverse()!)
        for i in 0..<3 {
            add("−A of \(i)", .isFalse) { $0[i].proof.a = -$0[i].proof.a }
            add("−C of \(i)", .isFalse) { $0[i].proof.c = -$0[i].proof.c }
            add("−P of \(i)", .isFalse) { $0[i].proof.knowledge = -$0[i].proof.knowledge }
            add("C.y of \(i)", .revert("invalid point")) { $0[i].proof.c.y += .one }
            add("P.x of \(i)", .revert("invalid point")) { $0[i].proof.knowledge.x += .one }
            for k in shape.hashed.indices {
                add("−D\(k) of \(i)", .isFalse) { $0[i].proof.commitments[k] = -$0[i].proof.commitments[k] }
                add("D\(k) of \(i) = 0", .isFalse) { $0[i].proof.commitments[k] = .identity }
                add("D\(k).x of \(i)", .revert("invalid point")) { $0[i].proof.commitments[k].x += .one }
            }
            for j in 0..<shape.publicCount {
                add("input \(j) of \(i)", .isFalse) { $0[i].inputs[j] += .one }
            }
            // What the one equation of a proof lacks, its other has too much of.
            for sign in [generatorInverse, -generatorInverse] {
                add("faults of \(i) that cancel", .isFalse) {
                    move(&$0[i].proof.c, BN254.G1.generator.multiplied(by: delta))
                    move(&$0[i].proof.knowledge, BN254.G1.generator.multiplied(by: sign))
                }
            }
        }
        // What a plain sum of all proofs would not see.
        add("C moved from 1 to 2", .isFalse) {
            move(&$0[1].proof.c, shift)
            move(&$0[2].proof.c, -shift)
        }
        add("P moved from 0 to 1", .isFalse) {
            move(&$0[0].proof.knowledge, shift)
            move(&$0[1].proof.knowledge, -shift)
        }
        add("P of 0 and 1 exchanged", .isFalse) {
            ($0[0].proof.knowledge, $0[1].proof.knowledge) = ($0[1].proof.knowledge, $0[0].proof.knowledge)
        }
        add("D of 0 and 1 exchanged", .isFalse) {
            ($0[0].proof.commitments, $0[1].proof.commitments) =
                ($0[1].proof.commitments, $0[0].proof.commitments)
        }
        add("none", .revert("empty batch")) { $0 = [] }
        cases.append(("more than the maximum", Self.call(items + [items[0]]), .revert("")))
        if shape.publicCount > 0 {
            for value in [Alias.plusOrder(items[1].inputs[0]), Fr.modulus.decimal] {
                var call = Self.call(Array(items.prefix(3)))
                let place = call.arguments[0].words.firstIndex(of: items[1].inputs[0].decimal)
                call.arguments[0] = call.arguments[0].changing(word: try #require(place)) { _ in value }
                cases.append(("input 0 of 1: \(value)", call, .isFalse))
            }
        }
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .batch(maximum: shape.maximum)), cases.map(\.call))
        try #require(outcome.results.count == cases.count, "\(outcome)")
        for (result, expected) in zip(outcome.results, cases) {
            SingleContractTests.check(result, expected.wanted, "\(shape), \(expected.what)")
        }
        let gas = outcome.results.prefix(3).compactMap(\.gas)
        print(
            "batch of at most \(shape.maximum), \(shape.hash), \(shape.publicCount) inputs, \(shape.hashed.count) commitments: \(gas) gas, \(outcome.code) bytes, deployment \(outcome.deployment)"
        )
        // A proof by itself takes three times as much.
        #expect(gas[1] - gas[0] <= 90_000 + 30_000 * (shape.hashed.count - 1))
    }

    /// The largest contract fits.
    @Test func theLargestIsDeployed() throws {
        var generator = SeededGenerator.fresh()
        let shape = Shape(
            publicCount: 0, hashed: (0..<10).map { Array(1..<$0 + 1) }, hash: .sha256, sharesGamma: false)
        let (key, items) = try Self.items(shape, count: 2, &generator)
        var other = items
        other[1].proof.commitments[9] = -other[1].proof.commitments[9]
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .batch(maximum: ContractKind.batchLimit)),
            [Self.call(items), Self.call(other)])
        print("batch, 10 commitments: \(outcome.code) bytes")
        #expect(outcome.results.map(\.isTrue) == [true, false], "\(outcome)")
        #expect(outcome.results.allSatisfy(\.success) && outcome.code <= 24_576)
    }
}
