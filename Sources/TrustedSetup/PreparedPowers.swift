// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves

/// Powers of tau that are prepared for the second phase, for circuits of up to n = 2^k rows: all points of a
/// ptau file.
public struct PreparedPowers<Suite: CurveSuite>: Sendable {
    /// τ^i·G1 for i < 2n − 1.
    public var tau1: [Affine<Suite.G1>]
    /// τ^i·G2 for i < n.
    public var tau2: [Affine<Suite.G2>]
    /// α·τ^i·G1 for i < n.
    public var alphaTau1: [Affine<Suite.G1>]
    /// β·τ^i·G1 for i < n.
    public var betaTau1: [Affine<Suite.G1>]
    /// β·G2.
    public var beta2: Affine<Suite.G2>
    /// The Lagrange bases of the domains of 2^0, … 2^k one after another, in G1 with that of 2^(k + 1) behind
    /// them.
    public var lagrangeTau1: [Affine<Suite.G1>]
    /// The same of τ^i·G2.
    public var lagrangeTau2: [Affine<Suite.G2>]
    /// The same of α·τ^i·G1.
    public var lagrangeAlphaTau1: [Affine<Suite.G1>]
    /// The same of β·τ^i·G1.
    public var lagrangeBetaTau1: [Affine<Suite.G1>]

    /// Points, which are not checked.
    public init(
        tau1: [Affine<Suite.G1>], tau2: [Affine<Suite.G2>], alphaTau1: [Affine<Suite.G1>],
        betaTau1: [Affine<Suite.G1>], beta2: Affine<Suite.G2>, lagrangeTau1: [Affine<Suite.G1>],
        lagrangeTau2: [Affine<Suite.G2>], lagrangeAlphaTau1: [Affine<Suite.G1>],
        lagrangeBetaTau1: [Affine<Suite.G1>]
    ) {
        self.tau1 = tau1
        self.tau2 = tau2
        self.alphaTau1 = alphaTau1
        self.betaTau1 = betaTau1
        self.beta2 = beta2
        self.lagrangeTau1 = lagrangeTau1
        self.lagrangeTau2 = lagrangeTau2
        self.lagrangeAlphaTau1 = lagrangeAlphaTau1
        self.lagrangeBetaTau1 = lagrangeBetaTau1
    }
}
