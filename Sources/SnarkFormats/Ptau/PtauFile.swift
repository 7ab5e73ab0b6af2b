public import Curves

/// A powers-of-tau file of snarkjs (`.ptau`), checked for structure: header, every section there, every length exact.
///
/// The points are not looked at.
public struct PtauFile: Sendable {
    /// The curve of the points.
    public let curve: CurveID
    /// The file serves circuits of up to 2^power constraints.
    public let power: Int
    /// The power of the ceremony that the file comes from: above `power` for a truncated file.
    public let ceremonyPower: Int
    /// The contributions to the ceremony that the file lists.
    public let contributionCount: Int
    /// True when the file is prepared for the second phase, with the Lagrange points of sections 12 to 15.
    public let isPrepared: Bool

    private static let names: [UInt32: String] = [
        1: "header", 2: "tau G1", 3: "tau G2", 4: "alpha tau G1", 5: "beta tau G1", 6: "beta G2",
        7: "contributions",
        12: "Lagrange tau G1", 13: "Lagrange tau G2", 14: "Lagrange alpha tau G1", 15: "Lagrange beta tau G1",
    ]
    /// No supported field has roots of unity beyond.
    private static let powerLimit: UInt32 = 32

    /// Reads the header and checks the structure.
    ///
    /// - Complexity: O(1) in the size of the file.
    /// - Throws: whatever is wrong with the container, the header or a section's length.
    public init(_ file: MappedFile) throws(FormatError) {
        let container = try BinaryContainer(file, magic: "ptau", versions: 1...1, names: Self.names)
        var header = try container.cursor(container.require(1))
        curve = try header.basePrime()
        let at = header.position
        let power = try header.uint32()
        let ceremonyPower = try header.uint32()
        try header.finish()
        guard power <= Self.powerLimit, ceremonyPower >= power, ceremonyPower <= Self.powerLimit else {
            throw header.error(
                .inconsistentHeader("a power of \(power) from a ceremony of \(ceremonyPower) is impossible"),
                at: at)
        }
        self.power = Int(power)
        self.ceremonyPower = Int(ceremonyPower)
        let (g1, g2, n) = (UInt64(curve.g1Size), UInt64(curve.g2Size), UInt64(1) << UInt64(power))
        try container.require(2, count: (2 * n - 1) * g1)
        try container.require(3, count: n * g2)
        try container.require(4, count: n * g1)
        try container.require(5, count: n * g1)
        try container.require(6, count: g2)
        let contributions = try container.cursor(container.require(7), limit: 4)
        var reader = contributions
        contributionCount = Int(try reader.uint32())
        // Each contribution holds at least its three public keys.
        guard contributionCount <= contributions.sectionCount / Int(g1) else {
            throw contributions.error(
                .truncated(
                    needed: UInt64(contributionCount) * g1, available: UInt64(contributions.sectionCount)))
        }
        isPrepared = (12...15).contains { container.find($0) != nil }
        if isPrepared {
            // Points for p = 0 … power one after another; section 12 has one power more.
            try container.require(12, count: (4 * n - 1) * g1)
            try container.require(13, count: (2 * n - 1) * g2)
            try container.require(14, count: (2 * n - 1) * g1)
            try container.require(15, count: (2 * n - 1) * g1)
        }
    }
}
