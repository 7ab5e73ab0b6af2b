// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import FederatedLearning
import FiniteFields
import Groth16
import Recursion
import SecureAggregation
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

extension PrivateFixture {
    /// A round of these members, with what was opened for it, and the sum of their messages.
    func round(_ counted: MemberSet) throws -> (witness: PrivateRoundWitness, sum: [Scalar]) {
        let sent = Dictionary(uniqueKeysWithValues: counted.map { ($0, updates[$0]) })
        let sum = try unmasked(sent, counted: counted)
        return (
            PrivateRoundWitness(
                state: state, model: model, cohort: cohort,
                unmasking: UnmaskingWitness(
                    counted: counted, updates: sent, ownSeeds: sum.ownSeeds, pairSeeds: sum.pairSeeds),
                nextRegistry: Scalar(7)), sum.sum
        )
    }
}

@Suite struct PrivateRoundTests {
    private static func task(_ members: Int, _ threshold: Int) -> TaskDescription {
        .smallPrivate(layers: [3, 2], clip: 0.2, members: members, threshold: threshold)
    }

    /// All members, and with one or more missing at all places: the circuit's next state is the code's.
    @Test func circuitAgreesWithTheCode() throws {
        var generator = SeededGenerator.fresh()
        let sets: [(Int, Int, [MemberSet])] = [
            (3, 2, [[0, 1, 2], [1, 2], [0, 2], [0, 1]]),
            (5, 3, [[0, 1, 2, 3, 4], [1, 2, 4], [0, 2, 3, 4]]),
        ]
        for (members, threshold, sets) in sets {
            let fixture = try PrivateFixture(Self.task(members, threshold), using: &generator)
            let circuit = PrivateRoundCircuit(fixture.plan, nil)
            let checked = CheckedCircuit(circuit.build(.constraints, nil, nil, nil, .allCores, names: true))
            for counted in sets {
                let (witness, sum) = try fixture.round(counted)
                let values = circuit.build(.witness, witness, nil, nil, .allCores).limbs
                #expect(checked.violated(by: values) == "")
                let next = witness.next(fixture.plan, sum: sum)
                #expect(
                    values[1...3]
                        == [fixture.state.hash, next.state.hash, witness.nextRegistry].map(\.canonical)[...])
                #expect(next.state.round == PrivateFixture.round + 1 && next.state.registry == Scalar(7))
                #expect(next.model != fixture.model)
                if members == 3 && counted != [1, 2] {
                    #expect(checked.freeWires(of: values, using: &generator) == [])
                }
            }
        }
    }

    /// The step is by the mean of the clipped gradients and their noise.
    @Test func theStepIsThatOfTheSum() throws {
        var generator = SeededGenerator.fresh()
        let fixture = try PrivateFixture(Self.task(3, 2), using: &generator)
        let (plan, counted) = (fixture.plan, [0, 2] as MemberSet)
        let (witness, sum) = try fixture.round(counted)
        let model = witness.next(plan, sum: sum).model
        let rate =
            plan.base.task.learningRate / Double(plan.base.task.batchSize * counted.count)
            * Double(1 << plan.base.task.arithmetic.weightFraction)
            / Double(1 << plan.privacy.updateFraction)
        var total = [Int](repeating: 0, count: plan.base.weightCount)
        for place in counted {
            let own = fixture.witness(place)
            let trace = plan.trace(model: own.model, batch: own.batch)
            let noise = plan.noise.values(own.secret, own.cohort.context(plan))
            for index in total.indices { total[index] += trace.update.flattened[index] + noise[index] }
        }
        let limit = Double(plan.base.weightPacking.offset)
        for (index, (old, new)) in zip(fixture.model.flattened, model.flattened).enumerated() {
            let exact = min(max(Double(old) - Double(total[index]) * rate, -limit), limit - 1)
            #expect(abs(exact - Double(new)) < 1)
        }
    }

    /// What a sequencer would like to add up, and where it is refused.
    @Test func attacksOfTheSequencer() throws {
        var generator = SeededGenerator.fresh()
        let fixture = try PrivateFixture(Self.task(3, 2), using: &generator)
        let circuit = PrivateRoundCircuit(fixture.plan, nil)
        let checked = CheckedCircuit(circuit.build(.constraints, nil, nil, nil, .allCores, names: true))
        let (whole, _) = try fixture.round([0, 1, 2])
        let (partial, _) = try fixture.round([0, 2])
        func violated(
            _ witness: PrivateRoundWitness, _ change: (inout PrivateRoundWitness) -> Void
        ) -> Set<String> {
            var witness = witness
            change(&witness)
            return Set(
                checked.allViolated(by: circuit.build(.witness, witness, nil, nil, .allCores).limbs))
        }
        #expect(violated(whole) { _ in } == [] && violated(partial) { _ in } == [])
        // Seeds that nobody committed to; the sum under them is no sum of slots either.
        let random = Scalar.random(using: &generator)
        #expect(violated(whole) { $0.unmasking.ownSeeds[1] = random } == ["masks", "sum"])
        #expect(
            violated(partial) { $0.unmasking.pairSeeds[MemberPair(counted: 2, missing: 1)] = random }
                == ["masks", "sum"])
        // A vector of its own with a seed and a commitment to it: nothing in here is violated but the sum,
        // and the hashes are those of no proof.
        let forged = violated(whole) { witness in
            witness.unmasking.ownSeeds[1] = random
            witness.unmasking.updates[1]!.commitments[0] = Poseidon.hash(random, Scalar(0x5341_0101))
            let old = MaskedUpdate.ownMask(whole.unmasking.ownSeeds[1]!, fixture.plan.cohort)
            let new = MaskedUpdate.ownMask(random, fixture.plan.cohort)
            for (index, (old, new)) in zip(old, new).enumerated() {
                witness.unmasking.updates[1]!.masked[index] += new - old
            }
        }
        #expect(forged == [])
        // Fewer than the threshold; a member who counts, without its update; one who is missing in two rows.
        #expect(violated(partial) { $0.unmasking.counted = [0] }.contains("masks"))
        #expect(violated(partial) { $0.unmasking.counted = [0, 1, 2] } == ["masks", "sum"])
        // One member twice in a cohort.
        #expect(
            violated(whole) { $0.cohort.members[2].nullifier = $0.cohort.members[0].nullifier }
                == ["nullifiers"])
        #expect(
            violated(partial) { $0.cohort.members[1] = $0.cohort.members[0] } == ["nullifiers"])
    }

    /// Statements are those that the members prove: an update or a roster's entry that is changed after its
    /// proof is another statement, and so another state.
    @Test func theBatchIsOfTheStatements() throws {
        var generator = SeededGenerator.fresh()
        let fixture = try PrivateFixture(Self.task(3, 2), using: &generator)
        let (witness, sum) = try fixture.round([0, 1])
        let own = witness.next(fixture.plan, sum: sum).state
        for change in [
            { $0.unmasking.updates[0]!.commitments[1] += .one }, { $0.cohort.members[2].commitment = .one },
            { $0.cohort.roster = .one }, { $0.unmasking.updates[1]!.shares[0][0] = .one },
        ] as [(inout PrivateRoundWitness) -> Void] {
            var other = witness
            change(&other)
            #expect(other.next(fixture.plan, sum: sum).state.batch != own.batch)
        }
        var unused = witness
        unused.unmasking.updates[2] = fixture.updates[2]
        #expect(unused.next(fixture.plan, sum: sum).state == own)
    }

    /// With keys: the members' proofs are verified, of their updates and of their joins. Whoever has no proof
    /// of an update, or is not registered, is refused by the verification and by nothing before it.
    @Test func membersAreProved() throws {
        var generator = SeededGenerator.fresh()
        var task = TaskDescription.smallPrivate(
            layers: [1, 1], clip: 0.2, batchSize: 1, settlement: .commitment)
        (task.datasetDepth, task.registryDepth) = (0, 2)
        let fixture = try PrivateFixture(task, joins: true, using: &generator)
        let (join, update) = (JoinCircuit(fixture.plan), PrivateUpdateCircuit(fixture.plan))
        func proved(
            _ constraints: CircuitBuilder, _ witnesses: [CircuitBuilder]
        ) throws -> (ConstantVerifyingKey, [MemberProof]) {
            let key = try Groth16Setup<BN254>(constraints.constraintSystem(), parallel: .allCores)
                .development(using: &generator).key
            let prover = Prover(backend: CPUBackend<BN254>(parallel: .allCores), parallel: .allCores)
            return (
                ConstantVerifyingKey(key.verifyingKey),
                try witnesses.map {
                    .plain(
                        try prover.prove(
                            key: key, verifier: Verifier(key.verifyingKey), witness: $0.witness(),
                            using: &generator))
                }
            )
        }
        let counted: MemberSet = [0, 2]
        let joins = try proved(
            join.build(.constraints, nil), counted.sorted().map { join.build(.witness, fixture.join($0)) })
        let updates = try proved(
            update.build(.constraints, nil),
            counted.sorted().map { update.build(.witness, fixture.witness($0)) })
        let circuit = PrivateRoundCircuit(fixture.plan, PrivateKeys(join: joins.0, update: updates.0))
        let checked = CheckedCircuit(circuit.build(.constraints, nil, nil, nil, .allCores, names: true))
        let proofs = PrivateProofs(
            joins: [0: joins.1[0], 2: joins.1[1]], updates: [0: updates.1[0], 2: updates.1[1]])
        let (witness, _) = try fixture.round(counted)
        func violated(
            _ change: (inout PrivateRoundWitness) -> Void
        ) -> String {
            var witness = witness
            change(&witness)
            return checked.violated(
                by: circuit.build(.witness, witness, proofs, .constant, .allCores).limbs)
        }
        #expect(violated { _ in } == "")
        // Of a message that was not proved; of members who are not in the state's registry.
        #expect(
            violated { own in own.unmasking.updates[2]!.shares[0][0] += .one }.hasPrefix("emulation"))
        #expect(violated { own in own.state.registry += .one }.hasPrefix("emulation"))
    }

    /// The sizes in docs/private-rounds.md, beside the verification of the members' proofs.
    @Test(arguments: [(8, 6, 15, 2, 169_055), (16, 12, 16, 1, 360_614)])
    func sizesAreThoseOfTheDocumentation(
        members: Int, threshold: Int, noiseBits: Int, summands: Int, constraints: Int
    ) throws {
        let plan = try PrivatePlan(
            .digits(members: members, threshold: threshold, noiseBits: noiseBits, summands: summands))
        let built = PrivateRoundCircuit(plan, nil)
            .build(.constraints, nil, nil, nil, .allCores, names: true)
        #expect(built.constraintCount == constraints)
    }
}
