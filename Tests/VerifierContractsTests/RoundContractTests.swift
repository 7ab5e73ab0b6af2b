// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import ProofFixtures
import TestSupport
import Testing
import VerifierContracts

/// The contract for rounds, in Vyper, executed with proofs of a synthetic circuit with two public inputs.
@Suite(
    .enabled(if: ContractRunner.isPresent, "MARTLET_PYTHON names no Python with vyper, pyrevm and eth_abi"))
struct RoundContractTests {
    typealias Fr = BN254.Fr

    static let nobody = "0x" + String(repeating: "00", count: 20)
    static let operatorAddress = "0x" + String(repeating: "ab", count: 20)
    static let stranger = "0x" + String(repeating: "cd", count: 20)

    /// A chain of states and the proofs of its rounds.
    struct Chain {
        let circuit: SyntheticProof<BN254>
        var states: [Fr]
        var proofs: [Proof<BN254>] = []
        private let parallel = Parallel(threads: 2)

        init(rounds: Int, using generator: inout SeededGenerator) throws {
            circuit = try SyntheticProof<BN254>(
                logSize: 4, publicCount: 2, shape: .uniform, seed: generator.next())
            states = [.random(using: &generator)]
            for _ in 0..<rounds {
                let next = Fr.random(using: &generator)
                proofs.append(try prove([states[states.count - 1], next]))
                states.append(next)
            }
        }

        func prove(_ inputs: [Fr]) throws -> Proof<BN254> {
            let witness = SecretScalars<Fr>(circuit.witness(publicInputs: inputs).map(\.canonical))
            return try circuit.prove(
                witness, on: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
        }

        func submission(_ round: Int, sender: String? = nil) -> ContractCall {
            RoundContractTests.submission(proofs[round], states[round + 1].decimal, sender: sender)
        }
    }

    static func submission(
        _ proof: Proof<BN254>, _ state: String, sender: String? = nil
    ) -> ContractCall {
        ContractCall(
            function: "submit_round",
            arguments: ABIValue.proof(proof) + [.number(state)], sender: sender)
    }

    static func constructor(_ genesis: Fr, _ operatorAddress: String) -> [ABIValue] {
        [.element(genesis), .number(operatorAddress)]
    }

    @Test func aChainOfRounds() throws {
        var generator = SeededGenerator.fresh()
        let chain = try Chain(rounds: 3, using: &generator)
        let text = try ContractKeys.text(chain.circuit.verifyingKey, .round)
        var calls: [ContractCall] = []
        for round in 0..<3 {
            calls.append(chain.submission(round))
            // Each earlier proof again, in the state that the round left.
            for earlier in 0...round { calls.append(chain.submission(earlier)) }
        }
        calls += ["state", "OPERATOR"].map { ContractCall(function: $0) }
        let outcome = try ContractRunner.run(
            text, constructor: Self.constructor(chain.states[0], Self.nobody), calls)
        var place = 0
        for round in 0..<3 {
            let settled = outcome.results[place]
            let storage = [chain.states[round + 1].decimal]
            #expect(settled.success && settled.storage == storage, "\(settled)")
            #expect(
                settled.events == [
                    .init(
                        name: "RoundSettled",
                        values: [chain.states[round].decimal, chain.states[round + 1].decimal])
                ])
            let gas = try #require(settled.gas)
            print("round \(round + 1): \(gas) gas, \(outcome.code) bytes, deployment \(outcome.deployment)")
            // What two inputs, one changed slot and the event cost without any code is in docs/contracts.md.
            #expect(gas <= 227_400)
            place += 1
            for earlier in 0...round {
                let replay = outcome.results[place]
                let reason = earlier == round ? "state unchanged" : "invalid proof"
                #expect(!replay.success && replay.reason == reason && replay.storage == storage, "\(replay)")
                place += 1
            }
        }
        #expect(outcome.results[place].values == [chain.states[3].decimal])
        #expect(outcome.results[place + 1].values == [Self.nobody])
    }

