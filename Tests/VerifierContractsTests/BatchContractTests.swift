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

/// The contract for batches, in Vyper, executed.
@Suite(
    .enabled(if: ContractRunner.isPresent, "MARTLET_PYTHON names no Python with vyper, pyrevm and eth_abi"))
struct BatchContractTests {
    typealias Fr = BN254.Fr
    typealias Item = (proof: Proof<BN254>, inputs: [Fr])

    static func call(_ items: [Item]) -> ContractCall {
        ContractCall(
            function: "verify_batch",
            arguments: [.list(items.map { ContractKeys.item($0.proof, $0.inputs) })])
    }

    @Test func realProofsAndTheirMutations() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try ContractKeys.Multiplier()
        var items: [Item] = []
        for _ in 0..<4 { items.append((try circuit.prove(using: &generator), circuit.publicInputs)) }
        let shift = Jacobian(BN254.G1.generator.multiplied(by: .random(using: &generator)).affine)
        var calls: [(what: String, call: ContractCall, wanted: SingleContractTests.Wanted)] = []
        func add(
            _ what: String, _ wanted: SingleContractTests.Wanted, _ change: (inout [Item]) -> Void
        ) {
            var other = items
            change(&other)
            calls.append((what, Self.call(other), wanted))
        }
        for count in 1...4 { add("\(count) valid", .isTrue) { $0.removeLast(4 - count) } }
        add("one proof twice", .isTrue) { $0[3] = $0[0] }
        let outside = ContractKeys.outsideSubgroup(&generator)
        for i in 0..<4 {
            add("−A of \(i)", .isFalse) { $0[i].proof.a = -$0[i].proof.a }
            add("−B of \(i)", .isFalse) { $0[i].proof.b = -$0[i].proof.b }
            add("−C of \(i)", .isFalse) { $0[i].proof.c = -$0[i].proof.c }
            add("A of \(i) = 0", .isFalse) { $0[i].proof.a = .identity }
            add("input of \(i)", .isFalse) { $0[i].inputs[1] += .one }
            add("A.x of \(i)", .revert("invalid point")) { $0[i].proof.a.x += .one }
            add("B.y of \(i)", .revert("invalid point")) { $0[i].proof.b.y.c1 += .one }
            add("C.y of \(i)", .revert("invalid point")) { $0[i].proof.c.y += .one }
            add("B of \(i) outside the subgroup", .revert("invalid point")) { $0[i].proof.b = outside }
        }
        add("B of 0 and 1 exchanged", .isFalse) {
            ($0[0].proof.b, $0[1].proof.b) = ($0[1].proof.b, $0[0].proof.b)
        }
        add("C of 0 and 1 exchanged", .isFalse) {
            ($0[0].proof.c, $0[1].proof.c) = ($0[1].proof.c, $0[0].proof.c)
        }
        // Errors that a plain sum would not see.
        add("C moved from 2 to 3", .isFalse) {
            $0[2].proof.c = (Jacobian($0[2].proof.c) + shift).affine
            $0[3].proof.c = (Jacobian($0[3].proof.c) + -shift).affine
        }
        add("input moved from 0 to 1", .isFalse) {
            $0[0].inputs[0] += .one
            $0[1].inputs[0] = $0[1].inputs[0] - .one
        }
        add("none", .revert("empty batch")) { $0 = [] }
        add("more than the maximum", .revert("")) { $0.append($0[0]) }
        for i in [0, 3] {
            for value in [Alias.plusOrder(items[i].inputs[0]), Fr.modulus.decimal] {
                var call = Self.call(items)
                guard case .list(var list) = call.arguments[0], case .list(var parts) = list[i] else {
                    return
                }
                parts[3] = .list([value, items[i].inputs[1].decimal])
                list[i] = .list(parts)
                call.arguments[0] = .list(list)
                calls.append(("input 0 of \(i): \(value)", call, .isFalse))
            }
        }
        for drop in [1, 32, 320] {
            var call = Self.call(items)
            call.drop = drop
            // What is missing at the end of a dynamic array reads as zero.
            calls.append(("\(drop) bytes short", call, .isFalse))
        }
        let outcome = try ContractRunner.run(
            ContractKeys.text(circuit.key.verifyingKey, .batch(maximum: 4)), calls.map(\.call))
        #expect(outcome.results.count == calls.count)
        for (result, expected) in zip(outcome.results, calls) {
            SingleContractTests.check(result, expected.wanted, expected.what)
        }
    }

    /// The coefficients depend on all that there is: whoever knew ρ before choosing A, B, C or an input could
    /// cancel an error of one proof by one of the other.
    @Test func errorsCannotBeChosenForTheCoefficients() throws {
        var generator = SeededGenerator.fresh()
        let key = SimulatedKey<BN254>(publicCount: 1, using: &generator)
        let text = try ContractKeys.text(key.verifyingKey, .batch(maximum: 2))
        let scalars = (0..<2).map { _ in (a: Fr.random(using: &generator), b: Fr.random(using: &generator)) }
        let inputs = (0..<2).map { _ in [Fr.random(using: &generator)] }
        let items: [Item] = (0..<2).map {
            (key.proof(inputs[$0], a: scalars[$0].a, b: scalars[$0].b), inputs[$0])
        }
        let honest = try ContractRunner.run(text, [Self.call(items)]).results[0]
        #expect(honest.isTrue)
        let rho = try #require(Self.reduced(honest.digest))
        let t = Fr.random(using: &generator)
        func g1(_ scalar: Fr) -> Jacobian<BN254.G1> { BN254.G1.generator.multiplied(by: scalar) }
        func g2(_ scalar: Fr) -> Jacobian<BN254.G2> { BN254.G2.generator.multiplied(by: scalar) }
        // With coefficients 1 and ρ of the honest batch each of these leaves the equation as it is.
        var forgeries = [[Item]](repeating: items, count: 4)
        forgeries[0][0].proof.c = (Jacobian(items[0].proof.c) + g1(rho * t)).affine
        forgeries[0][1].proof.c = (Jacobian(items[1].proof.c) + g1(-t)).affine
        forgeries[1][0].inputs[0] += rho * t
        forgeries[1][1].inputs[0] = items[1].inputs[0] - t
        forgeries[2][0].proof.a = (Jacobian(items[0].proof.a) + g1(rho * scalars[1].b * t)).affine
        forgeries[2][1].proof.a = (Jacobian(items[1].proof.a) + g1(-(scalars[0].b * t))).affine
        forgeries[3][0].proof.b = (Jacobian(items[0].proof.b) + g2(rho * scalars[1].a * t)).affine
        forgeries[3][1].proof.b = (Jacobian(items[1].proof.b) + g2(-(scalars[0].a * t))).affine
        for forgery in forgeries { #expect(Self.holds(forgery, key.verifyingKey, rho)) }
        let results = try ContractRunner.run(text, forgeries.map(Self.call)).results
        #expect(results.map(\.isFalse) == [true, true, true, true], "\(results)")
    }

    /// The digest that the contract takes the coefficients from, modulo r.
    private static func reduced(_ digest: String) -> Fr? {
        var value = Fr.zero
        for digit in digest {
            guard let number = digit.wholeNumberValue else { return nil }
            value = value * Fr(10) + Fr(UInt64(number))
        }
        return value
    }

    /// The equation of a batch with coefficients 1, ρ, ….
    private static func holds(_ items: [Item], _ key: VerifyingKey<BN254>, _ rho: Fr) -> Bool {
        var pairs: [(Affine<BN254.G1>, BN254.PreparedG2)] = []
        var z = Fr.one
        for item in items {
            var linear = Jacobian(key.ic[0])
            for (input, point) in zip(item.inputs, key.ic.dropFirst()) {
                linear += point.multiplied(by: input).affine
            }
            pairs.append((item.proof.a.multiplied(by: z).affine, BN254.prepare(item.proof.b)))
            pairs.append((key.alpha1.multiplied(by: -z).affine, BN254.prepare(key.beta2)))
            pairs.append((linear.affine.multiplied(by: -z).affine, BN254.prepare(key.gamma2)))
            pairs.append((item.proof.c.multiplied(by: -z).affine, BN254.prepare(key.delta2)))
            z *= rho
        }
        return BN254.isPairingProductOne(pairs)
    }

    @Test(arguments: [16, 64])
    func gas(maximum: Int) throws {
        var generator = SeededGenerator.fresh()
        let key = SimulatedKey<BN254>(publicCount: 1, using: &generator)
        let items: [Item] = (0..<maximum).map { _ in
            let inputs = [Fr.random(using: &generator)]
            return (key.proof(inputs, using: &generator), inputs)
        }
        var spoilt = items
        spoilt[maximum / 2].proof.c = -spoilt[maximum / 2].proof.c
        let sizes = [1, 2, maximum - 1, maximum]
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .batch(maximum: maximum)),
            sizes.map { Self.call(Array(items[..<$0])) } + [Self.call(spoilt)])
        #expect(outcome.results.dropLast().allSatisfy { $0.isTrue } && outcome.results[4].isFalse)
        let gas = outcome.results.compactMap(\.gas)
        print(
            "batch of at most \(maximum): \(zip(sizes, gas).map { "\($0): \($1)" }) gas, \(outcome.code) bytes, deployment \(outcome.deployment)"
        )
        // Calldata has zero bytes here and there: a few tens of gas either way.
        #expect(gas[1] - gas[0] <= 53_500 && gas[3] - gas[2] <= 53_500)
        #expect(gas[0] <= (maximum == 16 ? 232_500 : 242_000))
    }

    /// The largest contract without a table can be deployed, and many inputs are all bound.
    @Test func theLargestContractWithoutATable() throws {
        var generator = SeededGenerator.fresh()
        let count = VerifierContract.inlineLimit
        let key = SimulatedKey<BN254>(publicCount: count, using: &generator)
        let items: [Item] = (0..<2).map { _ in
            let inputs = (0..<count).map { _ in Fr.random(using: &generator) }
            return (key.proof(inputs, using: &generator), inputs)
        }
        var batches = [items, items, items, items]
        batches[1][0].inputs[0] += .one
        batches[2][1].inputs[count - 1] += .one
        batches[3][1].inputs[count / 2] += .one
        let outcome = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .batch(maximum: ContractKind.batchLimit)),
            batches.map(Self.call))
        #expect(outcome.code <= 24_576)
        #expect(outcome.results.map(\.isTrue) == [true, false, false, false], "\(outcome)")
        #expect(outcome.results.allSatisfy { $0.success })
    }

    /// Without public inputs there is nothing in an item but the proof.
    @Test func noInputs() throws {
        var generator = SeededGenerator.fresh()
        let key = SimulatedKey<BN254>(publicCount: 0, using: &generator)
        let items: [Item] = (0..<3).map { _ in (key.proof([], using: &generator), []) }
        var spoilt = items
        (spoilt[0].proof.a, spoilt[1].proof.a) = (items[1].proof.a, items[0].proof.a)
        let results = try ContractRunner.run(
            ContractKeys.text(key.verifyingKey, .batch(maximum: 3)), [Self.call(items), Self.call(spoilt)]
        ).results
        #expect(results[0].isTrue && results[1].isFalse, "\(results)")
    }
}
