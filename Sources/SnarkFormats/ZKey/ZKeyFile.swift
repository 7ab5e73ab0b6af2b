// SPDX-License-Identifier: Apache-2.0

import Curves
package import Groth16

/// A proving key file of snarkjs (`.zkey`), checked for structure: header, every section there, every length
/// exact.
///
/// The contents of points and coefficients are not looked at; `Groth16ZKey` does that.
public struct ZKeyFile: Sendable {
    /// What sections 1 and 2 say.
    public let header: ZKeyHeader
    /// The contributions to the second phase of the setup; `nil` where the file has no such section.
    public let contributionCount: Int?
    /// The number of commitments; none but in keys of circuits that have some.
    public let commitmentCount: Int
    /// What makes challenges of the commitments; `nil` where there are none, or the number is not known.
    package let commitmentHash: CommitmentHash?
    /// The number of coefficients of the matrices A and B; `nil` for plonk and fflonk.
    public let coefficientCount: Int?
    let container: BinaryContainer
    /// Where the points of the verification key start in the file.
    let verificationKeyOffset: Int

    /// The file itself.
    public var file: MappedFile { container.file }

    /// Reads headers and section table only.
    ///
    /// - Complexity: O(1) in the size of the file.
    /// - Throws: whatever is wrong with the container, the header or a section's length.
    public init(_ file: MappedFile) throws(FormatError) {
        var container = try BinaryContainer(file, magic: "zkey", versions: 1...1, names: [1: "proof system"])
        // The names of the sections depend on the proof system, which only section 1 tells.
        let section = try container.require(1)
        if section.count == 4 {
            var cursor = try container.cursor(section)
            container.names = Self.names(try cursor.uint32())
        }
        let (header, rest) = try ZKeyHeader.read(container)
        self.header = header
        self.container = container
        verificationKeyOffset = rest.start + rest.position
        switch header.proofSystem {
        case .groth16:
            coefficientCount = try Self.checkGroth16(container, header, commitments: 0)
            contributionCount = try Self.checkContributions(container, header.curve, section: 10)
            (commitmentCount, commitmentHash) = (0, nil)
        case .committedGroth16:
            let (g1, g2) = (header.curve.g1Size, header.curve.g2Size)
            (commitmentCount, commitmentHash) = try Self.checkCommitments(container, header)
            coefficientCount = try Self.checkGroth16(container, header, commitments: commitmentCount)
            // Two points of G1 and two of G2 for each sigma.
            contributionCount = try Self.checkContributions(
                container, header.curve, section: CommittedSections.history,
                rest: commitmentCount * (2 * g1 + 2 * g2))
        case .plonk:
            try Self.checkPlonk(container, header)
            (coefficientCount, contributionCount) = (nil, nil)
            (commitmentCount, commitmentHash) = (0, nil)
        case .fflonk:
            try Self.checkFflonk(container, header)
            (coefficientCount, contributionCount) = (nil, nil)
            (commitmentCount, commitmentHash) = (0, nil)
        }
    }

    /// The names of the sections in messages.
    private static func names(_ system: UInt32) -> [UInt32: String] {
        let groth16: [UInt32: String] = [
            3: "IC points", 4: "coefficients", 5: "A points", 6: "B1 points", 7: "B2 points", 8: "C points",
            9: "H points",
        ]
        let common: [UInt32: String] = [1: "proof system", 2: "header"]
        let own: [UInt32: String] =
            switch ProofSystem(rawValue: system) {
            case .groth16: groth16.merging([10: "contributions"]) { $1 }
            case .committedGroth16: groth16.merging(CommittedSections.names) { $1 }
            case .plonk:
                [
                    3: "additions", 4: "A map", 5: "B map", 6: "C map", 7: "Qm", 8: "Ql", 9: "Qr", 10: "Qo",
                    11: "Qc",
                    12: "sigma", 13: "Lagrange polynomials", 14: "powers of tau",
                ]
            case .fflonk:
                [
                    3: "additions", 4: "A map", 5: "B map", 6: "C map", 7: "Ql", 8: "Qr", 9: "Qm", 10: "Qo",
                    11: "Qc",
                    12: "sigma1", 13: "sigma2", 14: "sigma3", 15: "Lagrange polynomials", 16: "powers of tau",
                    17: "C0",
                ]
            case nil: [:]
            }
        return common.merging(own) { $1 }
    }

    // Counts are below 2^32 and sizes below 2^8, so products fit UInt64 easily.

    private static func checkGroth16(
        _ container: BinaryContainer, _ header: ZKeyHeader, commitments: Int
    ) throws(FormatError) -> Int {
        let (g1, g2) = (UInt64(header.curve.g1Size), UInt64(header.curve.g2Size))
        let variables = UInt64(header.variableCount)
        let publics = UInt64(header.publicCount)
        try container.require(3, count: (publics + 1 + UInt64(commitments)) * g1)
        let section = try container.require(4)
        var cursor = try container.cursor(section, limit: 4)
        let count = try cursor.uint32()
        let recordSize = UInt64(12 + header.curve.scalarSize)
        try container.require(4, count: 4 + UInt64(count) * recordSize)
        try container.require(5, count: variables * g1)
        try container.require(6, count: variables * g1)
        try container.require(7, count: variables * g2)
        try container.require(8, count: (variables - publics - 1) * g1)
        try container.require(9, count: UInt64(header.domainSize) * g1)
        return Int(count)
    }

