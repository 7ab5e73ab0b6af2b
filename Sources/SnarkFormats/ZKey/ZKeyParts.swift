// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import TrustedSetup

/// What zkeys of Groth16 have in common, with and without commitments.
extension BinaryWriter {
    /// The beginning of section 2: both primes, and the counts.
    func writeHeader<Suite: CurveSuite>(of _: Suite.Type, counts: [Int]) throws(FormatError) {
        try write(UInt32(Suite.Fp.byteCount))
        try write(Suite.Fp.modulus)
        try write(UInt32(Suite.Fr.byteCount))
        try write(Suite.Fr.modulus)
        for count in counts { try write(UInt32(count)) }
    }

    /// Sections 4 to 9.
    func writeTables<G1: CurveGroup, G2: CurveGroup, Scalar: PrimeField>(
        _ coefficients: CoefficientMatrices<Scalar>, a: PointTable<G1>, b1: PointTable<G1>,
        b2: PointTable<G2>, c: PointTable<G1>, h: PointTable<G1>
    ) throws(FormatError) {
        try section(4) { () throws(FormatError) in
            try write(UInt32(coefficients.count))
            try write(coefficients.bytes)
        }
        try section(5) { () throws(FormatError) in try write(a.bytes) }
        try section(6) { () throws(FormatError) in try write(b1.bytes) }
        try section(7) { () throws(FormatError) in try write(b2.bytes) }
        try section(8) { () throws(FormatError) in try write(c.bytes) }
        try section(9) { () throws(FormatError) in try write(h.bytes) }
    }

    /// A contribution as it stands in a history.
    func write<Suite: CurveSuite>(_ contribution: SetupContribution<Suite>) throws(FormatError) {
        try write(contribution.deltaAfter)
        try write(contribution.g1S)
        try write(contribution.g1SX)
        try write(contribution.g2SPX)
        try write(contribution.transcript)
        try write(contribution.kind)
        try write(UInt32(contribution.parameters.count))
        try write(contribution.parameters)
    }
}

/// Reads a history, whose points it checks to be on the curve and in the subgroup.
struct HistoryCursor<Suite: CurveSuite> {
    var cursor: Cursor
    private let container: BinaryContainer
    private let section: BinaryContainer.Section

    /// - Throws: `.missingSection`.
    init(_ container: BinaryContainer, section id: UInt32) throws(FormatError) {
        self.container = container
        section = try container.require(id)
        cursor = try container.cursor(section, limit: section.count)
    }

    /// A point, of contribution `index`.
    mutating func point<Group: CurveGroup>(_: Group.Type, index: Int) throws(FormatError) -> Affine<Group> {
        let at = cursor.position
        let bytes = try cursor.take(MemoryLayout<Affine<Group>>.stride)
        let fault = PointValidation<Group, Suite.Fp>.firstFault(in: bytes.span.bytes, threads: 1)
        let point = bytes.span.bytes.unsafeLoadUnaligned(as: Affine<Group>.self)
        if let reason = fault?.reason ?? (Group.isInSubgroup(point) ? nil : .pointNotInSubgroup) {
            throw container.error(reason, section: section.id, offset: section.offset + at, index: index)
        }
        return point
    }

    /// Contribution `index`.
    mutating func contribution(_ index: Int) throws(FormatError) -> SetupContribution<Suite> {
        SetupContribution(
            deltaAfter: try point(Suite.G1.self, index: index), g1S: try point(Suite.G1.self, index: index),
            g1SX: try point(Suite.G1.self, index: index), g2SPX: try point(Suite.G2.self, index: index),
            transcript: try cursor.take(64), kind: try cursor.uint32(),
            parameters: try cursor.take(Int(try cursor.uint32())))
    }
}
