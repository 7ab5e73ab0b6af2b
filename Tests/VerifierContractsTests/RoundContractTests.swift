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

/// The contracts for rounds, in Vyper, executed; of keys without commitments and with one.
@Suite(
    .enabled(if: ContractRunner.isPresent, "MARTLET_PYTHON names no Python with vyper, pyrevm and eth_abi"))
struct RoundContractTests {
    typealias Fr = BN254.Fr

    /// What a round may cost as a whole transaction.
    private static func goal(_ proofs: RoundProofs) -> Int {
        switch proofs {
        case .plain: 236_000
        case .keccak256, .sha256: 296_000
        case .ownGenerator: 330_000
        case .twoCommitments: 350_000
        }
    }

    @Test(
        arguments: RoundProofs.allCases.map { ($0, ContractKind.round) } + [
            (.plain, .attestedRound), (.keccak256, .attestedRound),
        ])
    func aChainOfRounds(_ proofs: RoundProofs, _ kind: ContractKind) throws {
        var generator = SeededGenerator.fresh()
        let chain = try RoundChain(proofs, rounds: 3, using: &generator)
        let sender = kind == .round ? nil : RoundChain.operatorAddress
        var calls: [ContractCall] = []
        for round in 0..<3 {
            calls.append(chain.submission(round, sender: sender))
            // Each earlier proof again, in the state that the round left.
            for earlier in 0...round { calls.append(chain.submission(earlier, sender: sender)) }
        }
        calls += ["state", "registry", "OPERATOR", "REGISTRAR"].map { ContractCall(function: $0) }
        let outcome = try ContractRunner.run(
            chain.text(kind), constructor: chain.constructor(operator: sender ?? RoundChain.nobody), calls)
        try #require(outcome.results.count == calls.count, "\(outcome)")
        var place = 0
        for round in 0..<3 {
            let settled = outcome.results[place]
            let storage = [chain.states[round + 1].decimal, chain.registries[0].decimal]
            #expect(settled.success && settled.storage == storage, "\(settled)")
            #expect(
                settled.events == [
                    .init(
                        name: "RoundSettled",
                        values: [chain.states[round].decimal, chain.states[round + 1].decimal])
                ])
            let gas = try #require(settled.gas)
            print("\(kind) \(proofs): \(gas) gas, \(outcome.code) bytes, deployment \(outcome.deployment)")
            #expect(gas <= Self.goal(proofs))
            place += 1
            for earlier in 0...round {
                let replay = outcome.results[place]
                let reason = earlier == round ? "state unchanged" : "invalid proof"
                #expect(!replay.success && replay.reason == reason && replay.storage == storage, "\(replay)")
                place += 1
            }
        }
        #expect(
            outcome.results[place...].map(\.values) == [
                [chain.states[3].decimal], [chain.registries[0].decimal], [sender ?? RoundChain.nobody],
                [RoundChain.registrar],
            ])
    }

    @Test(arguments: [RoundProofs.plain, .keccak256])
    func whatDoesNotFitIsRefused(_ proofs: RoundProofs) throws {
        var generator = SeededGenerator.fresh()
        let chain = try RoundChain(proofs, rounds: 2, using: &generator)
        let (proof, state, registry) = (chain.proofs[0], chain.states[1], chain.registries[0])
        var cases: [(what: String, call: ContractCall, reason: String)] = []
        func add(
            _ what: String, _ reason: String, proof: RoundChain.RoundProof = proof, state: String? = nil,
            change: (inout ContractCall) -> Void = { _ in }
        ) {
            var call = RoundChain.submission(proof, state ?? chain.states[1].decimal)
            change(&call)
            cases.append((what, call, reason))
        }
        cases.append(("the second round first", chain.submission(1), "invalid proof"))
        add("another new state", "invalid proof", state: (state + .one).decimal)
        add("the state after the next", "invalid proof", state: chain.states[2].decimal)
        add("state + r", "new state out of range", state: Alias.plusOrder(state))
        add("state = r", "new state out of range", state: Fr.modulus.decimal)
        // A proof that leads nowhere is a proof all the same.
        let still = try chain.prove([chain.states[0], chain.states[0], registry], using: &generator)
        add("the old state", "state unchanged", proof: still, state: chain.states[0].decimal)
        for (what, inputs) in [
            ("from elsewhere", [chain.states[0] + .one, state, registry]),
            ("another registry", [chain.states[0], state, chain.registries[1]]),
            ("no registry", [chain.states[0], state, .zero]),
            ("state and registry exchanged", [chain.states[0], registry, state]),
        ] {
            add(what, "invalid proof", proof: try chain.prove(inputs, using: &generator))
        }
        for (what, change) in Self.otherPoints + (proof.commitments.isEmpty ? [] : Self.otherCommitments) {
            var other = proof
            change(&other)
            add(what, "invalid proof", proof: other)
        }
        // Every word of the proof: one more, and the same modulo p.
        for (argument, value) in ABIValue.proof(proof).enumerated() {
            for word in 0..<value.words.count {
                for (what, change) in [
                    ("+ 1", { Alias.sum($0, "1") }), ("+ p", Alias.plusModulus),
                ] as [(String, (String) -> String)] {
                    add("word \(word) of argument \(argument) \(what)", "invalid point") {
                        $0.arguments[argument] = value.changing(word: word, by: change)
                    }
                }
            }
        }
        for drop in [1, 32, 64, 288] { add("\(drop) bytes short", "", change: { $0.drop = drop }) }
        // The proof's pairing needs more gas than there is: nothing may be settled.
        add("too little gas", "invalid point", change: { $0.gas = 200_000 })

        let last = chain.submission(0)
        let outcome = try ContractRunner.run(
            chain.text(.round), constructor: chain.constructor(), cases.map(\.call) + [last])
        try #require(outcome.results.count == cases.count + 1, "\(outcome)")
        let before = [chain.states[0].decimal, registry.decimal]
        for (result, expected) in zip(outcome.results, cases) {
            #expect(
                !result.success && result.reason == expected.reason && result.storage == before
                    && result.events.isEmpty, "\(expected.what): \(result)")
        }
        // After all that the right one is still taken.
        #expect(outcome.results.last?.success == true, "\(String(describing: outcome.results.last))")
    }

    /// Points of their groups that are not the proof's.
    private static let otherPoints: [(String, @Sendable (inout RoundChain.RoundProof) -> Void)] = [
        ("−A", { $0.a = -$0.a }), ("−B", { $0.b = -$0.b }), ("−C", { $0.c = -$0.c }),
        ("C = 0", { $0.c = .identity }), ("A and C exchanged", { swap(&$0.a, &$0.c) }),
    ]
    private static let otherCommitments: [(String, @Sendable (inout RoundChain.RoundProof) -> Void)] = [
        ("−D", { $0.commitments[0] = -$0.commitments[0] }),
        ("D = 0", { $0.commitments[0] = .identity }), ("−P", { $0.knowledge = -$0.knowledge }),
        ("P = 0", { $0.knowledge = .identity }),
        ("D and P exchanged", { swap(&$0.commitments[0], &$0.knowledge) }),
        (
            "D and P = 0",
            {
                $0.commitments[0] = .identity
                $0.knowledge = .identity
            }
        ),
    ]

    @Test(arguments: [ContractKind.round, .attestedRound])
    func onlyTheOperatorMaySubmit(_ kind: ContractKind) throws {
        var generator = SeededGenerator.fresh()
        let chain = try RoundChain(.plain, rounds: 2, using: &generator)
        let (operatorAddress, stranger) = (RoundChain.operatorAddress, RoundChain.stranger)
        let outcome = try ContractRunner.run(
            chain.text(kind), constructor: chain.constructor(operator: operatorAddress),
            [
                chain.submission(0, sender: stranger), chain.submission(0, sender: operatorAddress),
                chain.submission(1, sender: stranger), chain.submission(1, sender: RoundChain.registrar),
                chain.submission(1, sender: RoundChain.nobody),
                chain.submission(1, sender: operatorAddress), ContractCall(function: "OPERATOR"),
                ContractCall(function: "state", sender: stranger),
            ])
        #expect(
            outcome.results.map(\.success) == [false, true, false, false, false, true, true, true],
            "\(outcome)")
        for i in [0, 2, 3, 4] {
            #expect(outcome.results[i].reason == "not the operator")
            #expect(outcome.results[i].storage[0] == chain.states[i == 0 ? 0 : 1].decimal)
        }
        #expect(outcome.results[6].values == [operatorAddress])
        #expect(outcome.results[7].values == [chain.states[2].decimal])
        let gas = try #require(outcome.results[5].gas)
        print("\(kind) with an operator: \(gas) gas")
        #expect(gas <= 236_000)
    }

    /// The registrar alone says which registry the next state has to hold.
    @Test(arguments: [RoundProofs.plain, .keccak256])
    func theRegistryIsTheRegistrars(_ proofs: RoundProofs) throws {
        var generator = SeededGenerator.fresh()
        let chain = try RoundChain(proofs, rounds: 2, using: &generator)
        let (first, second) = (chain.registries[0], chain.registries[1])
        let set = { RoundChain.setRegistry($0, sender: $1) }
        let (registrar, operatorAddress) = (RoundChain.registrar, RoundChain.operatorAddress)
        let changed = RoundChain.submission(
            try chain.prove([chain.states[0], chain.states[1], second], using: &generator),
            chain.states[1].decimal, sender: operatorAddress)
        let next = chain.submission(1, sender: operatorAddress)
        let steps: [(call: ContractCall, reason: String?)] = [
            // For a registry that is not yet there.
            (changed, "invalid proof"),
            (set(second.decimal, RoundChain.stranger), "not the registrar"),
            (set(second.decimal, operatorAddress), "not the registrar"),
            (set(second.decimal, RoundChain.nobody), "not the registrar"),
            (set(Fr.modulus.decimal, registrar), "registry out of range"),
            (set(Alias.plusOrder(first), registrar), "registry out of range"),
            (set(first.decimal, registrar), "registry unchanged"),
            (set(second.decimal, registrar), nil),
            // It was made before the registry changed.
            (chain.submission(0, sender: operatorAddress), "invalid proof"), (changed, nil),
            (next, "invalid proof"), (set(first.decimal, registrar), nil), (next, nil),
            (set((-Fr.one).decimal, registrar), nil), (set("0", registrar), nil),
        ]
        let outcome = try ContractRunner.run(
            chain.text(.round), constructor: chain.constructor(operator: operatorAddress), steps.map(\.call))
        try #require(outcome.results.count == steps.count, "\(outcome)")
        var storage = [chain.states[0].decimal, first.decimal]
        for ((call, reason), result) in zip(steps, outcome.results) {
            var events: [ContractResult.Event] = []
            if reason == nil {
                let value = try #require(call.arguments.last?.words.first)
                let place = call.function == "set_registry" ? 1 : 0
                events = [
                    .init(
                        name: place == 1 ? "RegistryChanged" : "RoundSettled",
                        values: [storage[place], value]
                    )
                ]
                storage[place] = value
            }
            #expect(
                result.success == (reason == nil) && result.reason == reason && result.storage == storage
                    && result.events == events, "\(call.function): \(result), not \(reason ?? "success")")
        }
        let gas = try #require(outcome.results[7].gas)
        print("set_registry: \(gas) gas")
        #expect(gas <= 28_500)
    }

    /// Without a registrar nobody changes the registry, not even a caller without an address.
    @Test(arguments: [ContractKind.round, .attestedRound])
    func withoutARegistrar(_ kind: ContractKind) throws {
        var generator = SeededGenerator.fresh()
        let chain = try RoundChain(.plain, rounds: 1, using: &generator)
        let senders = [
            RoundChain.nobody, RoundChain.operatorAddress, RoundChain.registrar, RoundChain.stranger,
        ]
        let outcome = try ContractRunner.run(
            chain.text(kind),
            constructor: chain.constructor(
                operator: RoundChain.operatorAddress, registrar: RoundChain.nobody),
            senders.map { RoundChain.setRegistry(chain.registries[1].decimal, sender: $0) }
                + [chain.submission(0, sender: RoundChain.operatorAddress)])
        #expect(outcome.results.map(\.success) == [false, false, false, false, true], "\(outcome)")
        for result in outcome.results.dropLast() { #expect(result.reason == "not the registrar") }
        #expect(
            outcome.results.last?.storage == [chain.states[1].decimal, chain.registries[0].decimal])
    }

    /// A malleated proof settles the same round, once: there is nothing in it that names the proof.
    @Test func malleatedProofs() throws {
        var generator = SeededGenerator.fresh()
        let chain = try RoundChain(.plain, rounds: 1, using: &generator)
        var other = chain.proofs[0]
        other.a = -other.a
        other.b = -other.b
        let calls = [
            RoundChain.submission(other, chain.states[1].decimal), chain.submission(0),
        ]
        let results = try ContractRunner.run(
            chain.text(.round), constructor: chain.constructor(), calls
        ).results
        #expect(results.map(\.success) == [true, false], "\(results)")
    }

    @Test(arguments: [ContractKind.round, .attestedRound])
    func whatIsNotDeployed(_ kind: ContractKind) throws {
        var generator = SeededGenerator.fresh()
        let chain = try RoundChain(.plain, rounds: 0, using: &generator)
        var others: [(constructor: [ABIValue], reason: String?)] = []
        for (place, reason) in ["genesis out of range", "registry out of range"].enumerated() {
            for value in [Fr.modulus.decimal, Alias.plusOrder(Fr(5))] {
                var constructor = chain.constructor(operator: RoundChain.operatorAddress)
                constructor[place] = .number(value)
                others.append((constructor, reason))
            }
        }
        // Who takes the operator's word wants an operator.
        others.append((chain.constructor(), kind == .round ? nil : "no operator"))
        let outcome = try ContractRunner.run(
            chain.text(kind),
            constructor: chain.constructor(genesis: -.one, operator: RoundChain.operatorAddress),
            [ContractCall(function: "state")], others: others.map(\.constructor))
        #expect(outcome.others == others.map(\.reason))
        // The greatest state is one.
        #expect(outcome.refused == nil && outcome.results[0].values == [(-Fr.one).decimal], "\(outcome)")
    }
}
