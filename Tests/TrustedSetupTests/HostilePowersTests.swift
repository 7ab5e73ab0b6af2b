// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// Files of powers of tau of which one thing is wrong: every linear functional of every section, and each
/// check with a file that passes without it.
@Suite struct HostilePowersTests {
    private let parallel = Parallel.allCores

    private func expectRefused<Suite: ComputeSuite>(
        _ powers: HostilePowers<Suite>, log: Int, _ what: @autoclosure () -> String,
        using generator: inout SeededGenerator
    ) {
        let error = #expect(throws: PowersOfTau<Suite>.Unusable.self, "\(what())") {
            try powers.read(log: log, parallel, using: &generator)
        }
        if case .setup(.inconsistentPowers)? = error { return }
        Issue.record("\(what()): \(String(describing: error))")
    }

    private func checkHonest<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        for last in [HostilePowers<Suite>.Last.missing, .power] {
            let powers = HostilePowers<Suite>(power: 3, last: last, using: &generator)
            for log in 1...3 { _ = try powers.read(log: log, parallel, using: &generator) }
        }
    }

    /// Files that end with their domain are right without the last power (snarkjs prepares them so) and with
    /// it (a basis from a larger file).
    @Test func filesWithAndWithoutTheLastPowerPass() throws {
        try checkHonest(BN254.self)
        try checkHonest(BLS12381.self)
    }

    private func checkBases<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        for (power, log) in [(2, 2), (3, 2)] {
            let sections: [(PtauFile.Points, Int)] = [
                (.lagrangeTau1, log), (.lagrangeTau1, log + 1), (.lagrangeTau2, log),
                (.lagrangeAlphaTau1, log), (.lagrangeBetaTau1, log),
            ]
            for (section, basis) in sections {
                for degree in 0..<1 << basis {
                    var powers = HostilePowers<Suite>(
                        power: power, last: Bool.random(using: &generator) ? .missing : .power,
                        using: &generator)
                    powers.shift(section, log: basis, degree: degree, by: .random(using: &generator))
                    expectRefused(
                        powers, log: log,
                        "2^\(log) of 2^\(power), section \(section), basis 2^\(basis), degree \(degree)",
                        using: &generator)
                }
            }
        }
    }

    /// Each coefficient of each basis, in a file that ends with the domain and in a larger one.
    @Test func everyCoefficientOfEveryBasisCounts() throws {
        try checkBases(BN254.self)
        try checkBases(BLS12381.self)
    }

    private func checkPowers<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        let sections: [WritableKeyPath<HostilePowers<Suite>, [Suite.Fr]>] = [
            \.tau1, \.tau2, \.alphas, \.betas,
        ]
        for (power, log) in [(2, 2), (3, 2)] {
            for section in sections {
                let used = section == \.tau1 ? min(2 << log, 2 << power - 1) : 1 << log
                for index in 0..<used {
                    var powers = HostilePowers<Suite>(power: power, using: &generator)
                    // The bases follow, so that the sequence itself must be looked at. All of a sequence may
                    // have a factor but for β, α and 1.
                    powers[keyPath: section][index] += .random(using: &generator)
                    expectRefused(
                        powers, log: log, "2^\(log) of 2^\(power), power \(index) of \(section)",
                        using: &generator)
                }
            }
        }
    }

    @Test func everyPowerCounts() throws {
        try checkPowers(BN254.self)
        try checkPowers(BLS12381.self)
    }

    /// Files that only one check refuses, so that with it switched off they pass.
    private func passing<Suite: ComputeSuite>(
        without check: SetupCheck, _ suite: Suite.Type, using generator: inout SeededGenerator
    ) -> [HostilePowers<Suite>] {
        typealias Scalar = Suite.Fr
        var powers = HostilePowers<Suite>(power: 2, using: &generator)
        let delta = Scalar.random(using: &generator)
        let (tau, other) = (Scalar.random(using: &generator), Scalar.random(using: &generator))
        switch check {
        case .generators:
            // s·τ^i in G1 and (s·τ)^i/s in G2 agree with each other.
            let tau = powers.tau1[1]
            powers.tau1 = powers.tau1.map { $0 * delta }
            powers.tau2 = (0..<4).map { delta.inverse()! * (delta * tau).power(UInt64($0)) }
            return [powers]
        case .tauPowers1:
            powers.tau1[3] += delta
            return [powers]
        case .tauPowers2:
            powers.tau2[2] += delta
            return [powers]
        case .alphaPowers:
            powers.alphas[1] += delta
            var zero = HostilePowers<Suite>(power: 2, using: &generator)
            zero.alphas = [.zero, .zero, .zero, .zero]
            return [powers, zero]
        case .betaPowers:
            powers.betas[3] += delta
            return [powers]
        case .sameBeta:
            powers.beta2 += delta
            return [powers]
        case .openPowers:
            return [
                HostilePowers(
                    power: 2, tau: EvaluationDomain<Scalar>.root(log: 2), alpha: delta, beta: delta.squared()),
                HostilePowers(
                    power: 2, tau: EvaluationDomain<Scalar>.root(log: 3), alpha: delta, beta: delta.squared()),
                HostilePowers(power: 2, tau: delta, alpha: -.one, beta: delta.squared()),
                HostilePowers(power: 2, tau: delta, alpha: delta, beta: .one),
            ]
                + [
                    // α or β is a power of τ, or one has to do with the other: the file itself has the points
                    // to forge with.
                    (tau, tau, other), (tau, -tau.power(3), other), (tau, tau.inverse()!, other),
                    (tau, other, tau), (tau, other, -tau.power(2)), (tau, other, other),
                    (tau, other, -other), (tau, other * tau, other), (tau, other, other * tau),
                    (tau, other, other.inverse()!), (tau, other, -other.inverse()!),
                ].map { HostilePowers<Suite>(power: 2, tau: $0, alpha: $1, beta: $2) }
                // Their product is a power that the file has, up to τ^(2n − 2).
                + (0...6).flatMap { exponent in
                    [Scalar.one, -.one].map { sign in
                        HostilePowers<Suite>(
                            power: 2, tau: tau, alpha: other,
                            beta: sign * tau.power(UInt64(exponent)) * other.inverse()!)
                    }
                }
        case .lagrangeTau1: powers.shift(.lagrangeTau1, log: 2, degree: 1, by: delta)
        case .lagrangeTau2: powers.shift(.lagrangeTau2, log: 2, degree: 3, by: delta)
        case .lagrangeAlpha: powers.shift(.lagrangeAlphaTau1, log: 2, degree: 0, by: delta)
        case .lagrangeBeta: powers.shift(.lagrangeBetaTau1, log: 2, degree: 2, by: delta)
        case .doubledLagrange:
            powers.shift(.lagrangeTau1, log: 3, degree: 2, by: delta)
            return [powers, HostilePowers(power: 2, last: .anything(delta), using: &generator)]
        case .powersInSubgroup:
            // In G1 of BN254 every point of the curve is in the subgroup.
            guard Suite.id == .bls12381 else { return [] }
            powers.strangers[.alphaTau1] = [1: pointOfOrderThree(suite, using: &generator)]
        default: return []
        }
        return [powers]
    }

    private static let checksOfPowers: [SetupCheck] = [
        .generators, .tauPowers1, .tauPowers2, .alphaPowers, .betaPowers, .sameBeta, .openPowers,
        .lagrangeTau1, .lagrangeTau2, .lagrangeAlpha, .lagrangeBeta, .doubledLagrange, .powersInSubgroup,
    ]

    private func check<Suite: ComputeSuite>(_ check: SetupCheck, _ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh()
        for (number, powers) in passing(without: check, suite, using: &generator).enumerated() {
            #expect(throws: PowersOfTau<Suite>.Unusable.self, "\(check), file \(number)") {
                try powers.read(log: 2, parallel, using: &generator)
            }
            // A random sum does not see what has order 3 in one case of three.
            let passes = (0..<(check == .powersInSubgroup ? 100 : 1)).contains { _ in
                (try? powers.read(log: 2, without: check, parallel, using: &generator)) != nil
            }
            #expect(passes, "\(check), file \(number) is refused without the check as well")
        }
    }

    @Test(arguments: checksOfPowers) func eachCheckIsNeeded(_ check: SetupCheck) throws {
        try self.check(check, BN254.self)
        try self.check(check, BLS12381.self)
    }
}
