// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import Compute
import ConstraintSystems
import EllipticCurves
import FiniteFields
import SecureAggregation
import TestSupport
import Testing

@Suite struct MaskingCircuitTests {
    /// What shows that a secret is that of the member at a place.
    private func membership(
        _ builder: CircuitBuilder, _ cohort: CohortFixture, own: Int, secret: Scalar? = nil,
        data: Scalar = CohortFixture.data, members: [CohortMember]? = nil
    ) -> CohortMembership {
        let wire = { (value: Scalar) in builder.wire(value) }
        return builder.cohortMembership(
            cohort.plan, place: PlaceInCohort(builder, members: cohort.plan.members, own: own),
            members: (members ?? cohort.context.members).map { CohortMemberWires(builder, $0) },
            secret: wire(secret ?? cohort.secrets[own].element), data: wire(data), task: wire(cohort.task),
            round: wire(3), state: wire(cohort.context.state), roster: wire(cohort.roster), index: wire(1))
    }

    /// The circuit of a member's update; the context and its hashes are public.
    private func describe(
        _ builder: CircuitBuilder, _ cohort: CohortFixture, own: Int
    ) -> (update: MaskedUpdateWires, hashes: [Linear]) {
        let membership = membership(builder, cohort, own: own)
        let wires = builder.maskedUpdate(cohort.values[own].map { builder.wire($0) }, membership)
        let hashes = wires.hashes(builder)
        builder.bindPublic(0, to: membership.context)
        for (index, hash) in hashes.enumerated() { builder.bindPublic(index + 1, to: hash) }
        return (wires, hashes)
    }

