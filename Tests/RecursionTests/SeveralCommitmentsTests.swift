// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Groth16
import ProofFixtures
import Recursion
import TestSupport
import Testing
import TrustedSetup

/// Proofs of keys with several commitments, verified in circuits.
@Suite struct SeveralCommitmentsTests {
    typealias G1 = Affine<BN254.G1>
    typealias Batch = CommittedPairsTests.Batch

    /// Commitments that hash inputs, earlier challenges, and nothing.
    private static let keys: [[[Int]]] = [[[2], [1, 3]], [[], [3], [2, 4, 3]]]

    /// What the native verifier says of a batch's proofs, all in all.
    private func isValid(_ batch: Batch) -> Bool {
        let verifier = CommittedVerifier(batch.simulated.verifyingKey)
        return zip(batch.proofs, batch.inputs).allSatisfy { proof, inputs in
            verifier.verify(proof, publicInputs: inputs.map(\.canonical), parallel: .allCores) == .valid
        }
    }

    @Test(arguments: [(0, 1), (0, 2), (1, 2)])
    func validProofs(_ number: Int, _ count: Int) throws {
        let batch = try Batch(count, hashed: Self.keys[number])
        let commitments = Self.keys[number].count
        #expect(isValid(batch))
        let (circuit, pairs) = batch.build()
        #expect(circuit.holds, "\(circuit.violation)")
        #expect(pairs.isOne && pairs.fixed.count == 4 + commitments && pairs.variable.count == count)
        // Each of the two equations holds by itself, and not because all is the identity.
        var (first, second) = (pairs, pairs)
        first.fixed.removeLast(1 + commitments)
        second.variable = []
        second.fixed.removeFirst(3)
        #expect(first.isOne && second.isOne)
        for index in pairs.fixed.indices {
            var other = pairs
            other.fixed[index].0 = -other.fixed[index].0
            #expect(!other.isOne, "pair \(index)")
        }
    }

    /// A proof that Martlet's prover makes of a circuit with two commitments, the second of which hashes the
    /// first one's challenge; with all pairings.
    @Test func proofOfTheProver() throws {
        var generator = SeededGenerator.fresh()
        func describe(_ builder: CircuitBuilder, _ x: Scalar, _ y: Scalar) {
            let (x, y) = (builder.wire(x), builder.wire(y))
            builder.bindPublic(0, to: builder.multiply(x, y))
            let first = builder.commit([x])
            let z = builder.multiply(x + first, y)
            let second = builder.commit([y, z])
            _ = builder.multiply(z + second, y - first)
        }
        let constraints = CircuitBuilder(.constraints, publicCount: 1)
        describe(constraints, .zero, .zero)
        let parallel = Parallel(threads: 2)
        let setup = try #require(
            CommittedSetup<BN254>(constraints.constraintSystem(), parallel: parallel))
        let (key, verifyingKey) = try setup.development(hash: .poseidon, using: &generator)
        // The public input, and the first challenge.
        #expect(verifyingKey.commitments[1].hashed == [1, 2])
        let prover = CommittedProver(backend: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
        var failure: (any Error)?
        let run = CircuitBuilder(
            .witness, publicCount: 1,
            challenger: Challenger { question in
                do {
                    let point = try prover.commit(
                        key: key, number: question.index, values: question.committed)
                    return verifyingKey.challenge(question.index, of: point, hashed: question.hashed)
                } catch {
                    failure = error
                    return .zero
                }
            })
        describe(run, Scalar(3), Scalar(4))
        if let failure { throw failure }
        let proof = try prover.prove(
            key: key, verifier: CommittedVerifier(verifyingKey), witness: run.witness(), using: &generator)
        func isAccepted(_ proof: CommittedProof<BN254>, _ input: Scalar) -> Bool {
            PointCircuit { field in
                Groth16Verification(field, ConstantVerifyingKey(verifyingKey)).enforce(
                    [ProofElements(field, commitments: 2, committed: { proof })],
                    publicInputs: [[field.builder.wire(input)]])
            }.holds
        }
        var other = proof
        other.knowledge = -proof.knowledge
        let accepted = isAccepted(proof, Scalar(12))
        let refused = [!isAccepted(proof, Scalar(13)), !isAccepted(other, Scalar(12))]
        #expect(accepted && refused == [true, true])
    }

