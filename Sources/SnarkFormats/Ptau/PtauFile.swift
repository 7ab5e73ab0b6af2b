// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves

/// A powers-of-tau file of snarkjs (`.ptau`), checked for structure: header, every section there, every
/// length exact.
///
/// The points are looked at when `table` or `table2` asks for them.
public struct PtauFile: Sendable {
    /// The curve of the points.
    public let curve: CurveID
    /// The file holds powers for circuits of up to 2^power constraints.
    public let power: Int
    /// The file serves circuits of up to 2^domainPower constraints: `power`, or one less where the basis of
    /// the doubled domain is missing, which snarkjs' `powersoftau truncate` leaves out.
    public let domainPower: Int
    /// The power of the ceremony that the file comes from: above `power` for a truncated file.
    public let ceremonyPower: Int
    /// The contributions to the ceremony that the file lists.
    public let contributionCount: Int
    /// True when the file is prepared for the second phase, with the Lagrange points of sections 12 to 15.
    public let isPrepared: Bool

    let container: BinaryContainer

    private static let names: [UInt32: String] = [
        1: "header", 2: "tau G1", 3: "tau G2", 4: "alpha tau G1", 5: "beta tau G1", 6: "beta G2",
        7: "contributions",
        12: "Lagrange tau G1", 13: "Lagrange tau G2", 14: "Lagrange alpha tau G1", 15: "Lagrange beta tau G1",
    ]
    /// Files of larger powers would have more than 2^40 bytes, and BN254 has no roots of unity for them.
    private static let powerLimit: UInt32 = 32

    /// Reads the header and checks the structure.
    ///
    /// - Complexity: O(1) in the size of the file.
    /// - Throws: whatever is wrong with the container, the header or a section's length.
    public init(_ file: MappedFile) throws(FormatError) {
        let container = try BinaryContainer(file, magic: "ptau", versions: 1...1, names: Self.names)
        self.container = container
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
        contributionCount = try Self.checkContributions(container, curve)
        isPrepared = (12...15).contains { container.find($0) != nil }
        if isPrepared {
            // Points for p = 0 … power one after another; section 12 has one power more, but not in a file
            // that snarkjs' `powersoftau truncate` wrote.
            let doubled = try container.require(12)
            let isTruncated =
                power > 0 && ceremonyPower > power && UInt64(doubled.count) == (2 * n - 1) * g1
            domainPower = Int(power) - (isTruncated ? 1 : 0)
            if !isTruncated { try container.require(12, count: (4 * n - 1) * g1) }
            try container.require(13, count: (2 * n - 1) * g2)
            try container.require(14, count: (2 * n - 1) * g1)
            try container.require(15, count: (2 * n - 1) * g1)
        } else {
            domainPower = Int(power)
        }
    }

    /// What a section of points holds.
    public enum Points: UInt32, Sendable {
        /// τ^i·G1 for i < 2^(power+1) − 1.
        case tau1 = 2
        /// τ^i·G2 for i < 2^power.
        case tau2 = 3
        /// α·τ^i·G1.
        case alphaTau1 = 4
        /// β·τ^i·G1.
        case betaTau1 = 5
        /// β·G2.
        case beta2 = 6
        /// The τ^i·G1 in the Lagrange basis, for all powers one after another.
        case lagrangeTau1 = 12
        /// Those of τ^i·G2.
        case lagrangeTau2 = 13
        /// Those of α·τ^i·G1.
        case lagrangeAlphaTau1 = 14
        /// Those of β·τ^i·G1.
        case lagrangeBetaTau1 = 15
    }

    /// The points `range` of a section, checked: coordinates below the modulus, on the curve, in the
    /// subgroup.
    ///
    /// The file must be in memory, not opened with `.onDemand`; the table keeps it alive.
    ///
    /// - Precondition: the curve is the file's, the section holds points of this group, and the range is
    ///   within it.
    /// - Throws: `.missingSection` for a file that is not prepared; what is wrong with the first bad point.
    public func table<Suite: CurveSuite>(
        _ points: Points, _ range: Range<Int>, of suite: Suite.Type, threads: Int
    ) throws(FormatError) -> PointTable<Suite.G1> {
        try table(points, range, of: suite, threads: threads, checksSubgroup: true)
    }

    /// The same, where tests want it without the check of the subgroup.
    package func table<Suite: CurveSuite>(
        _ points: Points, _ range: Range<Int>, of suite: Suite.Type, threads: Int, checksSubgroup: Bool
    ) throws(FormatError) -> PointTable<Suite.G1> {
        try checked(
            points, range, PointValidation<Suite.G1, Suite.Fp>.self, threads: threads,
            areInSubgroup: { _ in !checksSubgroup })
    }

    /// The same for points of G2.
    public func table2<Suite: ComputeSuite>(
        _ points: Points, _ range: Range<Int>, of suite: Suite.Type, threads: Int
    ) throws(FormatError) -> PointTable<Suite.G2> {
        try checked(
            points, range, PointValidation<Suite.G2, Suite.Fp>.self, threads: threads,
            areInSubgroup: { SubgroupBatch<Suite>.holds($0, threads: threads) })
    }

    private func checked<Group, Base>(
        _ points: Points, _ range: Range<Int>, _ check: PointValidation<Group, Base>.Type, threads: Int,
        areInSubgroup: (PointTable<Group>) -> Bool
    ) throws(FormatError) -> PointTable<Group> {
        let section = try container.require(points.rawValue)
        let bytes = try container.memory(of: section)
        precondition(range.lowerBound >= 0 && range.upperBound * check.stride <= bytes.count)
        let part = UnsafeRawBufferPointer(
            rebasing: bytes[(range.lowerBound * check.stride)..<(range.upperBound * check.stride)])
        defer { withExtendedLifetime(container.file) {} }
        func error(_ reason: FormatError.Reason, _ index: Int) -> FormatError {
            container.error(
                reason, section: points.rawValue,
                offset: section.offset + (range.lowerBound + index) * check.stride,
                index: range.lowerBound + index)
        }
        if let fault = check.firstFault(in: part.bytes, threads: threads) {
            throw error(fault.reason, fault.index)
        }
        let table = PointTable<Group>(viewing: part, owner: container.file)
        if !areInSubgroup(table),
            let index = check.firstOutsideSubgroup((0..<table.count).map { table[$0] }, threads: threads)
        {
            throw error(.pointNotInSubgroup, index)
        }
        return table
    }
}
