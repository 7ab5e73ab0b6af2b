// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves

/// What a key of a setup gives away by itself, so that anybody can forge proofs under it.
public enum OpenSecret: Sendable, Hashable, CustomStringConvertible {
    /// δ is γ or −γ: nobody has contributed to the second phase.
    case deltaIsGamma
    /// δ is what beacons made of it, and everybody can repeat them: nobody else has contributed.
    case onlyBeacons
    /// α is 1 or −1: nobody has contributed to the powers of tau.
    case alphaIsOne
    /// β is 1 or −1: nobody has contributed to the powers of tau.
    case betaIsOne
    /// Two secrets that should have nothing to do with each other are the same, but for the sign; says which.
    case related(String)
    /// A public input that is bound by nothing, from 1: its point is the identity, so a proof for one value
    /// is a proof for all.
    case unboundInput(Int)
    /// Two public inputs, from 1, of which the sum or the difference alone is bound: their points are equal
    /// but for the sign.
    case inputsOfOnePoint(Int, Int)

    /// Half a sentence, to stand behind the key's name.
    public var description: String {
        switch self {
        case .deltaIsGamma: "delta is gamma: nobody has contributed to this key, and anybody can forge proofs"
        case .onlyBeacons:
            "nobody but beacons has contributed to this key, which everybody can repeat, and anybody can forge proofs"
        case .alphaIsOne:
            "alpha is 1: nobody has contributed to its powers of tau, and anybody can forge proofs"
        case .betaIsOne:
            "beta is 1: nobody has contributed to its powers of tau, and anybody can forge proofs"
        case .related(let which): "\(which): anybody can forge proofs"
        case .inputsOfOnePoint(let first, let second):
            "of public inputs \(first) and \(second) the sum or the difference alone is bound (their IC points are equal but for the sign): a proof for one pair of values is a proof for others"
        case .unboundInput(let number):
            "public input \(number) is bound by nothing (its IC point is the identity): a proof for one value is a proof for all"
        }
    }
}

extension VerifyingKey {
    /// What the key gives away, as far as it can be seen without work.
    ///
    /// The forgeries, with IC(x) for the public part: δ = ±γ: (α, β, ∓IC(x)). α = ±1 or β = ±1: A = ±β·G1 or
    /// ±α·G1, plus IC(x), B = G2, C = 0, as those points are in every proving key. δ = ±β: A = IC(x), B = γ,
    /// C = ∓α. γ = ±β: A = ±α + IC(x), B = γ, C = 0. With β·G1, which proving keys and gnark's verification
    /// keys have: δ = ±α: A = IC(x), B = γ, C = ∓β; γ = ±α: A = ±β + IC(x), B = γ, C = 0. α·β = ±γ, or ±1,
    /// which γ is in all keys of ours: A = ±G1 + IC(x), B = γ, C = 0. α·β = ±δ: A = IC(x), B = γ, C = ∓G1.
    /// α = ±β lets A and B have assignments of their own with one sum. α = ±ICᵢ: for inputs with which the
    /// other points cancel, so that IC(x) = k·α (for IC₀: all are 0), A = α, B = β + k·γ, C = 0. That `nil`
    /// comes back says nothing of whoever made the setup.
    ///
    /// - Complexity: twelve checks of two pairings at most.
    public var openSecret: OpenSecret? { openSecret(boundByPoints: Array(ic.indices.dropFirst())) }

    /// The same.
    ///
    /// - Parameter inputs: the public inputs, from 1, that nothing binds but their points.
    func openSecret(boundByPoints inputs: [Int]) -> OpenSecret? {
        let (one, one2) = (Suite.G1.generator, Suite.G2.generator)
        if delta2.x == gamma2.x { return .deltaIsGamma }
        if alpha1.x == one.x { return .alphaIsOne }
        if beta2.x == one2.x { return .betaIsOne }
        if delta2.x == beta2.x { return .related("delta is beta") }
        if gamma2.x == beta2.x { return .related("gamma is beta") }
        func areEqual(
            _ a: (Affine<Suite.G1>, Affine<Suite.G2>), _ b: (Affine<Suite.G1>, Affine<Suite.G2>)
        ) -> Bool {
            [b.0, -b.0].contains { sign in
                Suite.isPairingProductOne([(a.0, Suite.prepare(a.1)), (sign, Suite.prepare(b.1))])
            }
        }
        if areEqual((alpha1, one2), (one, beta2)) { return .related("alpha is beta") }
        if areEqual((alpha1, one2), (one, delta2)) { return .related("delta is alpha") }
        if areEqual((alpha1, one2), (one, gamma2)) { return .related("gamma is alpha") }
        if areEqual((alpha1, beta2), (one, one2)) { return .related("the product of alpha and beta is 1") }
        if areEqual((alpha1, beta2), (one, delta2)) {
            return .related("the product of alpha and beta is delta")
        }
        if areEqual((alpha1, beta2), (one, gamma2)) {
            return .related("the product of alpha and beta is gamma")
        }
        if let index = ic.firstIndex(where: { $0.x == alpha1.x }) {
            return .related("alpha is IC[\(index)]")
        }
        if let input = ic.dropFirst().firstIndex(where: \.isIdentity) { return .unboundInput(input) }
        var seen: [Suite.Fp: Int] = [:]
        for input in inputs {
            if let other = seen.updateValue(input, forKey: ic[input].x) {
                return .inputsOfOnePoint(other, input)
            }
        }
        return nil
    }
}