    /// Whatever the native verifier refuses shows in the product.
    @Test func invalidProofs() throws {
        var generator = SeededGenerator.fresh()
        let other = G1.random(using: &generator)
        let good = try Batch(2, hashed: Self.keys[0])
        func expectRefused(_ what: String, _ change: (inout Batch) -> Void) {
            var batch = good
            change(&batch)
            #expect(!isValid(batch) && !batch.pairs().isOne, "\(what)")
        }
        for place in 0..<2 {
            for number in 0..<2 {
                expectRefused("another D") { $0.proofs[place].commitments[number] = other }
                expectRefused("an input") { $0.inputs[place][number] += .one }
            }
            expectRefused("commitments exchanged") { $0.proofs[place].commitments.reverse() }
            expectRefused("another P") { $0.proofs[place].knowledge = other }
            // Their sum stays the same.
            expectRefused("what one D has more and the other less") {
                let commitments = $0.proofs[place].commitments
                $0.proofs[place].commitments = [
                    (Jacobian(commitments[0]) + Jacobian(other)).affine,
                    (Jacobian(commitments[1]) - Jacobian(other)).affine,
                ]
            }
        }
    }

    @Test func pointsOnNoCurve() throws {
        let good = try Batch(1, hashed: Self.keys[0])
        let changes: [(inout Batch) -> Void] = [
            { $0.proofs[0].commitments[1] = .identity }, { $0.proofs[0].knowledge = .identity },
            { $0.proofs[0].commitments[1].y += .one }, { $0.proofs[0].commitments[0].x += .one },
        ]
        for (number, change) in changes.enumerated() {
            var batch = good
            change(&batch)
            #expect(!batch.build().circuit.holds, "\(number)")
        }
    }

    /// Whoever knows the factor before the commitments opens none of them: what is wrong with the one cancels
    /// what is wrong with the other.
    @Test(arguments: [1, 2])
    func foldingByAConstant(_ count: Int) throws {
        var generator = SeededGenerator.fresh()
        var batch = try Batch(count, hashed: Self.keys[0])
        let sigmas = batch.simulated.sigmas
        let error = Scalar.random(using: &generator)
        batch.proofs[count - 1] = batch.simulated.proof(
            batch.inputs[count - 1], folding: .one,
            errors: [error, -error * sigmas[0] * sigmas[1].inverse()!], using: &generator)
        #expect(!isValid(batch) && !batch.pairs().isOne)
        // Where the factor is one by the verifier, too, other proofs do not hold.
        for place in 0..<(count - 1) {
            batch.proofs[place] = batch.simulated.proof(
                batch.inputs[place], folding: .one, errors: [.zero, .zero], using: &generator)
        }
        #expect(batch.pairs(CurveTampering(.foldingFactor)).isOne)
    }

    /// Every scalar depends on every coordinate of every commitment, and of the proofs of knowledge.
    @Test func scalarsDependOnEverything() throws {
        let good = try Batch(2, hashed: Self.keys[0])
        let own = good.pairs().fixed[2].0
        var changes: [(inout Batch) -> Void] = []
        for place in 0..<2 {
            changes += [
                { $0.proofs[place].commitments[0].x += .one }, { $0.proofs[place].commitments[0].y += .one },
                { $0.proofs[place].commitments[1].x += .one }, { $0.proofs[place].commitments[1].y += .one },
                { $0.proofs[place].knowledge.x += .one }, { $0.proofs[place].knowledge.y += .one },
            ]
        }
        for (number, change) in changes.enumerated() {
            var batch = good
            change(&batch)
            // (s₀ + s₁)·α
            #expect(batch.pairs().fixed[2].0 != own, "\(number)")
        }
    }

    /// Commitments in coordinates that are not the least have no challenge.
    @Test func otherCoordinates() throws {
        let batch = try Batch(1, hashed: Self.keys[0])
        for number in 0..<2 {
            let circuit = PointCircuit { field in
                var own = batch.elements(field)
                let x = Natural(batch.proofs[0].commitments[number].x.canonical)
                own[0].commitments[number].x = field.represented { x + Natural(BN254.Fp.modulus) }
                _ = Groth16Verification(field, ConstantVerifyingKey(batch.simulated.verifyingKey)).pairs(
                    own, publicInputs: batch.wires(field))
            }
            #expect(!circuit.holds)
        }
    }

    /// Digits of other scalars than the proof of knowledge is to be folded by: whoever may choose them folds
    /// it as if the factor were known before.
    @Test func digitsOfAnotherScalar() throws {
        var generator = SeededGenerator.fresh()
        var batch = try Batch(1, hashed: Self.keys[0])
        let own = batch.simulated
        let error = Scalar.random(using: &generator)
        batch.proofs[0] = own.proof(
            batch.inputs[0], folding: .one,
            errors: [error, -error * own.sigmas[0] * own.sigmas[1].inverse()!], using: &generator)
        let factor: Scalar = own.verifyingKey.hash.foldingFactor(
            own.verifyingKey.challenges(of: batch.proofs[0].commitments, publicInputs: batch.inputs[0]))
        for omitted: Set<CurveTampering.Omission> in [[.wholeScalar], []] {
            var tampering = CurveTampering()
            tampering.omitted = omitted
            // t·f is the scalar, and t is wanted.
            tampering.wholeScalar = { $0 * factor.inverse()! }
            let (circuit, pairs) = batch.build(tampering: tampering)
            #expect(pairs.isOne)
            #expect(circuit.holds == !omitted.isEmpty, "\(circuit.violation)")
        }
    }

