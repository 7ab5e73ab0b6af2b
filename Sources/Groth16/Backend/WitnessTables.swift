// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves

/// The points of a Groth16 key that a witness is summed over.
public struct WitnessTables<Suite: CurveSuite>: Sendable {
    /// One point a wire.
    public let a: PointTable<Suite.G1>
    /// B's points in G1, one a wire.
    public let b1: PointTable<Suite.G1>
    /// B's points in G2, one a wire.
    public let b2: PointTable<Suite.G2>
    /// One point for each of the last `c.count` wires.
    public let c: PointTable<Suite.G1>

    /// Takes the tables of one key.
    public init(
        a: PointTable<Suite.G1>, b1: PointTable<Suite.G1>, b2: PointTable<Suite.G2>, c: PointTable<Suite.G1>
    ) {
        self.a = a
        self.b1 = b1
        self.b2 = b2
        self.c = c
    }

    /// The tables as a backend sums them, and `WitnessSums.init` takes their sums: C has the most points, B1
    /// the fewest.
    package var points: PointTables<Suite> { PointTables(g1: [c, a, b1], g2: [b2]) }

    /// - Throws: where a table does not fit a witness of so many values.
    package func check(_ witnessCount: Int) throws(ComputeError) {
        for (name, count) in [("A", a.count), ("B1", b1.count), ("B2", b2.count)] where count != witnessCount
        {
            throw .lengthMismatch(operation: "\(name) MSM", left: count, right: witnessCount)
        }
        guard c.count <= witnessCount else {
            throw .lengthMismatch(operation: "C MSM", left: c.count, right: witnessCount)
        }
        guard witnessCount < 1 << 31 else { throw .unsupportedSize(operation: "A MSM", size: witnessCount) }
    }
}

/// What `WitnessTables` sum up to.
public struct WitnessSums<Suite: CurveSuite>: Equatable, Sendable {
    /// The sum over A's points.
    public var a: Affine<Suite.G1>
    /// The sum over B's points in G1.
    public var b1: Affine<Suite.G1>
    /// The sum over B's points in G2.
    public var b2: Affine<Suite.G2>
    /// The sum over the private wires' points.
    public var c: Affine<Suite.G1>

    /// The sums of `WitnessTables.points`.
    package init(_ sums: PointSums<Suite>) {
        self.init(a: sums.g1[1], b1: sums.g1[2], b2: sums.g2[0], c: sums.g1[0])
    }

    /// Takes the four sums.
    public init(a: Affine<Suite.G1>, b1: Affine<Suite.G1>, b2: Affine<Suite.G2>, c: Affine<Suite.G1>) {
        self.a = a
        self.b1 = b1
        self.b2 = b2
        self.c = c
    }
}