    @Test func whatDoesNotFitIsRefused() throws {
        var generator = SeededGenerator.fresh()
        let chain = try Chain(rounds: 2, using: &generator)
        let (proof, state) = (chain.proofs[0], chain.states[1])
        var cases: [(what: String, call: ContractCall, reason: String)] = []
        func add(
            _ what: String, _ reason: String, proof: Proof<BN254> = proof, state: String? = nil,
            change: (inout ContractCall) -> Void = { _ in }
        ) {
            var call = Self.submission(proof, state ?? chain.states[1].decimal)
            change(&call)
            cases.append((what, call, reason))
        }
        cases.append(("the second round first", chain.submission(1), "invalid proof"))
        add("another new state", "invalid proof", state: (state + .one).decimal)
        add("the state after the next", "invalid proof", state: chain.states[2].decimal)
        add("state + r", "new state out of range", state: Alias.plusOrder(state))
        add("state = r", "new state out of range", state: Fr.modulus.decimal)
        // A proof that leads nowhere is a proof all the same.
        let still = try chain.prove([chain.states[0], chain.states[0]])
        add("the old state", "state unchanged", proof: still, state: chain.states[0].decimal)
        // A proof from another state, and one whose old state is the right one only modulo nothing.
        let elsewhere = try chain.prove([chain.states[0] + .one, state])
        add("from elsewhere", "invalid proof", proof: elsewhere)
        for (what, change) in [
            ("−A", { $0.a = -$0.a }), ("−B", { $0.b = -$0.b }), ("−C", { $0.c = -$0.c }),
            ("C = 0", { $0.c = .identity }),
        ] as [(String, (inout Proof<BN254>) -> Void)] {
            var other = proof
            change(&other)
            add(what, "invalid proof", proof: other)
        }
        for (what, change) in [
            ("A.x", { $0.a.x += .one }), ("B.x", { $0.b.x.c1 += .one }), ("C.y", { $0.c.y += .one }),
        ] as [(String, (inout Proof<BN254>) -> Void)] {
            var other = proof
            change(&other)
            add(what, "invalid point", proof: other)
        }
        for drop in [1, 32, 64, 288] { add("\(drop) bytes short", "", change: { $0.drop = drop }) }
        // The proof's pairing needs more gas than there is: nothing may be settled.
        add("too little gas", "invalid point", change: { $0.gas = 200_000 })

        let last = chain.submission(0)
        let outcome = try ContractRunner.run(
            ContractKeys.text(chain.circuit.verifyingKey, .round),
            constructor: Self.constructor(chain.states[0], Self.nobody), cases.map(\.call) + [last])
        let before = [chain.states[0].decimal]
        for (result, expected) in zip(outcome.results, cases) {
            #expect(
                !result.success && result.reason == expected.reason && result.storage == before
                    && result.events.isEmpty, "\(expected.what): \(result)")
        }
        // After all that the right one is still taken.
        #expect(outcome.results.last?.success == true, "\(String(describing: outcome.results.last))")
    }

    @Test func onlyTheOperatorMaySubmit() throws {
        var generator = SeededGenerator.fresh()
        let chain = try Chain(rounds: 2, using: &generator)
        let outcome = try ContractRunner.run(
            ContractKeys.text(chain.circuit.verifyingKey, .round),
            constructor: Self.constructor(chain.states[0], Self.operatorAddress),
            [
                chain.submission(0, sender: Self.stranger), chain.submission(0, sender: Self.operatorAddress),
                chain.submission(1, sender: Self.stranger), chain.submission(1),
                chain.submission(1, sender: Self.operatorAddress), ContractCall(function: "OPERATOR"),
                ContractCall(function: "state", sender: Self.stranger),
            ])
        #expect(outcome.results.map(\.success) == [false, true, false, false, true, true, true])
        for i in [0, 2, 3] {
            #expect(outcome.results[i].reason == "not the operator")
            #expect(outcome.results[i].storage[0] == chain.states[i == 0 ? 0 : 1].decimal)
        }
        #expect(outcome.results[5].values == [Self.operatorAddress])
        #expect(outcome.results[6].values == [chain.states[2].decimal])
        let gas = try #require(outcome.results[4].gas)
        print("round with an operator: \(gas) gas")
        #expect(gas <= 227_400)
    }

    /// A malleated proof settles the same round, once: there is nothing in it that names the proof.
    @Test func malleatedProofs() throws {
        var generator = SeededGenerator.fresh()
        let chain = try Chain(rounds: 1, using: &generator)
        var other = chain.proofs[0]
        other.a = -other.a
        other.b = -other.b
        let calls = [
            Self.submission(other, chain.states[1].decimal), chain.submission(0),
        ]
        let results = try ContractRunner.run(
            ContractKeys.text(chain.circuit.verifyingKey, .round),
            constructor: Self.constructor(chain.states[0], Self.nobody), calls
        ).results
        #expect(results.map(\.success) == [true, false], "\(results)")
    }

    @Test func aGenesisOutOfRangeIsNotDeployed() throws {
        var generator = SeededGenerator.fresh()
        let key = SimulatedKey<BN254>(publicCount: 2, using: &generator).verifyingKey
        let text = try ContractKeys.text(key, .round)
        for genesis in [Fr.modulus.decimal, Alias.plusOrder(Fr(5))] {
            let outcome = try ContractRunner.run(
                text, constructor: [.number(genesis), .number(Self.nobody)], [])
            #expect(outcome.refused == "genesis out of range", "\(outcome)")
        }
        let greatest = try ContractRunner.run(
            text, constructor: Self.constructor(-.one, Self.nobody), [ContractCall(function: "state")])
        #expect(greatest.refused == nil && greatest.results[0].values == [(-Fr.one).decimal])
    }
}
