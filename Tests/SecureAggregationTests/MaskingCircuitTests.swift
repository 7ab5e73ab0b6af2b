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
    /// The circuit of a member's update; its hashes are public.
    private func describe(
        _ builder: CircuitBuilder, _ cohort: CohortFixture, own: Int, secret: Scalar? = nil
    ) -> (update: MaskedUpdateWires, hashes: [Linear]) {
        let plan = cohort.plan
        let place = PlaceInCohort(builder, members: plan.members, own: own)
        let members = cohort.context.members.map { CohortMemberWires(builder, $0) }
        let wires = builder.maskedUpdate(
            plan, values: cohort.values[own].map { builder.wire($0) }, place: place, members: members,
            context: builder.wire(cohort.context.digest),
            secret: builder.wire(secret ?? cohort.secrets[own].element), state: builder.wire(cohort.state))
        let hashes = wires.hashes(builder)
        for (index, hash) in hashes.enumerated() { builder.bindPublic(index, to: hash) }
        builder.bindPublic(3, to: builder.cohortDigest(members))
        builder.bindPublic(4, to: place.index)
        return (wires, hashes)
    }

    /// Masks, commitments and shares are those of the code, at each place.
    @Test func agreesWithTheCode() {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 3, threshold: 2, elements: 17, using: &generator)
        for own in 0..<3 {
            let built = BuiltGadget(publicCount: 5) { builder in
                let (wires, hashes) = describe(builder, cohort, own: own)
                guard builder.hasValues else { return }
                let update = cohort.updates[own]!
                #expect(wires.masked.map(\.value) == update.masked)
                #expect(wires.commitments.map(\.value) == update.commitments)
                #expect(wires.shares.map { $0.map(\.value) } == update.shares)
                #expect(hashes.map(\.value) == update.hashes)
            }
            #expect(built.firstViolated == nil)
            let digest = CohortContext.digest(of: cohort.context.members)
            #expect(built.witness[4] == digest.canonical && built.witness[5] == Scalar(UInt64(own)).canonical)
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
            let builder = CircuitBuilder(.both, publicCount: 5)
            let hashes = describe(builder, cohort, own: members - 2).hashes
            #expect(hashes.map(\.value) == cohort.updates[members - 2]!.hashes)
            let secret = builder.witness()
            #expect(secret.withSpan { builder.constraintSystem().firstViolated(by: $0) } == nil)
        }
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
        let (secret, state) = (Scalar.random(using: &generator), Scalar.random(using: &generator))
        for (bits, summands, coordinates) in [(10, 2, 21), (7, 4, 8), (12, 1, 33), (1, 1, 3)] {
            let shape = NoiseShape(bits: bits, summands: summands, coordinates: coordinates)
            let values = shape.values(MemberSecret(element: secret), state: state)
            #expect(
                values.allSatisfy { -shape.most <= $0 && $0 <= shape.most } && values.count == coordinates)
            let built = BuiltGadget(publicCount: coordinates) { builder in
                let noise = builder.noise(shape, secret: builder.wire(secret), state: builder.wire(state))
                for (index, value) in noise.enumerated() { builder.bindPublic(index, to: value) }
            }
            #expect(built.firstViolated == nil)
            #expect(
                (0..<coordinates).map { built.witness[$0 + 1] } == values.map { Scalar(signed: $0).canonical }
            )
            #expect(built.freeWires(using: &generator, sample: 60) == [])
        }
    }

    /// Mean and variance of the noise of many coordinates, within six standard errors; coordinates, secrets
    /// and states have nothing in common.
    @Test func noiseIsUniform() {
        var generator = SeededGenerator.fresh()
        let secret = MemberSecret(element: .random(using: &generator))
        let shape = NoiseShape(bits: 8, summands: 3, coordinates: 20_000)
        let values = shape.values(secret, state: .one)
        let mean = Double(values.reduce(0, +)) / 20_000 - (3 * 255 % 2 == 0 ? 0 : 0.5)
        let variance = 3 * (65_536.0 - 1) / 12
        #expect(abs(mean) < 6 * (variance / 20_000).squareRoot())
        let own = values.reduce(0) { $0 + Double($1 * $1) } / 20_000
        #expect(abs(own / variance - 1) < 0.06)
        let other = shape.values(secret, state: Scalar(2))
        let product = zip(values, other).reduce(0) { $0 + Double($1.0 * $1.1) } / 20_000
        #expect(abs(product) < 6 * variance / Double(20_000).squareRoot())
        let neighbours = zip(values, values.dropFirst()).reduce(0) { $0 + Double($1.0 * $1.1) } / 20_000
        #expect(abs(neighbours) < 6 * variance / Double(20_000).squareRoot())
    }

    /// What masks, shares, noise and all cost beside the update itself (docs/private-rounds.md).
    @Test(arguments: [(8, 6, 48, 39_682), (16, 12, 48, 95_694)])
    func counts(_ members: Int, _ threshold: Int, _ elements: Int, _ expected: Int) {
        let plan = CohortPlan(members: members, threshold: threshold, elements: elements)
        let builder = CircuitBuilder(.constraints, publicCount: 0)
        let zero = (0..<elements).map { _ in builder.wire(.zero) }
        let member = CohortMember(key: .identity, nullifier: .zero, commitment: .zero)
        let wires = (0..<members).map { _ in CohortMemberWires(builder, member) }
        let place = PlaceInCohort(builder, members: members, own: 0)
        let masked = builder.maskedUpdate(
            plan, values: zero, place: place, members: wires, context: zero[0], secret: zero[1],
            state: zero[2])
        _ = masked.hashes(builder)
        #expect(builder.constraintCount == expected)
    }
}
