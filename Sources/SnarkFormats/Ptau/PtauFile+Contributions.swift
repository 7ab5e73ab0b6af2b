// SPDX-License-Identifier: Apache-2.0

import Curves

/// A contribution to a ceremony of powers of tau, as section 7 of a ptau file records it: what tells it from
/// others.
public struct PtauContribution: Hashable, Sendable {
    /// τ·G1 after the contribution, as it stands in the file.
    public var tau1: [UInt8]
    /// The contributor's public key: s·G1 and x·s·G1 for each of τ, α and β, and x times a point of G2 for
    /// each, as they stand in the file.
    public var publicKey: [UInt8]
}

extension PtauFile {
    // For each contribution: tau·G1, tau·G2, alpha·G1, beta·G1, beta·G2; the public key (six points of G1,
    // three of G2); the state of a hash (216 bytes), the next challenge (64), u32 type, u32 length and as
    // many bytes of parameters.

    /// Walks over section 7 and demands that it holds as many contributions as it says.
    static func checkContributions(
        _ container: BinaryContainer, _ curve: CurveID
    ) throws(FormatError) -> Int {
        let section = try container.require(7)
        var head = try container.cursor(section, limit: 4)
        let count = try head.uint32()
        let fixedSize = 9 * curve.g1Size + 5 * curve.g2Size + 216 + 64 + 8
        guard UInt64(count) * UInt64(fixedSize) <= UInt64(section.count - 4) else {
            throw container.error(
                .truncated(
                    needed: UInt64(count) * UInt64(fixedSize), available: UInt64(section.count - 4)),
                section: 7)
        }
        var position = 4
        for index in 0..<Int(count) {
            guard section.count - position >= fixedSize else {
                throw container.error(
                    .truncated(needed: UInt64(fixedSize), available: UInt64(section.count - position)),
                    section: 7, offset: section.offset + position, index: index)
            }
            position += fixedSize
            let length = try container.uint32(at: section.offset + position - 4)
            guard UInt64(length) <= UInt64(section.count - position) else {
                throw container.error(
                    .truncated(needed: UInt64(length), available: UInt64(section.count - position)),
                    section: 7, offset: section.offset + position, index: index)
            }
            position += Int(length)
        }
        try container.require(7, count: UInt64(position))
        return Int(count)
    }

    /// The contributions that the file lists, in their order. They are not verified.
    ///
    /// - Throws: what cannot be read.
    public func contributions() throws(FormatError) -> [PtauContribution] {
        let section = try container.require(7)
        let (g1, g2) = (curve.g1Size, curve.g2Size)
        var position = section.offset + 4
        var result: [PtauContribution] = []
        for _ in 0..<contributionCount {
            let tau1 = try container.file.read(at: position, count: g1)
            position += 3 * g1 + 2 * g2
            let publicKey = try container.file.read(at: position, count: 6 * g1 + 3 * g2)
            position += 6 * g1 + 3 * g2 + 216 + 64 + 8
            position += Int(try container.uint32(at: position - 4))
            result.append(PtauContribution(tau1: tau1, publicKey: publicKey))
        }
        return result
    }

    /// The exponent i ≥ 1 of the first power τ^i·G1 of the file that has the same x as the first power of
    /// another file: then the secret of the other is ±τ^i. `nil` where there is none.
    ///
    /// - Precondition: both files are on one curve.
    /// - Throws: what cannot be read.
    public func exponent(ofFirstPowerOf other: PtauFile) throws(FormatError) -> Int? {
        precondition(curve == other.curve)
        let (stride, size) = (curve.g1Size, curve.g1Size / 2)
        // A file of power 0 has no first power.
        guard other.power > 0 else { return nil }
        return try other.container.withBytes(of: 2) { other throws(FormatError) in
            let wanted = other.extracting(stride..<stride + size)
            return try container.withBytes(of: 2) { own in
                (1..<own.byteCount / stride).first {
                    own.extracting($0 * stride..<$0 * stride + size).elementsEqual(wanted)
                }
            }
        }
    }

    /// The least i ≥ 1 for which the file's own powers say that τ^i is 1 or −1.
    ///
    /// - Throws: what cannot be read.
    public func orderOfSecret() throws(FormatError) -> Int? {
        let (stride, size) = (curve.g1Size, curve.g1Size / 2)
        return try container.withBytes(of: 2) { own in
            let wanted = own.extracting(first: size)
            return (1..<own.byteCount / stride).first {
                own.extracting($0 * stride..<$0 * stride + size).elementsEqual(wanted)
            }
        }
    }

    /// Whether the last contribution that is listed leads to the powers of the file.
    ///
    /// - Throws: what cannot be read.
    public func contributionsLeadToPowers() throws(FormatError) -> Bool {
        guard let last = try contributions().last else { return true }
        // A file of power 0 has no powers that they could lead to.
        guard power > 0 else { return false }
        let stride = curve.g1Size
        return try container.withBytes(of: 2) { own in
            own.extracting(stride..<2 * stride).elementsEqual(last.tau1.span.bytes)
        }
    }
}
