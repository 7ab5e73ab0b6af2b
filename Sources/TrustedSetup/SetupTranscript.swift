// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves

/// A contribution to the second phase of a setup, as keys record it in their history.
public struct SetupContribution<Suite: CurveSuite>: Hashable, Sendable {
    /// δ·G1 after the contribution.
    public var deltaAfter: Affine<Suite.G1>
    /// A random point s·G1.
    public var g1S: Affine<Suite.G1>
    /// x·s·G1 for the contribution's secret factor x.
    public var g1SX: Affine<Suite.G1>
    /// x times the point of G2 that the transcript leads to.
    public var g2SPX: Affine<Suite.G2>
    /// The hash of all before, 64 bytes.
    public var transcript: [UInt8]
    /// 0 for a contribution of somebody, 1 for a beacon.
    public var kind: UInt32
    /// What else is recorded, in snarkjs' bytes: the contributor's name, a beacon's value (see `name` and
    /// `beacon`).
    public var parameters: [UInt8]

    /// A contribution as it was recorded; nothing is checked.
    public init(
        deltaAfter: Affine<Suite.G1>, g1S: Affine<Suite.G1>, g1SX: Affine<Suite.G1>, g2SPX: Affine<Suite.G2>,
        transcript: [UInt8], kind: UInt32, parameters: [UInt8]
    ) {
        self.deltaAfter = deltaAfter
        self.g1S = g1S
        self.g1SX = g1SX
        self.g2SPX = g2SPX
        self.transcript = transcript
        self.kind = kind
        self.parameters = parameters
    }

    /// The parameters that hold a name, of which at most 64 bytes are kept, and whole characters only.
    public static func parameters(name: String) -> [UInt8] {
        let bytes = Array(name.prefix(utf8: 64).utf8)
        return bytes.isEmpty ? [] : [1, UInt8(bytes.count)] + bytes
    }
}

/// The history of a key's second phase.
public struct SetupTranscript<Suite: CurveSuite>: Hashable, Sendable {
    /// Blake2b-512 over the key before any contribution.
    public var circuitHash: [UInt8]
    /// The contributions, in their order.
    public var contributions: [SetupContribution<Suite>]

    /// A history as it is given; nothing is checked.
    public init(circuitHash: [UInt8], contributions: [SetupContribution<Suite>]) {
        self.circuitHash = circuitHash
        self.contributions = contributions
    }
}