    /// The number of commitments, for each of which section 101 has a point of G2 and three counts at least;
    /// the two tables of their bases have one length. `CommittedZKey` reads the lists.
    private static func checkCommitments(
        _ container: BinaryContainer, _ header: ZKeyHeader
    ) throws(FormatError) -> (count: Int, hash: CommitmentHash?) {
        let (g1, g2) = (UInt64(header.curve.g1Size), UInt64(header.curve.g2Size))
        let section = try container.require(CommittedSections.commitments)
        var cursor = try container.cursor(section, limit: 8)
        let number = try cursor.uint32()
        let count = UInt64(try cursor.uint32())
        let least = 8 + g2 + count * (g2 + 12)
        guard count > 0 else {
            throw cursor.error(.countMismatch(what: "commitments, at least,", expected: 1, found: 0), at: 4)
        }
        guard UInt64(section.count) >= least else {
            throw cursor.error(.truncated(needed: least, available: UInt64(section.count)), at: 4)
        }
        // As many wires as the section has room for.
        let bases = UInt64(try container.require(CommittedSections.bases).count)
        guard bases % g1 == 0, bases / g1 <= (UInt64(section.count) - least) / 4 else {
            throw container.error(
                .sectionLength(expected: (UInt64(section.count) - least) / 4 * g1, found: bases),
                section: CommittedSections.bases)
        }
        try container.require(CommittedSections.sigmaBases, count: bases)
        return (Int(count), CommittedSections.hashes.first { $0.number == number }?.hash)
    }

    /// Walks over section 10: 64 bytes of circuit hash, u32 count, then for each contribution three G1
    /// points, a G2 point, 64 bytes of transcript, u32 kind, u32 length and as many bytes of parameters.
    /// Where there are commitments, it is another section, and `rest` bytes follow.
    private static func checkContributions(
        _ container: BinaryContainer, _ curve: CurveID, section id: UInt32, rest: Int = 0
    ) throws(FormatError) -> Int? {
        guard let section = container.find(id) else { return nil }
        let fixedSize = 3 * curve.g1Size + curve.g2Size + 64 + 8
        guard section.count >= 68 else {
            throw container.error(.truncated(needed: 68, available: UInt64(section.count)), section: id)
        }
        let count = try container.uint32(at: section.offset + 64)
        var position = 68
        for index in 0..<Int(count) {
            guard section.count - position >= fixedSize else {
                throw container.error(
                    .truncated(needed: UInt64(fixedSize), available: UInt64(section.count - position)),
                    section: id,
                    offset: section.offset + position, index: index)
            }
            position += fixedSize
            let length = try container.uint32(at: section.offset + position - 4)
            guard UInt64(length) + UInt64(rest) <= UInt64(section.count - position) else {
                throw container.error(
                    .truncated(
                        needed: UInt64(length) + UInt64(rest), available: UInt64(section.count - position)),
                    section: id,
                    offset: section.offset + position, index: index)
            }
            position += Int(length) + rest
        }
        try container.require(id, count: UInt64(position))
        return Int(count)
    }

    private static func checkGates(_ container: BinaryContainer, _ header: ZKeyHeader) throws(FormatError) {
        let scalar = UInt64(header.curve.scalarSize)
        try container.require(3, count: UInt64(header.additionCount) * (8 + 2 * scalar))
        for id: UInt32 in 4...6 { try container.require(id, count: UInt64(header.constraintCount ?? 0) * 4) }
        // Each polynomial as n coefficients and 4n evaluations.
        for id: UInt32 in 7...11 { try container.require(id, count: polynomialSize(header)) }
    }

    private static func polynomialSize(_ header: ZKeyHeader) -> UInt64 {
        5 * UInt64(header.domainSize) * UInt64(header.curve.scalarSize)
    }

    private static func checkPlonk(_ container: BinaryContainer, _ header: ZKeyHeader) throws(FormatError) {
        try checkGates(container, header)
        let polynomial = polynomialSize(header)
        try container.require(12, count: 3 * polynomial)
        try container.require(13, count: UInt64(max(header.publicCount, 1)) * polynomial)
        try container.require(14, count: (UInt64(header.domainSize) + 6) * UInt64(header.curve.g1Size))
    }

    private static func checkFflonk(_ container: BinaryContainer, _ header: ZKeyHeader) throws(FormatError) {
        try checkGates(container, header)
        let polynomial = polynomialSize(header)
        for id: UInt32 in 12...14 { try container.require(id, count: polynomial) }
        try container.require(15, count: UInt64(max(header.publicCount, 1)) * polynomial)
        let domain = UInt64(header.domainSize)
        try container.require(16, count: (9 * domain + 18) * UInt64(header.curve.g1Size))
        try container.require(17, count: 8 * domain * UInt64(header.curve.scalarSize))
    }
}
