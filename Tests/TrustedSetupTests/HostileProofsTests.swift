// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

private let parallel = Parallel.allCores

/// Verifying keys that give a secret away, proofs forged under them, and proofs of which one thing is wrong,
/// on both curves.
@Suite struct HostileProofsTests {
    private struct Made<Suite: ComputeSuite> {
        var key: ProvingKey<Suite>
        var witness: [Suite.Fr]
        var publicInputs: [Suite.Fr] { (1...key.publicCount).map { witness[$0] } }

        init(_ secrets: Groth16Setup<Suite>.Secrets, using generator: inout SeededGenerator) throws {
            let (system, witness) = randomSystem(
                Suite.Fr.self, constraints: 5, publics: 2, using: &generator)
            self.witness = witness
            key = try Groth16Setup<Suite>(system, parallel: parallel).development(secrets).key
        }

        func proof(using generator: inout SeededGenerator) throws -> Proof<Suite> {
            try Prover(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel).prove(
                key: key, verifier: Verifier(key.verifyingKey),
                witness: SecretScalars<Suite.Fr>(witness.map(\.canonical)), using: &generator)
        }
    }

    private func random<F: PrimeField>(_ field: F.Type, using generator: inout SeededGenerator) -> F {
        .random(using: &generator)
    }

    private func checkOpenKeys<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        typealias Scalar = Suite.Fr
        typealias Secrets = Groth16Setup<Suite>.Secrets
        var generator = SeededGenerator.fresh()
        func draw() -> Scalar { .random(using: &generator) }
        let sound = Secrets(tau: draw(), alpha: draw(), beta: draw(), delta: draw())
        #expect(try Made<Suite>(sound, using: &generator).key.verifyingKey.openSecret == nil)
        var cases: [(Secrets, OpenSecret)] = []
        for value in [Scalar.one, -.one] {
            var (delta, alpha, beta) = (sound, sound, sound)
            delta.delta = value
            alpha.alpha = value
            beta.beta = value
            cases += [(delta, .deltaIsGamma), (alpha, .alphaIsOne), (beta, .betaIsOne)]
        }
        for sign in [Scalar.one, -.one] {
            var (delta, same, product, triple, alpha) = (sound, sound, sound, sound, sound)
            alpha.delta = sign * alpha.alpha
            triple.delta = sign * triple.alpha * triple.beta
            delta.delta = sign * delta.beta
            same.alpha = sign * same.beta
            product.alpha = sign * product.beta.inverse()!
            cases += [
                (delta, .related("delta is beta")), (same, .related("alpha is beta")),
                (product, .related("the product of alpha and beta is 1")),
                (triple, .related("the product of alpha and beta is delta")),
                (alpha, .related("delta is alpha")),
            ]
        }
        // Keys of others may have another γ.
        for (sign, isProduct) in [(Scalar.one, true), (-.one, true), (.one, false), (-.one, false)] {
            let key = try Made<Suite>(sound, using: &generator).key
            var vk = key.verifyingKey
            let gamma = isProduct ? sound.alpha * sound.beta : sound.alpha
            vk.gamma2 = Suite.G2.generator.multiplied(by: sign * gamma).affine
            let wanted = isProduct ? "the product of alpha and beta is gamma" : "gamma is alpha"
            #expect(vk.openSecret == .related(wanted))
            let inputs = (0..<vk.publicCount).map { _ in random(Scalar.self, using: &generator) }
            let own = isProduct ? Suite.G1.generator : key.beta1
            var sum = Jacobian(sign == .one ? own : -own)
            for (point, input) in zip(vk.ic, [.one] + inputs) { sum = sum + point.multiplied(by: input) }
            let forged = Proof<Suite>(a: sum.affine, b: vk.gamma2, c: .identity)
            #expect(
                Verifier(vk).verify(forged, publicInputs: inputs.map(\.canonical), parallel: parallel)
                    == .valid)
        }
        // An input whose point is the identity has any value.
        var unbound = try Made<Suite>(sound, using: &generator)
        unbound.key.verifyingKey.ic[2] = .identity
        #expect(unbound.key.verifyingKey.openSecret == .unboundInput(2))
        // Two inputs of one point change places, or sum and difference stay.
        for sign in [Scalar.one, -.one] {
            var vk = try Made<Suite>(sound, using: &generator).key.verifyingKey
            vk.ic[2] = sign == .one ? vk.ic[1] : -vk.ic[1]
            #expect(vk.openSecret == .inputsOfOnePoint(1, 2))
        }
        // α is a point of inputs: a proof of inputs for which the other points cancel.
        for sign in [Scalar.one, -.one] {
            var vk = try Made<Suite>(sound, using: &generator).key.verifyingKey
            let (alpha, beta, gamma) = (vk.alpha1, Jacobian(vk.beta2), vk.gamma2)
            let free = random(Scalar.self, using: &generator)
            func expectForgery(_ index: Int, _ inputs: [Scalar], times: Scalar) {
                #expect(vk.openSecret == .related("alpha is IC[\(index)]"))
                let rest = [Scalar](repeating: .zero, count: vk.publicCount - inputs.count)
                let forged = Proof<Suite>(
                    a: alpha, b: (beta + gamma.multiplied(by: sign * times)).affine, c: .identity)
                #expect(
                    Verifier(vk).verify(
                        forged, publicInputs: (inputs + rest).map(\.canonical), parallel: parallel) == .valid)
            }
            let kept = vk.ic
            vk.ic[0] = sign == .one ? alpha : -alpha
            expectForgery(0, [], times: .one)
            vk.ic = kept
            (vk.ic[1], vk.ic[2]) = (sign == .one ? alpha : -alpha, kept[0])
            expectForgery(1, [free, -.one], times: free)
        }
        for (secrets, expected) in cases {
            let key = try Made<Suite>(secrets, using: &generator).key
            let vk = key.verifyingKey
            #expect(vk.openSecret == expected)
            // A proof of anything, made of points that are in the key.
            let inputs = (0..<vk.publicCount).map { _ in random(Scalar.self, using: &generator) }
            var publicPart = Jacobian(vk.ic[0])
            for (point, input) in zip(vk.ic.dropFirst(), inputs) {
                publicPart = publicPart + point.multiplied(by: input)
            }
            let isPositive = vk.delta2 == vk.gamma2
            let forged: Proof<Suite>
            switch expected {
            case .deltaIsGamma:
                let part = publicPart.affine
                forged = Proof(a: vk.alpha1, b: vk.beta2, c: isPositive ? -part : part)
            case .alphaIsOne:
                // e(β·G1·α, G2) is e(α, β); α is ±1.
                let product = secrets.alpha == .one ? key.beta1 : -key.beta1
                forged = Proof(
                    a: (publicPart + product).affine, b: Suite.G2.generator, c: .identity)
            case .related("delta is beta"):
                // IC(x)·γ is α·β + IC(x)·γ − α·δ.
                forged = Proof(
                    a: publicPart.affine, b: vk.gamma2,
                    c: secrets.delta == secrets.beta ? -vk.alpha1 : vk.alpha1)
            case .related("the product of alpha and beta is 1"):
                let isOne = secrets.alpha * secrets.beta == .one
                let one = Suite.G1.generator
                forged = Proof(
                    a: (publicPart + (isOne ? one : -one)).affine, b: vk.gamma2, c: .identity)
            case .related("the product of alpha and beta is delta"):
                let isPositive = secrets.delta == secrets.alpha * secrets.beta
                let one = Suite.G1.generator
                forged = Proof(a: publicPart.affine, b: vk.gamma2, c: isPositive ? -one : one)
            case .related("delta is alpha"):
                forged = Proof(
                    a: publicPart.affine, b: vk.gamma2,
                    c: secrets.delta == secrets.alpha ? -key.beta1 : key.beta1)
            // With one sum of two assignments the forger needs more than the key.
            case .onlyBeacons, .related, .unboundInput, .inputsOfOnePoint: continue
            case .betaIsOne:
                let product = secrets.beta == .one ? vk.alpha1 : -vk.alpha1
                forged = Proof(
                    a: (publicPart + product).affine, b: Suite.G2.generator, c: .identity)
            }
            #expect(
                Verifier(vk).verify(forged, publicInputs: inputs.map(\.canonical), parallel: parallel)
                    == .valid, "\(expected): the forgery that the check is there for")
        }
    }

    @Test func openSecretsAreSeenAndForgedWith() throws {
        try checkOpenKeys(BN254.self)
        try checkOpenKeys(BLS12381.self)
    }

    private func checkProofs<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        typealias Scalar = Suite.Fr
        var generator = SeededGenerator.fresh()
        func draw() -> Scalar { .random(using: &generator) }
        let made = try Made<Suite>(
            .init(tau: draw(), alpha: draw(), beta: draw(), delta: draw()), using: &generator)
        let verifier = Verifier(made.key.verifyingKey)
        let proof = try made.proof(using: &generator)
        let inputs = made.publicInputs.map(\.canonical)
        func isValid(_ proof: Proof<Suite>, _ inputs: [Scalar.Limbs]) -> Bool {
            verifier.verify(proof, publicInputs: inputs, parallel: parallel) == .valid
        }
        #expect(isValid(proof, inputs))
        // Each part by a random multiple.
        for part in 0..<3 {
            var wrong = proof
            let shift = Suite.G1.generator.multiplied(by: draw())
            switch part {
            case 0: wrong.a = (Jacobian(wrong.a) + shift).affine
            case 1: wrong.b = .random(using: &generator)
            default: wrong.c = (Jacobian(wrong.c) + shift).affine
            }
            #expect(!isValid(wrong, inputs))
        }
        // Each public input.
        for index in inputs.indices {
            var wrong = inputs
            wrong[index] = draw().canonical
            #expect(!isValid(proof, wrong))
        }
        // Errors that cancel in a sum without random factors: C + D in one proof, C − D in another.
        let shift = Affine<Suite.G1>.random(using: &generator)
        var (plus, minus) = (try made.proof(using: &generator), try made.proof(using: &generator))
        plus.c = (Jacobian(plus.c) + shift).affine
        minus.c = (Jacobian(minus.c) + -shift).affine
        let verdicts = verifier.verifyBatch(
            [(proof, inputs), (plus, inputs), (minus, inputs)], parallel: parallel, using: &generator)
        #expect(verdicts.map { $0 == .valid } == [true, false, false])
        // Public inputs swapped between two proofs of other statements cancel likewise in a plain sum.
        let swapped = [[inputs[0], draw().canonical], [draw().canonical, inputs[1]]]
        let others = verifier.verifyBatch(
            [(proof, swapped[0]), (proof, swapped[1])], parallel: parallel, using: &generator)
        #expect(others.allSatisfy { $0 != .valid })
    }

    @Test func everyPartOfAProofCounts() throws {
        try checkProofs(BN254.self)
        try checkProofs(BLS12381.self)
    }

    /// Pairings do not see a part outside the subgroup: the equation holds for such a proof. So the verifier
    /// must look, and the reader of files, and both do.
    @Test func whatTheEquationCannotSee() throws {
        typealias Scalar = BLS12381.Fr
        var generator = SeededGenerator.fresh()
        func draw() -> Scalar { .random(using: &generator) }
        let made = try Made<BLS12381>(
            .init(tau: draw(), alpha: draw(), beta: draw(), delta: draw()), using: &generator)
        let (vk, inputs) = (made.key.verifyingKey, made.publicInputs)
        var publicPart = Jacobian(vk.ic[0])
        for (point, input) in zip(vk.ic.dropFirst(), inputs) {
            publicPart = publicPart + point.multiplied(by: input)
        }
        let proof = try made.proof(using: &generator)
        let stranger = pointOfOrderThree(BLS12381.self, using: &generator)
        for part in 0..<2 {
            var wrong = proof
            if part == 0 {
                wrong.a = (Jacobian(wrong.a) + stranger).affine
            } else {
                wrong.c = (Jacobian(wrong.c) + stranger).affine
            }
            #expect(
                BLS12381.isPairingProductOne([
                    (-wrong.a, BLS12381.prepare(wrong.b)), (vk.alpha1, BLS12381.prepare(vk.beta2)),
                    (publicPart.affine, BLS12381.prepare(vk.gamma2)),
                    (wrong.c, BLS12381.prepare(vk.delta2)),
                ]))
            let verdict = Verifier(vk).verify(
                wrong, publicInputs: inputs.map(\.canonical), parallel: parallel)
            #expect(verdict != .valid && verdict != .equationFails)
            let text = Groth16JSON.text(wrong)
            let error = #expect(throws: FormatError.self) {
                try Groth16JSON.proof(
                    MappedFile(copying: Array(text.utf8), name: "proof.json"), of: BLS12381.self)
            }
            #expect(error?.isInvalidPoint == true)
        }
    }
}