    /// Every wire, changed alone.
    @Test func changedWires() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Batch(2, hashed: Self.keys[0]).build().circuit
        #expect(circuit.holds, "\(circuit.violation)")
        // The mask of what is committed to.
        let free = circuit.unconstrainedWires(using: &generator)
        #expect(free.count == 1, "\(free)")
    }

    /// Digits of any scalar, at its ends as well.
    @Test func wholeScalars() {
        var generator = SeededGenerator.fresh()
        // λ, the endomorphism's.
        let root = Scalar(
            decimal: "4407920970296243842393367215006156084916469457145843978461")!
        let ends: [Scalar] = [.zero, .one, -.one, root, -root, root.squared(), Scalar(2).inverse()!]
        let bound = Natural.powerOfTwo(WholeScalar.digits)
        for scalar in ends + (0..<1_000).map({ _ in Scalar.random(using: &generator) }) {
            let (a, b) = WholeScalar.digits(of: scalar)
            #expect(Natural(a.canonical) < bound && Natural(b.canonical) < bound)
            let builder = CircuitBuilder(.both, publicCount: 0)
            func bits(_ number: Scalar) -> [Linear] {
                let integer = Natural(number.canonical)
                return (0..<WholeScalar.digits).map { bit in
                    Linear(integer.digit(at: bit, width: 1) == 1 ? Scalar.one : .zero)
                }
            }
            let value = WholeScalar.value(builder, bits(a)[...], bits(b)[...])
            #expect(value.value == scalar)
        }
    }

    /// A point times whole scalars, and digits that are not the scalar's.
    @Test func wholeProducts() {
        var generator = SeededGenerator.fresh()
        let point = G1.random(using: &generator)
        let offset = G1.random(using: &generator)
        let scalars: [Scalar] = [.one, -.one, .random(using: &generator)]
        var result = G1.identity
        let circuit = PointCircuit { field in
            let curve = CurveCircuit(field)
            let multiples = scalars.map { _ in curve.multiples(curve.hinted { point }) }
            let whole = scalars.map { WholeScalar(field.emulation, of: field.builder.wire($0)) }
            result = curve.sum(Array(zip(multiples, whole)), plus: [], offset: offset).affine
        }
        #expect(circuit.holds, "\(circuit.violation)")
        #expect(result == point.multiplied(by: scalars.reduce(.zero, +)).affine)
    }

    /// No larger than docs/recursion.md says: two commitments, one input, chunks of 17 bits, groups of 512
    /// checks. And no more elements than there are said to be.
    @Test(arguments: [0, 1, 2, 3])
    func sizes(_ commitments: Int) throws {
        var generator = SeededGenerator.fresh()
        let key =
            commitments == 0
            ? ConstantVerifyingKey(
                SimulatedKey<BN254>(publicCount: 1, using: &generator).verifyingKey)
            : ConstantVerifyingKey(
                try SimulatedCommittedKey<BN254>(
                    publicCount: 1, hashed: (0..<commitments).map { [$0 + 1] }, hash: .poseidon,
                    using: &generator
                ).verifyingKey)
        let systems = [2, 3].map { count in
            PointCircuit.run(.constraints, chunkBits: 17, groupSize: 512) { field in
                Groth16Verification(field, key).enforce(
                    (0..<count).map { _ in
                        ProofElements(field, commitments: commitments, points: { fatalError("no values") })
                    }, publicInputs: (0..<count).map { _ in [field.builder.wire(.zero)] })
            }.constraintSystem()
        }
        // What is committed to: the mask, the table's multiplicities, bits of scalars, and chunks.
        let elements = zip([2, 3], systems).map { count, system in
            let bits =
                128 * (commitments == 0 ? count - 1 : 2 * count - 1) + 254 * (2 + commitments)
                + 254 * count * max(commitments - 1, 0)
            return (system.commitments[0].committed.count - 1 - 1 << 17 - bits) / 15
        }
        let most = Groth16Verification.elementCount(key)
        #expect((0..<20).contains(most.each - (elements[1] - elements[0])), "\(elements)")
        #expect((0..<500).contains(most.shared + 2 * most.each - elements[0]), "\(elements)")
        let counts = systems.map(\.constraintCount)
        print("constraints: \(counts)")
        if commitments == 2 { #expect(counts[0] < 453_000 && counts[1] < 522_000) }
        // What docs/recurse.md says.
        let places = ProofBatch.mostPlaces(key)
        print("places: \(places)")
        #expect(places == [322, 235, 200, 174][commitments])
    }
}
