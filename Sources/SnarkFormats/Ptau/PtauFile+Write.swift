// SPDX-License-Identifier: Apache-2.0

import Compute
public import Curves
public import EllipticCurves
import FiniteFields

/// All sections of points of a ptau file that is prepared for the second phase, for a power k and n = 2^k.
public struct PtauSections<Suite: CurveSuite>: Sendable {
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

    /// Sections, which are not checked.
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

extension PtauFile {
    /// Writes powers of tau as snarkjs does (format version 1), without contributions: nobody vouches for
    /// them.
    ///
    /// - Precondition: the sections have the lengths for `power`.
    /// - Throws: `.cannotWrite`, with the file as it was before.
    public static func write<Suite: CurveSuite>(
        _ sections: PtauSections<Suite>, power: Int, to path: String
    ) throws(FormatError) {
        let n = 1 << power
        precondition(sections.tau1.count == 2 * n - 1 && sections.tau2.count == n)
        precondition(sections.alphaTau1.count == n && sections.betaTau1.count == n)
        precondition(sections.lagrangeTau1.count == 4 * n - 1 && sections.lagrangeTau2.count == 2 * n - 1)
        precondition(
            sections.lagrangeAlphaTau1.count == 2 * n - 1 && sections.lagrangeBetaTau1.count == 2 * n - 1)
        let writer = try BinaryWriter(path: path, magic: "ptau", version: 1, sections: 11)
        try writer.section(1) { () throws(FormatError) in
            try writer.write(UInt32(Suite.Fp.byteCount))
            try writer.write(Suite.Fp.modulus)
            try writer.write(UInt32(power))
            try writer.write(UInt32(power))
        }
        func points<Group>(_ id: Points, _ points: [Affine<Group>]) throws(FormatError) {
            let table = PointTable(points)
            try writer.section(id.rawValue) { () throws(FormatError) in try writer.write(table.bytes) }
            withExtendedLifetime(table.owner) {}
        }
        try points(.tau1, sections.tau1)
        try points(.tau2, sections.tau2)
        try points(.alphaTau1, sections.alphaTau1)
        try points(.betaTau1, sections.betaTau1)
        try points(.beta2, [sections.beta2])
        try writer.section(7) { () throws(FormatError) in try writer.write(UInt32(0)) }
        try points(.lagrangeTau1, sections.lagrangeTau1)
        try points(.lagrangeTau2, sections.lagrangeTau2)
        try points(.lagrangeAlphaTau1, sections.lagrangeAlphaTau1)
        try points(.lagrangeBetaTau1, sections.lagrangeBetaTau1)
        try writer.finish()
    }
}
