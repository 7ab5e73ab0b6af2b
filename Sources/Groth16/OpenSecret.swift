import EllipticCurves

/// A secret of a setup that a verifying key itself gives away, so that anybody can forge proofs under it.
public enum OpenSecret: Sendable, Hashable, CustomStringConvertible {
    /// δ is γ or −γ: nobody has contributed to the second phase.
    case deltaIsGamma
    /// α or β is 1 or −1: nobody has contributed to the powers of tau.
    case alphaIsOne
    case betaIsOne

    /// Half a sentence, to stand behind the key's name.
    public var description: String {
        switch self {
        case .deltaIsGamma: "delta is gamma: nobody has contributed to this key, and anybody can forge proofs"
        case .alphaIsOne:
            "alpha is 1: nobody has contributed to its powers of tau, and anybody can forge proofs"
        case .betaIsOne:
            "beta is 1: nobody has contributed to its powers of tau, and anybody can forge proofs"
        }
    }
}

extension VerifyingKey {
    /// The secret that the key gives away, if it gives one away that can be seen without work.
    ///
    /// With δ = ±γ a forger subtracts the public part in C: A = α, B = β, C = ∓IC(x). With α = ±1, B = ±1 and A = β + IC(x), as β·G1 is in every proving
    /// key; likewise with β. That `nil` comes back says nothing of whoever made the setup.
    public var openSecret: OpenSecret? {
        if delta2.x == gamma2.x { return .deltaIsGamma }
        if alpha1.x == Suite.G1.generator.x { return .alphaIsOne }
        if beta2.x == Suite.G2.generator.x { return .betaIsOne }
        return nil
    }
}
