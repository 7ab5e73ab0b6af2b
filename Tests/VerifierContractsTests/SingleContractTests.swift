// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import ProofFixtures
import SnarkFormats
import TestSupport
import Testing
import VerifierContracts

/// The contract for one proof, in Vyper, executed.
@Suite(
    .enabled(if: ContractRunner.isPresent, "MARTLET_PYTHON names no Python with vyper, pyrevm and eth_abi"))
struct SingleContractTests {
    static func call(_ proof: Proof<BN254>, _ inputs: [BN254.Fr]) -> ContractCall {
        ContractCall(
            function: "verify",
            arguments: ABIValue.proof(proof) + (inputs.isEmpty ? [] : [.list(inputs.map(\.decimal))]))
    }

    /// What a mutated call must give: `false`, or a revert with a reason ("" for none).
    enum Wanted: Equatable {
        case isTrue, isFalse
        case revert(String)
    }

    static func check(
        _ result: ContractResult, _ wanted: Wanted, _ what: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        switch wanted {
        case .isTrue: #expect(result.isTrue, "\(what): \(result)", sourceLocation: location)
        case .isFalse: #expect(result.isFalse, "\(what): \(result)", sourceLocation: location)
        case .revert(let reason):
            #expect(
                !result.success && result.reason == reason, "\(what): \(result)", sourceLocation: location)
        }
    }

    @Test func realProofsAndTheirMutations() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try ContractKeys.Multiplier()
        let proof = try circuit.prove(using: &generator)
        let inputs = circuit.publicInputs
        var cases: [(what: String, call: ContractCall, wanted: Wanted)] = []
        func add(_ what: String, _ wanted: Wanted, _ change: (inout ContractCall) -> Void = { _ in }) {
            var call = Self.call(proof, inputs)
            change(&call)
            cases.append((what, call, wanted))
        }
        func add(proof what: String, _ wanted: Wanted, _ change: (inout Proof<BN254>) -> Void) {
            var other = proof
            change(&other)
            cases.append((what, Self.call(other, inputs), wanted))
            // Where points are valid the library's verdict is the contract's.
            let verdict = circuit.verifier.verify(
                other, publicInputs: inputs.map(\.canonical), parallel: .init(threads: 1))
            switch wanted {
            case .isTrue: #expect(verdict == .valid)
            case .isFalse: #expect(verdict == .equationFails)
            case .revert:
                if case .invalidPoint = verdict {} else { Issue.record("\(what): \(verdict)") }
            }
        }
        add("valid", .isTrue)
        cases.append(("another", Self.call(try circuit.prove(using: &generator), inputs), .isTrue))
        add(proof: "−A, −B", .isTrue) {
            $0.a = -$0.a
            $0.b = -$0.b
        }
        add(proof: "−A", .isFalse) { $0.a = -$0.a }
        add(proof: "−B", .isFalse) { $0.b = -$0.b }
        add(proof: "−C", .isFalse) { $0.c = -$0.c }
        add(proof: "A and C exchanged", .isFalse) { swap(&$0.a, &$0.c) }
        add(proof: "A = 0", .isFalse) { $0.a = .identity }
        add(proof: "B = 0", .isFalse) { $0.b = .identity }
        add(proof: "C = 0", .isFalse) { $0.c = .identity }
        let bad = Wanted.revert("invalid point")
        add(proof: "A.x", bad) { $0.a.x += .one }
        add(proof: "A.y", bad) { $0.a.y += .one }
        add(proof: "B.x.c0", bad) { $0.b.x.c0 += .one }
        add(proof: "B.x.c1", bad) { $0.b.x.c1 += .one }
        add(proof: "B.y.c0", bad) { $0.b.y.c0 += .one }
        add(proof: "B.y.c1", bad) { $0.b.y.c1 += .one }
        add(proof: "C.x", bad) { $0.c.x += .one }
        add(proof: "C.y", bad) { $0.c.y += .one }
        let outside = ContractKeys.outsideSubgroup(&generator)
        add(proof: "B outside the subgroup", bad) { $0.b = outside }
        // The same coordinate modulo p, and c0 before c1.
        add("A.x + p", bad) {
            $0.arguments[0] = .list([Alias.plusModulus(proof.a.x.decimal), proof.a.y.decimal])
        }
        add("C.y + p", bad) {
            $0.arguments[2] = .list([proof.c.x.decimal, Alias.plusModulus(proof.c.y.decimal)])
        }
        add("c0 before c1", bad) {
            $0.arguments[1] = .list([proof.b.x, proof.b.y].map { .list([$0.c0.decimal, $0.c1.decimal]) })
        }
        for i in inputs.indices {
            for (what, value) in [
                ("+ 1", (inputs[i] + .one).decimal), ("random", BN254.Fr.random(using: &generator).decimal),
                ("= 0", "0"), ("+ r", Alias.plusOrder(inputs[i])), ("= r", BN254.Fr.modulus.decimal),
            ] {
                add("input \(i) \(what)", .isFalse) {
                    var values = inputs.map(\.decimal)
                    values[i] = value
                    $0.arguments[3] = .list(values)
                }
            }
        }
        add("inputs exchanged", .isFalse) { $0.arguments[3] = .list(inputs.reversed().map(\.decimal)) }
        for drop in [1, 32, 64, 256, 319, 320] { add("\(drop) bytes short", .revert("")) { $0.drop = drop } }
        add("bytes behind the arguments", .isTrue) { $0.append = "ff" + String(repeating: "00", count: 40) }

        let outcome = try ContractRunner.run(
            ContractKeys.text(circuit.key.verifyingKey, .single), cases.map(\.call))
        #expect(outcome.results.count == cases.count)
        for (result, expected) in zip(outcome.results, cases) {
            Self.check(result, expected.wanted, expected.what)
        }
    }

    /// The arguments that `martlet export calldata` prints.
    static func arguments(calldata: String) throws -> [ABIValue] {
        func value(_ json: Any) throws -> ABIValue {
            if let list = json as? [Any] { return .list(try list.map(value)) }
            let hex = try #require(json as? String).dropFirst(2)
            let bytes = stride(from: 0, to: hex.count, by: 2).compactMap {
                UInt8(hex.dropFirst($0).prefix(2), radix: 16)
            }
            // Coordinates and inputs are below p.
            return .element(try #require(BN254.Fp(bigEndian: bytes)))
        }
        let json = try JSONSerialization.jsonObject(with: Data("[\(calldata)]".utf8))
        guard case .list(let arguments) = try value(json) else { throw CocoaError(.coderInvalidValue) }
        return arguments
    }

    /// `martlet export calldata` gives the arguments in the contract's order.
    @Test func calldataFits() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try ContractKeys.Multiplier()
        let text = try EVMCalldata.text(circuit.prove(using: &generator), publicInputs: circuit.publicInputs)
        let arguments = try Self.arguments(calldata: text)
        let outcome = try ContractRunner.run(
            ContractKeys.text(circuit.key.verifyingKey, .single),
            [ContractCall(function: "verify", arguments: arguments)])
        #expect(outcome.results[0].isTrue, "\(outcome)")
    }

    /// Keys with any number of inputs; gas where there is one.
    @Test(arguments: [0, 1, 3, VerifierContract.inlineLimit])
    func numbersOfInputs(_ count: Int) throws {
        var generator = SeededGenerator.fresh()
        let key = SimulatedKey<BN254>(publicCount: count, using: &generator)
        let inputs = (0..<count).map { _ in BN254.Fr.random(using: &generator) }
        let proof = key.proof(inputs, using: &generator)
        var calls = [Self.call(proof, inputs)]
        for i in Set([0, count - 1]) where count > 0 {
            var wrong = inputs
            wrong[i] += .one
            calls.append(Self.call(proof, wrong))
        }
        let outcome = try ContractRunner.run(ContractKeys.text(key.verifyingKey, .single), calls)
        #expect(outcome.results[0].isTrue, "\(outcome)")
        #expect(outcome.results.dropFirst().allSatisfy { $0.isFalse }, "\(outcome)")
        let gas = try #require(outcome.results[0].gas)
        print("single, \(count) inputs: \(gas) gas, \(outcome.code) bytes, deployment \(outcome.deployment)")
        #expect(outcome.code <= 24_576)
        if count == 1 { #expect(gas <= 214_517) }
    }

    /// A key whose input does not count: the contract works, and does not look at that input beyond its
    /// range.
    @Test func identityInIC() throws {
        var generator = SeededGenerator.fresh()
        let key = SimulatedKey<BN254>(publicCount: 2, unbound: [1], using: &generator)
        let inputs = [BN254.Fr.random(using: &generator), BN254.Fr.random(using: &generator)]
        let proof = key.proof(inputs, using: &generator)
        var outOfRange = Self.call(proof, inputs)
        outOfRange.arguments[3] = .list([inputs[0].decimal, BN254.Fr.modulus.decimal])
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .single),
            [
                Self.call(proof, inputs), Self.call(proof, [inputs[0], .zero]),
                Self.call(proof, [inputs[1], inputs[1]]), outOfRange,
            ])
        #expect(outcome.results.map(\.isTrue) == [true, true, false, false], "\(outcome)")
    }
}