    /// Masks, commitments and shares are those of the code, at each place.
    @Test func agreesWithTheCode() {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 3, threshold: 2, elements: 17, using: &generator)
        for own in 0..<3 {
            let built = BuiltGadget(publicCount: 4) { builder in
                let (wires, hashes) = describe(builder, cohort, own: own)
                guard builder.hasValues else { return }
                let update = cohort.updates[own]!
                #expect(wires.masked.map(\.value) == update.masked)
                #expect(wires.commitments.map(\.value) == update.commitments)
                #expect(wires.shares.map { $0.map(\.value) } == update.shares)
                #expect(hashes.map(\.value) == update.hashes)
            }
            #expect(built.firstViolated == nil)
            #expect(built.witness[1] == cohort.context.digest.canonical)
            if own == 1 {
                #expect(built.freeWires(using: &generator, sample: 60) == [])
            }
        }
    }

    @Test func largerCohorts() {
        var generator = SeededGenerator.fresh()
        for (members, threshold) in [(5, 4), (9, 5)] {
            let cohort = CohortFixture(
                members: members, threshold: threshold, elements: 2, sending: [members - 2],
                using: &generator)
            let builder = CircuitBuilder(.both, publicCount: 4)
            let hashes = describe(builder, cohort, own: members - 2).hashes
            #expect(hashes.map(\.value) == cohort.updates[members - 2]!.hashes)
            let secret = builder.witness()
            #expect(secret.withSpan { builder.constraintSystem().firstViolated(by: $0) } == nil)
        }
    }

    /// No other member's secret, place or data will do, though keys and commitments are those of the cohort.
    @Test func othersAreRefused() {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 3, threshold: 2, elements: 1, sending: [], using: &generator)
        func isRefused(
            own: Int, secret: Scalar, data: Scalar = CohortFixture.data, members: [CohortMember]? = nil
        ) -> Bool {
            let builder = CircuitBuilder(.both, publicCount: 0)
            _ = membership(builder, cohort, own: own, secret: secret, data: data, members: members)
            let witness = builder.witness()
            return witness.withSpan { builder.constraintSystem().firstViolated(by: $0) } != nil
        }
        let secrets = cohort.secrets.map(\.element)
        #expect(!isRefused(own: 1, secret: secrets[1]))
        #expect(isRefused(own: 2, secret: secrets[0]) && isRefused(own: 0, secret: secrets[1]))
        #expect(isRefused(own: 1, secret: .random(using: &generator)))
        #expect(isRefused(own: 1, secret: secrets[1], data: .one))
        // The commitment of the one, the key of the other.
        var members = cohort.context.members
        members[1].key = members[0].key
        #expect(isRefused(own: 1, secret: secrets[1], members: members))
    }

    /// A place is one of the members', and only one.
    @Test func places() {
        for bits in [[0, 0, 0], [1, 1, 0], [2, -1, 0]] as [[Int]] {
            expectRefused(inputs: bits.map { Scalar(signed: $0) }) { builder, x in
                let place = PlaceInCohort(builder, members: 3, own: 0)
                for (bit, value) in zip(place.bits, x) { builder.enforceEqual(bit, value) }
            }
        }
    }

    @Test func noise() {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 3, threshold: 2, elements: 1, sending: [], using: &generator)
        for (bits, summands, coordinates) in [(10, 2, 21), (7, 4, 8), (12, 1, 33), (1, 1, 3)] {
            let shape = NoiseShape(bits: bits, summands: summands, coordinates: coordinates)
            let values = shape.values(cohort.secrets[0], cohort.context)
            #expect(
                values.allSatisfy { -shape.most <= $0 && $0 <= shape.most } && values.count == coordinates)
            let built = BuiltGadget(publicCount: coordinates) { builder in
                let noise = builder.noise(shape, membership(builder, cohort, own: 0))
                for (index, value) in noise.enumerated() { builder.bindPublic(index, to: value) }
            }
            #expect(built.firstViolated == nil)
            #expect(
                (0..<coordinates).map { built.witness[$0 + 1] } == values.map { Scalar(signed: $0).canonical }
            )
            #expect(built.freeWires(using: &generator, sample: 40) == [])
        }
    }

    /// Mean and variance of the noise of many coordinates, within six standard errors; coordinates and
    /// contexts have nothing in common.
    @Test func noiseIsUniform() {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 3, threshold: 2, elements: 1, sending: [], using: &generator)
        let shape = NoiseShape(bits: 8, summands: 3, coordinates: 20_000)
        let values = shape.values(cohort.secrets[0], cohort.context)
        let mean = Double(values.reduce(0, +)) / 20_000 - (3 * 255 % 2 == 0 ? 0 : 0.5)
        let variance = 3 * (65_536.0 - 1) / 12
        #expect(abs(mean) < 6 * (variance / 20_000).squareRoot())
        let own = values.reduce(0) { $0 + Double($1 * $1) } / 20_000
        #expect(abs(own / variance - 1) < 0.06)
        let other = shape.values(cohort.secrets[0], cohort.context(roster: .one))
        let product = zip(values, other).reduce(0) { $0 + Double($1.0 * $1.1) } / 20_000
        #expect(abs(product) < 6 * variance / Double(20_000).squareRoot())
        let neighbours = zip(values, values.dropFirst()).reduce(0) { $0 + Double($1.0 * $1.1) } / 20_000
        #expect(abs(neighbours) < 6 * variance / Double(20_000).squareRoot())
    }

    /// What docs/private-rounds.md says of costs: a membership, masks and shares with their hashes, noise.
    @Test(arguments: [(8, 6, 11, 2, [3_644, 38_757, 25_252]), (16, 12, 12, 1, [4_892, 94_761, 14_300])])
    func counts(_ members: Int, _ threshold: Int, _ bits: Int, _ summands: Int, _ expected: [Int]) {
        let elements = 48
        let plan = CohortPlan(members: members, threshold: threshold, elements: elements)
        let builder = CircuitBuilder(.constraints, publicCount: 0)
        let zero = (0..<elements).map { _ in builder.wire(.zero) }
        let member = CohortMember(key: .identity, nullifier: .zero, commitment: .zero)
        let wires = (0..<members).map { _ in CohortMemberWires(builder, member) }
        let place = PlaceInCohort(builder, members: members, own: 0)
        var counts = [builder.constraintCount]
        let membership = builder.cohortMembership(
            plan, place: place, members: wires, secret: zero[0], data: zero[1], task: zero[2], round: zero[3],
            state: zero[4], roster: zero[5], index: zero[6])
        counts.append(builder.constraintCount)
        _ = builder.maskedUpdate(zero, membership).hashes(builder)
        counts.append(builder.constraintCount)
        _ = builder.noise(.init(bits: bits, summands: summands, coordinates: 650), membership)
        counts.append(builder.constraintCount)
        #expect(zip(counts.dropFirst(), counts).map { $0 - $1 } == expected)
    }
}
