// SPDX-License-Identifier: Apache-2.0

import Circuits
import DifferentialPrivacy
import FederatedLearning
import FiniteFields
import Foundation
import SecureAggregation
import TestSupport
import Testing

@Suite struct PrivatePlanTests {
    /// Each number that cannot be is refused by its name.
    @Test func whatCannotBeIsRefused() {
        let cases: [(String, (inout TaskDescription) -> Void)] = [
            ("privacy.clip", { $0.privacy!.clip = 0 }), ("privacy.clip", { $0.privacy!.clip = 0.001 }),
            ("privacy.clip", { $0.privacy!.clip = 1e9 }), ("privacy.clip", { $0.privacy!.clip = .infinity }),
            ("privacy.updateFraction", { $0.privacy!.updateFraction = 2 }),
            ("privacy.updateFraction", { $0.privacy!.updateFraction = 16 }),
            ("privacy.updateFraction", { $0.privacy!.updateFraction = -1 }),
            ("privacy.members", { $0.privacy!.members = 2 }),
            ("privacy.members", { $0.privacy!.members = 17 }),
            ("privacy.members", { $0.clientsPerRound = 4 }),
            ("privacy.threshold", { $0.privacy!.threshold = 1 }),
            ("privacy.threshold", { $0.privacy!.threshold = 4 }),
            ("privacy.threshold", { $0.minimumClients = 1 }),
            ("privacy.colluders", { $0.privacy!.colluders = 1 }),
            ("privacy.colluders", { $0.privacy!.colluders = -1 }),
            ("privacy.noiseBits", { $0.privacy!.noiseBits = 0 }),
            ("privacy.noiseBits", { $0.privacy!.noiseBits = 19 }),
            ("privacy.noiseSummands", { $0.privacy!.noiseSummands = 1 }),
            ("privacy.noiseSummands", { $0.privacy!.noiseSummands = 29 }),
            ("privacy.rounds", { $0.privacy!.rounds = 0 }), ("privacy.rounds", { $0.privacy!.rounds = 1025 }),
            ("aggregator", { $0.aggregator = .median }), ("privacy", { $0.privacy = nil }),
        ]
        for (field, change) in cases {
            var task = TaskDescription.smallPrivate()
            change(&task)
            let error = #expect(throws: TaskError.self) { _ = try PrivatePlan(task) }
            #expect(error?.field == field)
        }
    }

    /// No federation that shows updates to its sequencer is made of a task that says it is private.
    @Test func privateTasksAreNoOthers() {
        let error = #expect(throws: TaskError.self) { _ = try Plan(.smallPrivate()) }
        #expect(error?.field == "privacy")
    }

    /// `privacy` is part of what stands for a task, and a task without it is what it was.
    @Test func taskFiles() throws {
        let task = TaskDescription.smallPrivate()
        let text = try JSONEncoder().encode(task)
        #expect(try JSONDecoder().decode(TaskDescription.self, from: text) == task)
        var other = task
        other.privacy!.rounds += 1
        #expect(try PrivatePlan(other).taskID != PrivatePlan(task).taskID)
        let plain = try JSONEncoder().encode(TaskDescription.small())
        #expect(!String(decoding: plain, as: UTF8.self).contains("privacy"))
    }

    /// What is packed is what is unpacked of a sum, with all entries and all noise at both ends.
    @Test func slotsHoldTheSumOfACohort() throws {
        var generator = SeededGenerator.fresh()
        for members in [3, 16] {
            let plan = try PrivatePlan(.smallPrivate(members: members, threshold: members))
            let entry = plan.base.task.batchSize * plan.clip.sensitivity
            for kind in 0..<3 {
                let numbers = (0..<members).map { _ in
                    (0..<plan.base.weightCount).map { _ -> (entry: Int, noise: Int) in
                        switch kind {
                        case 0: (entry, plan.noise.most)
                        case 1: (-entry, -plan.noise.most)
                        default:
                            (
                                .random(in: -entry...entry, using: &generator),
                                .random(in: -plan.noise.most...plan.noise.most, using: &generator)
                            )
                        }
                    }
                }
                var sum = [Scalar](repeating: .zero, count: plan.cohort.elements)
                for own in numbers {
                    let packed = plan.packed(own.map(\.entry), noise: own.map(\.noise))
                    #expect(packed.count == sum.count)
                    for (index, element) in packed.enumerated() { sum[index] += element }
                }
                let expected = (0..<plan.base.weightCount).map { index in
                    numbers.reduce(0) { $0 + $1[index].entry + $1[index].noise }
                }
                #expect(plan.unpacked(sum, count: members) == expected)
            }
        }
    }

    /// What can be said of a task's noise.
    @Test func whatIsGivenAway() throws {
        let plan = try PrivatePlan(.smallPrivate(clip: 1, noiseBits: 14))
        #expect(plan.honest == 2 && plan.uses == 8)
        let epsilon = try #require(plan.bound?.epsilon(delta: 1e-5))
        #expect((0.5..<20).contains(epsilon))
    }
}
